import { satisfies } from '@renovatebot/pep440';
import { normalisedName } from '../../formats/package-name.ts';
import { readRequirement } from '../../formats/requirement.ts';

/** A requirement line in its parts (PEP 508). */
export interface Requirement {
  /** Normalised (PEP 503): lower case, `-` for runs of `-_.`. */
  readonly name: string;
  /** As written, without comment, options and line continuation. */
  readonly text: string;
  /** The version clauses as written, e.g. `>=8,<9`; empty when any version will do. */
  readonly specifier: string;
  /** The one version that the line admits (`==25.9.0` without wildcard); undefined otherwise. */
  readonly exact: string | undefined;
  readonly marker: string | undefined;
}

/** Reads one requirement; undefined for what is none (an option, a path, a URL, nothing). */
export function parseRequirement(line: string): Requirement | undefined {
  const text = line
    .replace(/(^|\s)#.*$/, '')
    .replace(/\s+--(?:hash|config-settings|global-option)[=\s].*$/, '')
    .replace(/\\\s*$/, '')
    .trim();
  const { requirement } = readRequirement(text);
  if (requirement === undefined) return undefined;
  const specifier = (requirement.specifier?.text ?? '').replace(/\s+/g, '');
  const exact = /^={2,3}([^*,]+)$/.exec(specifier)?.[1];
  return { name: normalisedName(requirement.name.text), text, specifier, exact, marker: requirement.marker?.text };
}

/** True when a version is within a specifier (PEP 440); an empty or unreadable specifier admits all. */
export function admits(specifier: string, version: string): boolean {
  if (specifier === '') return true;
  try {
    return satisfies(version, specifier);
  } catch {
    return true;
  }
}

/** A requirement of a requirements file, with the line it is on. */
export interface RequirementLine extends Requirement {
  readonly line: number;
}

/** A requirements file in its parts. */
export interface RequirementsFile {
  readonly requirements: readonly RequirementLine[];
  /** Files it takes in by `-r`, relative to its own folder. */
  readonly includes: readonly string[];
}

/** Reads a requirements file as pip does: comments, continuation lines, includes; options and URLs are passed over. */
export function parseRequirementsFile(text: string): RequirementsFile {
  const requirements: RequirementLine[] = [];
  const includes: string[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1;
    let whole = lines[index] ?? '';
    while (/\\\s*$/.test(whole) && index + 1 < lines.length) whole = `${whole.replace(/\\\s*$/, ' ')}${lines[++index]}`;
    const include = /^\s*(?:-r|--requirement)[\s=]*([^\s#]+)/.exec(whole)?.[1];
    if (include !== undefined) includes.push(include);
    const requirement = parseRequirement(whole);
    if (requirement) requirements.push({ ...requirement, line });
  }
  return { requirements, includes };
}
