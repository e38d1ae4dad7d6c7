import { basename, dirname, join, resolve } from 'node:path';
import { spanAt, type Span } from '../../core/span.ts';
import { addProject } from './add-project.ts';
import type { Declared, ProjectMetadata } from './pyproject.ts';
import {
  addRequirement,
  consult,
  factsOf,
  placeOf,
  problem,
  shownPath,
  type Reading,
  type Selection,
} from './reading.ts';
import { normalisedName } from '../../formats/package-name.ts';
import { parseRequirement, type Place } from './requirement.ts';
import { parseRequirementsFile } from './requirements-file.ts';

/** A file that says what a project needs. */
export type MetadataFile = 'pyproject.toml' | 'setup.cfg' | 'setup.py';

/** What a metadata file declares, or what is wrong with it. A file's parser is loaded when one needs it. */
export async function parseMetadata(
  name: MetadataFile,
  text: string,
): Promise<ProjectMetadata | { readonly message: string; readonly span: Span }> {
  if (name === 'setup.cfg') {
    const { parseSetupCfg } = await import('./setup-cfg.ts');
    return parseSetupCfg(text);
  }
  if (name === 'setup.py')
    return {
      hasProject: true,
      dependencies: [{ kind: 'backend', span: spanAt(text, 0) }],
      extras: new Map(),
      groups: new Map(),
    };
  const { parsePyproject } = await import('./pyproject.ts');
  return parsePyproject(text);
}

/** Reads the wished part of a pyproject.toml or setup.cfg. */
export async function readMetadata(
  reading: Reading,
  absolute: string,
  selection: Selection,
  from: Place,
): Promise<void> {
  const file = shownPath(reading, absolute);
  const text = await consult(reading, absolute);
  if (text === undefined) {
    problem(reading, from, { message: `there is no file ${file}`, hint: `create ${file}, or take its name out` });
    return;
  }
  const metadata = await parseMetadata(basename(absolute) as MetadataFile, text);
  const lines = text.split(/\r\n|\r|\n/);
  const at = (span: Span): Place => placeOf(file, span, lines[span.line - 1]);
  if ('message' in metadata) {
    problem(reading, at(metadata.span), { message: metadata.message, hint: `mend ${file}` });
    return;
  }
  factsOf(reading, file);
  if (metadata.requiresPython !== undefined && selection.group === undefined) {
    const { text: requires, span } = metadata.requiresPython;
    const place = at(span);
    reading.requiresPython.push({ text: requires, place });
    factsOf(reading, file).push(`requires-python ${requires}`);
  }
  const add = async (declared: readonly Declared[], groups: readonly string[]): Promise<void> => {
    for (const one of declared) {
      const place = at(one.span);
      if (one.kind === 'refused') problem(reading, place, one);
      else if (one.kind === 'file')
        await reading.requirementsFile(resolve(join(absolute, '..'), one.path), false, place, [file]);
      else if (one.kind === 'path') await readPathDependency(reading, join(absolute, '..', one.path), place);
      else if (one.kind === 'group') await addGroup(one.name, place, groups);
      else if (one.kind === 'backend') await addProject(reading, dirname(absolute), { place, asksBackend: selection });
      else await addDeclared(one.text, place);
    }
  };
  const addGroup = async (name: string, place: Place, trail: readonly string[]): Promise<void> => {
    const group = metadata.groups.get(name);
    if (trail.includes(name))
      problem(reading, place, {
        message: `the groups include each other in a circle: ${[...trail, name].join(' → ')}`,
        hint: 'remove one of the includes',
      });
    else if (group === undefined)
      problem(reading, place, missing(`group "${name}"`, file, [...metadata.groups.keys()]));
    else await add(group, [...trail, name]);
  };
  const addedExtras = new Set<string>();
  const asksBackend = metadata.dependencies.some(({ kind }) => kind === 'backend');
  const addExtra = async (name: string, place: Place): Promise<void> => {
    if (addedExtras.has(name)) return;
    addedExtras.add(name);
    const extra = metadata.extras.get(name);
    if (extra === undefined && asksBackend) return;
    if (extra === undefined) problem(reading, place, missing(`extra "${name}"`, file, [...metadata.extras.keys()]));
    else await add(extra, []);
  };
  // `all = ["shop[dev,test]"]` in shop's own file means its own extras.
  const addDeclared = async (requirement: string, place: Place): Promise<void> => {
    const parsed = parseRequirement(requirement);
    if (typeof parsed !== 'string' && metadata.name !== undefined && parsed.name === metadata.name)
      for (const extra of parsed.extras) await addExtra(normalisedName(extra), place);
    else {
      const [line] = parseRequirementsFile(requirement);
      if (line?.kind === 'refused') problem(reading, place, line);
      else if (line?.kind === 'requirement') addRequirement(reading, line.text, file, place, line.hashes, false);
      else problem(reading, place, { message: `"${requirement}" is not a package`, hint: 'write "NAME>=VERSION"' });
    }
  };
  if (selection.group !== undefined) await addGroup(selection.group, from, []);
  else {
    // What is installed with its dependencies is itself installed.
    await addProject(reading, dirname(absolute), { place: from, isAsked: !file.endsWith('.toml') });
    await add(metadata.dependencies, []);
    for (const extra of selection.extras) await addExtra(extra, from);
  }
}

/** What a project of this repository needs that another one depends on by its path. */
async function readPathDependency(reading: Reading, folder: string, place: Place): Promise<void> {
  const shown = shownPath(reading, folder);
  const key = `path ${shown}`;
  if (reading.done.has(key)) return;
  reading.done.add(key);
  for (const name of shown.startsWith('..') ? [] : ['pyproject.toml', 'setup.cfg']) {
    if ((await consult(reading, join(folder, name))) === undefined) continue;
    await reading.metadata(join(folder, name), { extras: [] }, place);
    return;
  }
  problem(reading, place, {
    message: `"${shown}" is a path on this machine, which can't be locked for others`,
    hint: 'publish it to your package index and ask for a version of it; a project inside this repository needs a pyproject.toml',
  });
}

function missing(what: string, file: string, known: readonly string[]): { message: string; hint: string } {
  const list = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
  return { message: `${file} has no ${what}`, hint: `${list}: name one of these, or take the name out` };
}
