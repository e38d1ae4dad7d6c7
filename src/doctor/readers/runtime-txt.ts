import { createCollector } from '../collector.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader } from '../declaration.ts';
import { runtimeVersion } from '../runtime-version.ts';
import { rangeInSource } from '../../formats/mapped-text.ts';

/** Heroku's runtime.txt: `python-3.11.9`. */
export const readRuntimeTxt: Reader = ({ text }) => {
  const collector = createCollector();
  const match = /^(?:\uFEFF)?\s*python-(\S+)/.exec(text);
  if (match?.[1] !== undefined) {
    const start = match[0].length - match[1].length;
    const place = rangeInSource({ text, places: placesOf(text) }, start, match[0].length);
    collector.add({
      subject: 'python',
      role: 'install',
      ...runtimeVersion('python', match[1]),
      ...place,
      how: 'runtime.txt',
    });
  }
  return collector.collect();
};
