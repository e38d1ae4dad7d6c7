import type { KnownSecret } from '../../core/known-secrets.ts';
import { isSecretName, secretForms, tokenForms } from '../../core/secret-patterns.ts';

/** What stands where a secret stood. */
const removedText = '***';

/** One thing that was removed: where, and what it was, never the thing itself. */
export interface Removal {
  /** 1-based, in the file as it was. */
  readonly line: number;
  /** `GitHub token`, `value of variable API_KEY`, `private key` … */
  readonly kind: string;
  readonly count: number;
}

/** A text without secrets, and what was removed from it. */
export interface RedactedText {
  readonly text: string;
  /** In the text's order. */
  readonly removals: readonly Removal[];
}

/** A name that is not to be told, and what to say instead: the machine's own, the home folder. */
export interface HiddenName {
  readonly name: string;
  readonly as: string;
  readonly kind: string;
}

/** What to remove from texts. */
export interface RedactOptions {
  readonly secrets: readonly KnownSecret[];
  readonly names: readonly HiddenName[];
}

interface Found {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  readonly as: string;
}

/**
 * Makes what removes secrets from a text: known values in all their forms, what is a secret by its very form, private keys and, where
 * `assignments` says that the text is nobody's own format, whatever is assigned to a name like a secret's.
 */
export function createRedactor({
  secrets,
  names,
}: RedactOptions): (text: string, how?: { readonly assignments?: boolean }) => RedactedText {
  const values = new Map<string, string>();
  for (const { value, from } of secrets)
    for (const form of secretForms(value)) if (!values.has(form)) values.set(form, from);
  const literal = [...values.keys()].sort((a, b) => b.length - a.length).map(escaped);
  const known = literal.length === 0 ? undefined : new RegExp(literal.join('|'), 'g');
  const tokens = tokenForms.map(({ kind, source }) => ({ kind, pattern: new RegExp(source, 'g') }));
  const hidden = names.map((name) => ({
    ...name,
    pattern: new RegExp(`(?<![\\w.-])${escaped(name.name)}(?![\\w-])`, 'g'),
  }));
  return (text, { assignments = false } = {}) => {
    const found: Found[] = [...privateKeys(text)];
    const add = (pattern: RegExp, kindOf: (match: string) => string, as = removedText): void => {
      for (const match of text.matchAll(pattern))
        found.push({ start: match.index, end: match.index + match[0].length, kind: kindOf(match[0]), as });
    };
    if (known !== undefined) add(known, (form) => `value of ${values.get(form) ?? 'a secret'}`);
    for (const { kind, pattern } of tokens) add(pattern, () => kind);
    if (assignments) found.push(...assigned(text));
    for (const { kind, as, pattern } of hidden) add(pattern, () => kind, as);
    return replaced(
      text,
      found.filter(({ start, end }) => !/^\**$/.test(text.slice(start, end))),
    );
  };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** Replaces what was found; of what overlaps, the whole is one, called by what begins first. */
function replaced(text: string, found: readonly Found[]): RedactedText {
  const order = found.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const merged: Found[] = [];
  for (const one of order) {
    const last = merged.at(-1);
    if (last === undefined || one.start >= last.end) merged.push(one);
    else if (one.end > last.end) merged[merged.length - 1] = { ...last, end: one.end };
  }
  let [clean, at, line, counted] = ['', 0, 1, 0];
  const removals: Removal[] = [];
  for (const { start, end, kind, as } of merged) {
    clean += text.slice(at, start) + as;
    at = end;
    for (; counted < start; counted += 1) if (text.charCodeAt(counted) === 10) line += 1;
    const last = removals.at(-1);
    if (last?.line === line && last.kind === kind) removals[removals.length - 1] = { ...last, count: last.count + 1 };
    else removals.push({ line, kind, count: 1 });
  }
  return { text: clean + text.slice(at), removals };
}

const keyBegin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/g;
const keyEnd = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/;
const keyEnds = new RegExp(keyEnd.source, 'g');
// RSA 16384 has 13 kB.
const longestKey = 64 * 1024;

/** Private keys, those too of which a log has the beginning or the end alone; in JSON their line ends are written out. */
function privateKeys(text: string): readonly Found[] {
  const found: Found[] = [];
  const kind = 'private key';
  for (const { index: start, 0: begin } of text.matchAll(keyBegin)) {
    const rest = text.slice(start + begin.length, start + longestKey);
    const end = keyEnd.exec(rest);
    const length =
      end === null ? (/^(?:\\[nr]|[\sA-Za-z0-9+/=])*/.exec(rest)?.[0].length ?? 0) : end.index + end[0].length;
    found.push({ start, end: start + begin.length + length, kind, as: removedText });
  }
  for (const { index: at, 0: end } of text.matchAll(keyEnds)) {
    if (found.some(({ start, end: until }) => start < at && at < until)) continue;
    found.push({ start: keyLinesBefore(text, at), end: at + end.length, kind, as: removedText });
  }
  return found;
}

/** Where the lines of a key begin whose end stands here: a log may have been cut in the middle of it. */
function keyLinesBefore(text: string, end: number): number {
  let start = text.lastIndexOf('\n', end - 1) + 1;
  for (let lines = 0; lines < 400 && start > 0; lines += 1) {
    const before = text.lastIndexOf('\n', start - 2) + 1;
    const line = text.slice(before, start);
    if (line.length > 200 || !/[A-Za-z0-9+/=]{16,76}\s*$/.test(line)) break;
    start = before;
  }
  return start;
}

const strongName = /pass(?:word|wd|phrase)?$|secret|token|api_?key|credential|private_?key/i;
const plainValue = /^(?:|\*+|secret|true|false|null|none|undefined|str|int|bytes|\d{1,5}|\$.*)$/i;

/** Values that are assigned to names like a secret's: `API_KEY=…`, `"password": "…"`, `token='…'`, `?token=…`. */
function assigned(text: string): readonly Found[] {
  const forms: readonly { readonly pattern: RegExp; readonly isSecret: (name: string) => boolean }[] = [
    {
      pattern: /\b([A-Z][A-Z0-9_]{2,60})[ \t]*[=:][ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"',;}{)(]+))/g,
      isSecret: isSecretName,
    },
    { pattern: /"([A-Za-z_][\w-]{1,60})"[ \t]*:[ \t]*"((?:[^"\\\n]|\\.)*)"/g, isSecret: isSecretMember },
    { pattern: /\b([A-Za-z_]\w{1,60})[ \t]*[=:][ \t]*(?:"([^"\n]{4,})"|'([^'\n]{4,})')/g, isSecret: isStrong },
    { pattern: /[?&]([\w-]{2,60})=([^&\s"'<>]{4,})/g, isSecret: isStrong },
  ];
  return forms.flatMap(({ pattern, isSecret }) =>
    [...text.matchAll(pattern)].flatMap(({ index, 0: all, 1: name = '', 2: one, 3: two, 4: three }) => {
      const value = one ?? two ?? three ?? '';
      if (!isSecret(name) || plainValue.test(value)) return [];
      const start = index + all.lastIndexOf(value);
      return [{ start, end: start + value.length, kind: `assigned to ${name}`, as: removedText }];
    }),
  );
}

/** In lower case a `key` or an `auth` is most often something else. */
function isSecretMember(name: string): boolean {
  return isStrong(name) || (name === name.toUpperCase() && isSecretName(name));
}

function isStrong(name: string): boolean {
  return strongName.test(name);
}
