import type { Manifest } from '../records/bundle/manifest.ts';
import type { Paint } from './paint.ts';
import { count, size } from './words.ts';

// Whoever wants to know them all reads the manifest.
const mostRemovals = 20;

/** What a bundle will hold, for people, before it is written: its files, what was removed from them, and what is not there. */
export function bundleText({ files, removed, leftOut }: Manifest, paint: Paint): string {
  const sizes = files.map(({ bytes }) => size(bytes));
  const width = Math.max(0, ...sizes.map((text) => text.length));
  const total = removed.reduce((sum, { count: number }) => sum + number, 0);
  const shown = removed.slice(0, mostRemovals);
  return [
    paint.bold(`In the bundle, ${count(files.length, 'file')}:`),
    ...files.map(({ path }, index) => `  ${(sizes[index] ?? '').padStart(width)}  ${path}`),
    total === 0
      ? paint.bold('Nothing in them looked like a secret.')
      : paint.bold(`Removed from them, in ${count(total, 'place')}:`),
    ...shown.map(
      ({ file, line, kind, count: number }) => `  ${file}:${line}  ${kind}${number === 1 ? '' : ` (${number} times)`}`,
    ),
    ...(removed.length > shown.length
      ? [`  … and ${count(removed.length - shown.length, 'more line')}, all in manifest.json`]
      : []),
    ...(leftOut.length === 0 ? [] : [paint.bold('Not in it:')]),
    ...leftOut.map(({ what, reason }) => `  ${what}: ${reason.split('\n', 1)[0] ?? ''}`),
  ].join('\n');
}
