import { readFile } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { sha256, type Digest } from '../../core/digest.ts';
import { spanAt, type Span } from '../../core/span.ts';
import type { LocalProject } from '../build/local-project.ts';
import type { DependencyLock } from './dependency-lock.ts';
import { parseRequirement, type IndexOptions, type Place, type Requirement } from './requirement.ts';

/** What has been read so far; the files of this folder add to it. */
export interface Reading {
  readonly projectDir: string;
  readonly requirements: Requirement[];
  readonly requiresPython: { readonly text: string; readonly place: Place }[];
  readonly facts: Map<string, string[]>;
  readonly notes: string[];
  readonly problems: Diagnostic[];
  /** Lock files of other tools, which decide versions. */
  readonly locks: DependencyLock[];
  /** Those of them that are not of their pyproject.toml. */
  readonly stale: Diagnostic[];
  readonly done: Set<string>;
  /** Every file that was looked for, by its shown path: what was in it, or null when it is not there. */
  readonly consulted: Map<string, Digest | null>;
  /** The repository's packages that are to be installed, by their folder (relative, `.` for the project's own). */
  readonly projects: Map<string, LocalProject>;
  index: IndexOptions;
  /** Reads a requirements file into this; `from` is who names it, `trail` the files that led here. */
  readonly requirementsFile: (
    absolute: string,
    constraint: boolean,
    from: Place,
    trail: readonly string[],
  ) => Promise<void>;
  /** Reads the wished part of a pyproject.toml or setup.cfg into this. */
  readonly metadata: (absolute: string, selection: Selection, from: Place) => Promise<void>;
}

/** A wish for part of a metadata file: its dependencies, those of extras, or one group. */
export interface Selection {
  readonly extras: readonly string[];
  readonly group?: string;
}

/** The name that stands for `toolchain.tools` where a requirement's source is told. */
export const toolsSource = 'toolchain.tools';

/** Adds a requirement, or a problem when the text is none. */
export function addRequirement(
  reading: Reading,
  text: string,
  source: string,
  place: Place | undefined,
  hashes: Requirement['hashes'],
  constraint: boolean,
): void {
  const parsed = parseRequirement(text);
  const at = place ?? placeOf('parity.yaml', spanAt('', 0));
  if (typeof parsed === 'string') {
    problem(reading, at, { message: parsed, hint: 'write NAME==VERSION, for example black==25.9.0' });
    return;
  }
  reading.requirements.push({
    text: parsed.text,
    name: parsed.name,
    source,
    ...(place === undefined ? {} : { place }),
    hashes,
    constraint,
  });
  if (parsed.url !== undefined)
    reading.index = {
      ...reading.index,
      addresses: append(reading.index.addresses, [parsed.url.replace(/^git\+/, '')]),
    };
  if (source !== toolsSource)
    factsOf(reading, source).push(
      `${constraint ? 'limit ' : ''}${parsed.text}${hashes
        .map((hash) => ` ${hash}`)
        .sort()
        .join('')}`,
    );
}

/** The facts that a file contributes, to add to; naming a file makes it an input. */
export function factsOf(reading: Reading, file: string): string[] {
  const facts = reading.facts.get(file) ?? [];
  reading.facts.set(file, facts);
  return facts;
}

/** The list with what it did not have yet. */
export function append(list: readonly string[], more: readonly string[]): readonly string[] {
  return [...new Set([...list, ...more])];
}

/** Notes a line that can't be locked. */
export function problem(
  reading: Reading,
  place: Place,
  { message, hint, isSecret }: { readonly message: string; readonly hint: string; readonly isSecret?: true },
): void {
  // A line that holds a password is not quoted.
  const at = isSecret === true ? { file: place.file, span: place.span } : place;
  reading.problems.push({ severity: 'error', code: 'requirement-unsupported', message, hint, ...at });
}

/** A place, without a source line when there is none. */
export function placeOf(file: string, span: Span, sourceLine?: string): Place {
  return { file, span, ...(sourceLine === undefined ? {} : { sourceLine }) };
}

/** A path relative to the project's folder with `/`. */
export function shownPath(reading: Reading, absolute: string): string {
  return relative(reading.projectDir, absolute).split(sep).join('/');
}

/** A requirement source's text, remembered as consulted; undefined when there is no such file. Throws as readText does. */
export async function consult(reading: Reading, absolute: string): Promise<string | undefined> {
  const text = await readText(absolute);
  reading.consulted.set(shownPath(reading, absolute), text === undefined ? null : sha256(text));
  return text;
}

/** A file's text; undefined when there is no such file; other trouble (a folder, no permission) is the caller's to see as a throw. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(String(error.code)))
      return undefined;
    throw error;
  }
}
