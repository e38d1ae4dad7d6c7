import { isDigest, type Digest } from '../../core/digest.ts';
import type { Span } from '../../core/span.ts';
import { placesOf } from '../../formats/places.ts';
import { requirementsLines, type RequirementsLine as WrittenLine } from '../../formats/requirements-file.ts';
import { nameInAddress, packageSource, sourceText, writtenSource } from './package-source.ts';

/** One logical line of a requirements file, by what pip would take it for; `raw` is the physical line it starts on. */
export type RequirementsLine = { readonly span: Span; readonly raw: string } & (
  | { readonly kind: 'requirement'; readonly text: string; readonly hashes: readonly Digest[] }
  | { readonly kind: 'include'; readonly path: string; readonly constraint: boolean }
  | { readonly kind: 'option'; readonly name: string; readonly value: string }
  /** A path instead of a package; `editable` for `-e`. */
  | { readonly kind: 'path'; readonly path: string; readonly extras: readonly string[]; readonly editable: boolean }
  /** `isSecret`: the line holds a password, so nothing shows it. */
  | { readonly kind: 'refused'; readonly message: string; readonly hint: string; readonly isSecret?: true }
);

type Meaning = RequirementsLine extends infer Line
  ? Line extends unknown
    ? Omit<Line, 'span' | 'raw'>
    : never
  : never;

/** Options that take a value, by every spelling; the value is the one that parity uses. */
const valued: Readonly<Record<string, string>> = {
  '-i': 'index-url',
  '--index-url': 'index-url',
  '--pypi-url': 'index-url',
  '--extra-index-url': 'extra-index-url',
  '-f': 'find-links',
  '--find-links': 'find-links',
  '--no-binary': 'no-binary',
  '--only-binary': 'only-binary',
  '--trusted-host': 'trusted-host',
  '--use-feature': 'use-feature',
};
const flags: Readonly<Record<string, string>> = {
  '--no-index': 'no-index',
  '--pre': 'pre',
  '--prefer-binary': 'prefer-binary',
  '--require-hashes': 'require-hashes',
};
const includes: Readonly<Record<string, boolean>> = {
  '-r': false,
  '--requirement': false,
  '-c': true,
  '--constraint': true,
};

/** What each line of a requirements file means for a lock. Pure. */
export function parseRequirementsFile(source: string): RequirementsLine[] {
  const text = source.replace(/^\uFEFF/, '');
  const places = placesOf(text);
  return requirementsLines(text).map((line) => {
    const { offsets } = line.mapped;
    const [start = 0] = offsets;
    // A continued line is shown by the piece that it begins with.
    const jump = offsets.findIndex((offset, index) => offset !== start + index);
    const piece = text.slice(start, start + (jump < 0 ? offsets.length : jump)).trimEnd();
    const lineStart = Math.max(text.lastIndexOf('\n', start - 1), text.lastIndexOf('\r', start - 1)) + 1;
    const raw = /^[^\r\n]*/.exec(text.slice(lineStart))?.[0] ?? '';
    return { span: places.span(start, start + Math.max(piece.length, 1)), raw, ...meaningOf(line) };
  });
}

function meaningOf(line: WrittenLine): Meaning {
  if (/\$\{[A-Z0-9_]+\}/.test(line.mapped.text))
    return refused(
      'it takes a value from the environment, so it means something else on every machine',
      'write the value itself, or give it to pip and uv by their own configuration',
    );
  if (line.kind === 'requirement') return requirementOrPath(line);
  const { name: option } = line;
  const value = unquote(line.value.text);
  const include = includes[option];
  if (include !== undefined)
    return value === ''
      ? refused(`${option} needs a file's path`, `write: ${option} base.txt`)
      : { kind: 'include', path: value, constraint: include };
  if (option === '-e' || option === '--editable') return editable(value);
  const flag = flags[option];
  if (flag !== undefined) return { kind: 'option', name: flag, value: '' };
  const name = valued[option];
  if (name !== undefined)
    return value === ''
      ? refused(`${option} needs a value`, `write: ${option} VALUE`)
      : { kind: 'option', name, value };
  return refused(`parity does not know the option ${option}`, "remove the line, or move it to pip's own configuration");
}

