import { isDigest, type Digest } from '../../core/digest.ts';
import type { Span } from '../../core/span.ts';

/** One logical line of a requirements file, by what pip would take it for; `raw` is the physical line it starts on. */
export type RequirementsLine = { readonly span: Span; readonly raw: string } & (
  | { readonly kind: 'requirement'; readonly text: string; readonly hashes: readonly Digest[] }
  | { readonly kind: 'include'; readonly path: string; readonly constraint: boolean }
  | { readonly kind: 'option'; readonly name: string; readonly value: string }
  /** A path instead of a package; `editable` for `-e`. */
  | { readonly kind: 'path'; readonly path: string; readonly extras: readonly string[]; readonly editable: boolean }
  | { readonly kind: 'refused'; readonly message: string; readonly hint: string }
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

/** Reads a requirements file as pip does (https://pip.pypa.io/en/stable/reference/requirements-file-format/). Pure. */
export function parseRequirementsFile(source: string): RequirementsLine[] {
  return logicalLines(source.replace(/^\uFEFF/, '')).flatMap(({ text, raw, line }) => {
    const trimmed = text.replace(/(^|\s+)#.*$/, '').trim();
    if (trimmed === '') return [];
    const column = raw.length - raw.trimStart().length + 1;
    const end =
      raw
        .replace(/(^|\s+)#.*$/, '')
        .replace(/\s*\\\s*$/, '')
        .trimEnd().length + 1;
    const span = { line, column, endLine: line, endColumn: Math.max(end, column + 1) };
    return [{ span, raw, ...meaningOf(trimmed) } satisfies RequirementsLine];
  });
}

function logicalLines(source: string): { text: string; raw: string; line: number }[] {
  const result: { text: string; raw: string; line: number }[] = [];
  let open: { text: string; raw: string; line: number } | undefined;
  for (const [index, physical] of source.split(/\r\n|\r|\n/).entries()) {
    const comment = /^\s*#/.test(physical);
    const continues = physical.endsWith('\\') && !comment;
    const piece = continues ? physical.slice(0, -1) : comment ? ` ${physical}` : physical;
    open =
      open === undefined ? { text: piece, raw: physical, line: index + 1 } : { ...open, text: `${open.text}${piece}` };
    if (continues) continue;
    result.push(open);
    open = undefined;
  }
  if (open !== undefined) result.push(open);
  return result;
}

function meaningOf(text: string): Meaning {
  if (/\$\{[A-Z0-9_]+\}/.test(text))
    return refused(
      'it takes a value from the environment, so it means something else on every machine',
      'write the value itself, or give it to pip and uv by their own configuration',
    );
  if (!text.startsWith('-')) return requirementOrPath(text);
  const [option = '', inline] = splitOption(text);
  const value = unquote(inline ?? '');
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

/** `--option=value`, `--option value`, `-rvalue`. */
function splitOption(text: string): [string, string | undefined] {
  const match = /^(--[a-z-]+|-[a-z])(?:\s*=\s*|\s+|(?<=^-[a-z]))?(.*)$/s.exec(text);
  return match === null ? [text, undefined] : [match[1] ?? '', match[2] === '' ? undefined : match[2]];
}

function requirementOrPath(text: string): Meaning {
  const [body = '', ...options] = text.split(/\s+(?=--[a-z])/);
  const hashes: Digest[] = [];
  for (const option of options) {
    const hash = /^--hash(?:=|\s+)(.+)$/.exec(option.trim())?.[1]?.trim();
    if (hash === undefined)
      return refused(
        `parity does not support ${option.split(/[=\s]/)[0] ?? ''} on a requirement`,
        'remove the option; what a package needs to compile belongs in `toolchain.system`',
      );
    // pip knows sha384 and sha512 too; the lock and the index speak sha256.
    if (!isDigest(hash))
      return refused(`"${hash}" is not a SHA-256 hash`, 'write --hash=sha256: and 64 lower-case hex digits');
    hashes.push(hash);
  }
  if (/^(?:git|hg|svn|bzr)\+/.test(body)) return version();
  if (/^https?:/i.test(body)) return address();
  const isPath =
    /^(?:\.{0,2}[/\\]|\.{1,2}(?:\[|$)|~|file:|[A-Za-z]:[/\\])/.test(body) || /^[^@;<>=!]+[/\\][^@]*$/.test(body);
  if (isPath || /^[^@\s]+\.(?:whl|tar\.gz|zip)$/.test(body)) return pathMeaning(body, false);
  const url = /@\s*(\S+)/.exec(body.split(';')[0] ?? '')?.[1];
  if (url !== undefined) {
    if (/^(?:git|hg|svn|bzr)\+/.test(url)) return version();
    if (url.startsWith('file:')) return pathMeaning(url, false);
    return address();
  }
  return { kind: 'requirement', text: body, hashes };
}

function editable(value: string): Meaning {
  if (/^(?:git|hg|svn|bzr)\+/.test(value)) return version();
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

function version(): Meaning {
  return refused(
    "a package from a repository's address can't be locked by hash",
    'build it and publish a version to your package index, then ask for NAME==VERSION',
  );
}

function address(): Meaning {
  return refused(
    "a package from a web address can't be locked: the lock holds no addresses",
    'publish it to your package index, then ask for NAME==VERSION',
  );
}

function refused(message: string, hint: string): Meaning {
  return { kind: 'refused', message, hint };
}

function unquote(text: string): string {
  const trimmed = text.trim();
  return /^(["']).*\1$/s.test(trimmed) ? trimmed.slice(1, -1) : trimmed;
}
