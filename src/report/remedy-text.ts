import type { FoundRemedy } from '../core/found-remedy.ts';
import type { Remedy } from '../remedies/remedy.ts';
import { createPaint } from './paint.ts';

/** One remedy for people: what it is, what it means, what to do, the code before and after, where more is written. */
export function remedyText({ id, title, meaning, remedy, before, after, links }: Remedy, color: boolean): string {
  const paint = createPaint(color);
  const code = (word: string, text: string | undefined): readonly string[] =>
    text === undefined
      ? []
      : ['', paint.dim(word), ...text.split('\n').map((line) => (line === '' ? '' : `    ${line}`))];
  return [
    `${paint.bold(id)}: ${title}`,
    ...(meaning === '' ? [] : ['', ...wrapped(meaning, 100)]),
    '',
    paint.bold(remedy),
    ...code('before', before),
    ...code('after', after),
    ...(links.length === 0 ? [] : ['', ...links.map((link) => paint.dim(link))]),
  ].join('\n');
}

/** All remedies, those of one tool together, each with its title. */
export function remedyListText(entries: readonly Remedy[]): string {
  const width = Math.max(...entries.map(({ id }) => id.length));
  const blocks = [...grouped(entries).values()].map((group) =>
    group.map(({ id, title }) => `${id.padEnd(width)}  ${title}`).join('\n'),
  );
  return `${blocks.join('\n\n')}\n\nMore of one: parity explain ${entries[0]?.id ?? 'ID'}`;
}

/** What a tool's output shows, the most telling first. */
export function foundText(
  found: readonly FoundRemedy[],
  { color, isEmpty }: { readonly color: boolean; readonly isEmpty: boolean },
): string {
  if (found.length === 0)
    return isEmpty
      ? 'There was no output to read. Errors may be on stderr: put 2>&1 in front of the |'
      : 'Nothing in it is known here. parity explain lists what is';
  const paint = createPaint(color);
  return found
    .map(({ id, title, remedy, count, file, line }) => {
      const place = [file, line].filter((part) => part !== null).join(':');
      const where = [...(place === '' ? [] : [place]), ...(count > 1 ? [`${count} times`] : [])].join(', ');
      return [
        `${paint.bold(id)}: ${title}${where === '' ? '' : ` (${where})`}`,
        `  ${remedy}`,
        `  ${paint.dim(`More: parity explain ${id}`)}`,
      ].join('\n');
    })
    .join('\n');
}

/** A remedy as JSON: what it is known by, too, patterns as their source. */
export function remedyRecord({ matchers, ...entry }: Remedy): Readonly<Record<string, unknown>> {
  const known = matchers.map(({ tool, codes, pattern }) => ({
    ...(tool === undefined ? {} : { tool }),
    ...(codes === undefined ? {} : { codes }),
    ...(pattern === undefined ? {} : { says: pattern.source }),
  }));
  return { ...entry, matchers: known };
}

function toolOf({ id }: Remedy): string {
  return id.includes('/') ? id.slice(0, id.indexOf('/')) : '';
}

function grouped(entries: readonly Remedy[]): ReadonlyMap<string, readonly Remedy[]> {
  const groups = new Map<string, Remedy[]>();
  for (const entry of entries) groups.set(toolOf(entry), [...(groups.get(toolOf(entry)) ?? []), entry]);
  return groups;
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + word.length < width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
