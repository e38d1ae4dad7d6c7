import type { Digest } from '../../core/digest.ts';
import type { Span } from '../../core/span.ts';

/** A stretch of a requirement source, and the text there. */
export interface Place {
  /** Path relative to the project's folder with `/`. */
  readonly file: string;
  readonly span: Span;
  readonly sourceLine?: string;
}

/** One thing that the project asks for. */
export interface Requirement {
  /** PEP 508, without hashes and comments, as the resolver gets it. */
  readonly text: string;
  /** Normalised as PEP 503 has it. */
  readonly name: string;
  /** Who asks: `toolchain.tools`, or the path of the file. */
  readonly source: string;
  /** Where; absent for tools that no file declares (the layout's default). */
  readonly place?: Place;
  /** The only distributions that it allows, when it names any. */
  readonly hashes: readonly Digest[];
  /** True when it only limits versions (`-c`). */
  readonly constraint: boolean;
}

/** Where packages come from, and how they are chosen, as requirement files say it; never holds credentials. */
export interface IndexOptions {
  readonly indexUrl?: string;
  readonly extraIndexUrls: readonly string[];
  readonly findLinks: readonly string[];
  readonly noIndex: boolean;
  readonly prereleases: boolean;
  /** Package names, or `:all:`. */
  readonly noBinary: readonly string[];
  readonly onlyBinary: readonly string[];
}

/** A PEP 508 requirement, taken apart as far as parity needs. */
export interface ParsedRequirement {
  readonly name: string;
  readonly extras: readonly string[];
  /** `@ …` */
  readonly url?: string;
  readonly text: string;
}

const grammar = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*(.*)$/s;
const extraName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const clause = /^(?:~=|===|==|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+$/;

/** A package's name as PEP 503 normalises it. */
export function normaliseName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

/** Takes a PEP 508 requirement apart; gives a sentence saying what is wrong when it is none. */
export function parseRequirement(text: string): ParsedRequirement | string {
  const trimmed = text.trim().replace(/\s+/g, ' ');
  const match = grammar.exec(trimmed);
  if (match === null) return `"${trimmed}" is not a requirement: it must start with a package's name`;
  const name = match[1] ?? '';
  const extras = (match[2] ?? '')
    .split(',')
    .map((extra) => extra.trim())
    .filter((extra) => extra !== '');
  const badExtra = extras.find((extra) => !extraName.test(extra));
  if (badExtra !== undefined) return `"${badExtra}" in "${trimmed}" is not an extra's name`;
  const rest = match[3] ?? '';
  const parsed = { name: normaliseName(name), extras, text: trimmed };
  if (rest.startsWith('@')) return { ...parsed, url: rest.slice(1).trim().split(' ')[0] ?? '' };
  const semicolon = rest.indexOf(';');
  const specifier = (semicolon < 0 ? rest : rest.slice(0, semicolon)).trim().replace(/^\((.*)\)$/, '$1');
  const bad = specifier === '' ? undefined : specifier.split(',').find((part) => !clause.test(part.trim()));
  if (bad !== undefined)
    return `"${bad.trim()}" in "${trimmed}" is not a version condition such as ==1.2.3, >=1.2 or ~=1.2`;
  if (semicolon >= 0 && rest.slice(semicolon + 1).trim() === '') return `"${trimmed}" has an empty marker after ";"`;
  return parsed;
}