function requirementOrPath({ body: { text: body }, options }: Extract<WrittenLine, { kind: 'requirement' }>): Meaning {
  const hashes: Digest[] = [];
  for (const { name, value } of options) {
    const hash = value.text;
    if (name !== '--hash' || hash === '')
      return refused(
        `parity does not support ${name} on a requirement`,
        'remove the option; what a package needs to compile belongs in `toolchain.system`',
      );
    // pip knows sha384 and sha512 too; the lock and the index speak sha256.
    if (!isDigest(hash))
      return refused(`"${hash}" is not a SHA-256 hash`, 'write --hash=sha256: and 64 lower-case hex digits');
    hashes.push(hash);
  }
  if (/^(?:(?:git|hg|svn|bzr)\+|https?:)/i.test(body)) return withoutName(body, hashes);
  const isPath =
    /^(?:\.{0,2}[/\\]|\.{1,2}(?:\[|$)|~|file:|[A-Za-z]:[/\\])/.test(body) || /^[^@;<>=!]+[/\\][^@]*$/.test(body);
  if (isPath || /^[^@\s]+\.(?:whl|tar\.gz|zip)$/.test(body)) return pathMeaning(body, false);
  const [, asked = '', url, marker = ''] = /^([^@;]+?)\s*@\s*(\S+?)(?:\s*;\s+|\s+;\s*|\s*$)(.*)$/s.exec(body) ?? [];
  if (url === undefined) return { kind: 'requirement', text: body, hashes };
  if (url.startsWith('file:')) return pathMeaning(url, false);
  return fromAddress(asked, url, marker, hashes);
}

function editable(value: string): Meaning {
  if (/^(?:git|hg|svn|bzr)\+/.test(value)) return withoutName(value, []);
  return value === '' ? refused('-e needs a path', 'write: -e .') : pathMeaning(value, true);
}

function pathMeaning(text: string, isEditable: boolean): Meaning {
  const match = /^(.*?)(?:\[([^\]]*)\])?$/.exec(unquote(text.split(/\s*;/)[0] ?? text));
  const extras = (match?.[2] ?? '')
    .split(',')
    .map((extra) => extra.trim())
    .filter((extra) => extra !== '');
  return {
    kind: 'path',
    path: (match?.[1] ?? text).replace(/^file:(?:\/\/)?/, ''),
    extras,
    editable: isEditable,
  };
}

/** A commit's or a file's own address, without a name before it: the older way to write it. */
function withoutName(body: string, hashes: readonly Digest[]): Meaning {
  const [, url = body, marker = ''] = /^(\S+?)(?:\s*;\s+|\s+;\s*|\s*$)(.*)$/s.exec(body) ?? [];
  const name = nameInAddress(url);
  if (name !== undefined) return fromAddress(name, url, marker, hashes);
  return refused('an address without a name before it does not say which package it is', `write: NAME @ ${url}`);
}

function fromAddress(asked: string, url: string, marker: string, hashes: readonly Digest[]): Meaning {
  const written = writtenSource(url, hashes);
  const source = packageSource(asked.split('[', 1)[0]?.trim() ?? asked, written);
  if ('message' in source) return { kind: 'refused', ...source };
  const text = `${asked.trim()} @ ${sourceText(source)}${marker.trim() === '' ? '' : ` ; ${marker.trim()}`}`;
  return { kind: 'requirement', text, hashes: written.hashes };
}

function refused(message: string, hint: string): Meaning {
  return { kind: 'refused', message, hint };
}

function unquote(text: string): string {
  const trimmed = text.trim();
  return /^(["']).*\1$/s.test(trimmed) ? trimmed.slice(1, -1) : trimmed;
}
