import type { Digest } from '../../core/digest.ts';
import type { Span } from '../../core/span.ts';
import { normalisedName } from '../../formats/package-name.ts';
import { readRequirement, type RequirementProblem } from '../../formats/requirement.ts';

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
  /** Repositories, files and indexes that only single packages come from. */
  readonly addresses: readonly string[];
  readonly noIndex: boolean;
  /** True where pip's own files name more than one index: to pip they are all equal, and the best version of any of them counts. */
  readonly isBestOfAll: boolean;
  readonly prereleases: boolean;
  /** Package names, or `:all:`. */
  readonly noBinary: readonly string[];
  readonly onlyBinary: readonly string[];
}

/** A PEP 508 requirement as the resolver gets it. */
export interface ParsedRequirement {
  /** Normalised as PEP 503 has it. */
  readonly name: string;
  readonly extras: readonly string[];
  /** What follows `@`. */
  readonly url?: string;
  readonly text: string;
}

/** Takes a PEP 508 requirement apart; gives a sentence saying what is wrong when it is none. */
export function parseRequirement(text: string): ParsedRequirement | string {
  const shown = text.trim().replace(/\s+/g, ' ');
  const { requirement, problem } = readRequirement(shown);
  if (problem !== undefined) return sentenceOf(problem, shown);
  if (requirement === undefined) return `"${shown}" is not a requirement`;
  return {
    name: normalisedName(requirement.name.text),
    extras: requirement.extras.map((extra) => extra.text),
    ...(requirement.url === undefined ? {} : { url: requirement.url.text }),
    text: shown,
  };
}

function sentenceOf({ part, text }: RequirementProblem, requirement: string): string {
  switch (part) {
    case 'name':
      return `"${requirement}" is not a requirement: it must start with a package's name`;
    case 'extra':
      return `"${text}" in "${requirement}" is not an extra's name`;
    case 'specifier':
      return `"${text}" in "${requirement}" is not a version condition such as ==1.2.3, >=1.2 or ~=1.2`;
    case 'url':
      return `"${text}" in "${requirement}" is not an address`;
    case 'marker':
      return `"${requirement}" has an empty marker after ";"`;
    default:
      return part satisfies never;
  }
}
