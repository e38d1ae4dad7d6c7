import { normalisedName } from '../../formats/package-name.ts';
import { mapText } from '../../formats/mapped-text.ts';
import { placesOf } from '../../formats/places.ts';
import { readRequirement } from '../../formats/requirement.ts';
import {
  includedBy,
  plainRequirement,
  requirementsLine,
  requirementsLines,
  type RequirementsLine,
} from '../../formats/requirements-file.ts';
import { admitsVersion } from '../../formats/version-specifier.ts';

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
  const read = requirementsLine(mapText(line.replace(/\\\s*$/, ''), 0));
  return read?.kind === 'requirement' ? requirementOf(read) : undefined;
}

function requirementOf(line: Extract<RequirementsLine, { kind: 'requirement' }>): Requirement | undefined {
  const { text } = plainRequirement(line);
  const { requirement } = readRequirement(text);
  if (requirement === undefined) return undefined;
  const specifier = (requirement.specifier?.text ?? '').replace(/\s+/g, '');
  const exact = /^={2,3}([^*,]+)$/.exec(specifier)?.[1];
  return { name: normalisedName(requirement.name.text), text, specifier, exact, marker: requirement.marker?.text };
}

/** True when a version is within a specifier (PEP 440); an empty or unreadable specifier admits all. */
export function admits(specifier: string, version: string): boolean {
  return admitsVersion(specifier, version) ?? true;
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

/** What a requirements file asks for and takes in; options, paths and URLs are passed over. */
export function parseRequirementsFile(text: string): RequirementsFile {
  const requirements: RequirementLine[] = [];
  const includes: string[] = [];
  const places = placesOf(text);
  for (const line of requirementsLines(text)) {
    if (line.kind === 'option') {
      const [file] = line.value.text.split(/\s/, 1);
      if (includedBy(line) === 'requirements' && file !== undefined && file !== '') includes.push(file);
      continue;
    }
    const requirement = requirementOf(line);
    const [start = 0] = line.mapped.offsets;
    if (requirement) requirements.push({ ...requirement, line: places.span(start, start).line });
  }
  return { requirements, includes };
}
