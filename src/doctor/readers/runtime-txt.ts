import { gather } from '../gathered.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader } from '../reading.ts';
import { runtimeVersion } from '../runtime-version.ts';
import { spot } from '../../formats/scattered.ts';

/** Heroku's runtime.txt: `python-3.11.9`. */
export const readRuntimeTxt: Reader = ({ text }) => {
  const into = gather();
  const match = /^(?:\uFEFF)?\s*python-(\S+)/.exec(text);
  if (match?.[1] !== undefined) {
    const start = match[0].length - match[1].length;
    const place = spot({ text, places: placesOf(text) }, start, match[0].length);
    into.add({
      subject: 'python',
      role: 'install',
      ...runtimeVersion('python', match[1]),
      ...place,
      how: 'runtime.txt',
    });
  }
  return into.done();
};
