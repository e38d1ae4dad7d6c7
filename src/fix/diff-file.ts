import { isUtf8 } from 'node:buffer';
import { structuredPatch } from 'diff';
import type { FileMode } from '../workspace/file-state.ts';

/** One side of a file. */
export interface FileSide {
  readonly mode: FileMode;
  readonly data: Buffer;
}

/** How a file's two sides differ. */
export interface FileDiff {
  /** A unified diff with git's header, its lines ended by \n, as `git apply` takes it from the top; null for what is no text, or too much. */
  readonly text: string | null;
  readonly added: number;
  readonly removed: number;
  /** Why there is no text, or what it does not show well. */
  readonly remark: 'binary' | 'too-large' | 'line-endings' | null;
}

// A diff that takes longer tells nobody anything.
const patienceMs = 2000;
const mostBytes = 4 * 1024 * 1024;

/** The difference of a file's sides, of which one at least is there. Pure. */
export function diffFile(path: string, before: FileSide | undefined, after: FileSide | undefined): FileDiff {
  const header = headerOf(path, before, after);
  const [from, to] = [textOf(before), textOf(after)];
  const none = { text: null, added: 0, removed: 0 };
  if (from === undefined || to === undefined) return { ...none, remark: 'binary' };
  if (from.length + to.length > mostBytes) return { ...none, remark: 'too-large' };
  const patch = structuredPatch('', '', from, to, undefined, undefined, { context: 3, timeout: patienceMs });
  if (patch === undefined) return { ...none, remark: 'too-large' };
  const lines = patch.hunks.flatMap((hunk) => [
    `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`,
    ...hunk.lines,
  ]);
  const [old, now] = [
    before === undefined ? '/dev/null' : named(`a/${path}`),
    after === undefined ? '/dev/null' : named(`b/${path}`),
  ];
  const body = lines.length === 0 ? [] : [`--- ${old}`, `+++ ${now}`, ...lines];
  const count = (sign: string): number => lines.filter((line) => line.startsWith(sign)).length;
  const changesEndings = from !== to && withoutCr(from) === withoutCr(to);
  return {
    text: `${[...header, ...body].join('\n')}\n`,
    added: count('+'),
    removed: count('-'),
    remark: changesEndings ? 'line-endings' : null,
  };
}

function headerOf(path: string, before: FileSide | undefined, after: FileSide | undefined): readonly string[] {
  const first = `diff --git ${quoted(`a/${path}`)} ${quoted(`b/${path}`)}`;
  if (before === undefined) return [first, `new file mode ${after?.mode ?? '100644'}`];
  if (after === undefined) return [first, `deleted file mode ${before.mode}`];
  return before.mode === after.mode ? [first] : [first, `old mode ${before.mode}`, `new mode ${after.mode}`];
}

function textOf(side: FileSide | undefined): string | undefined {
  if (side === undefined) return '';
  return isUtf8(side.data) && !side.data.includes(0) ? side.data.toString('utf8') : undefined;
}

function withoutCr(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/** As git writes it: a start of 0 lines is the line before, and one line needs no number. */
function range(start: number, lines: number): string {
  return lines === 1 ? String(start) : `${lines === 0 ? Math.max(0, start - 1) : start},${lines}`;
}

/** git ends a name that has a space with a tab, so that it is not taken for a date. */
function named(path: string): string {
  const name = quoted(path);
  return name === path && path.includes(' ') ? `${path}\t` : name;
}

// The names that C has for them; others are octal.
const escapes: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
};

/** As git with core.quotePath=false: only what would break a line or the quotes is escaped. */
function quoted(path: string): string {
  // oxlint-disable-next-line no-control-regex
  const odd = /["\\\u0000-\u001F\u007F]/g;
  if (!odd.test(path)) return path;
  const octal = (character: string): string => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
  return `"${path.replace(odd, (character) => escapes[character] ?? octal(character))}"`;
}
