import { isAbsolute, join, relative, resolve } from 'node:path';
import { addProject } from './add-project.ts';
import { parseMetadata } from './metadata-source.ts';
import { addRequirement, append, consult, factsOf, placeOf, problem, shownPath, type Reading } from './reading.ts';
import { normalisedName } from '../../formats/package-name.ts';
import type { Place } from './requirement.ts';
import { parseRequirementsFile, type RequirementsLine } from './requirements-file.ts';

/** Reads a requirements file and all that it includes. */
export async function readRequirementsFile(
  reading: Reading,
  absolute: string,
  constraint: boolean,
  from: Place,
  trail: readonly string[],
): Promise<void> {
  const file = shownPath(reading, absolute);
  if (trail.includes(file)) {
    const circle = [...trail.slice(trail.indexOf(file)), file].join(' → ');
    problem(reading, from, {
      message: `the files include each other in a circle: ${circle}`,
      hint: `remove one of the includes`,
    });
    return;
  }
  const key = `${constraint ? 'c' : 'r'} ${file}`;
  if (reading.done.has(key)) return;
  reading.done.add(key);
  const text = await consult(reading, absolute);
  if (text === undefined) {
    problem(reading, from, { message: `there is no file ${file}`, hint: `create ${file}, or take its name out` });
    return;
  }
  factsOf(reading, file);
  for (const line of parseRequirementsFile(text)) {
    const place = placeOf(file, line.span, line.raw);
    if (line.kind === 'include') {
      await readInclude(reading, absolute, line, place, [...trail, file]);
    } else if (line.kind === 'requirement') {
      addRequirement(reading, line.text, file, place, line.hashes, constraint);
    } else if (line.kind === 'option') addOption(reading, line.name, line.value, place);
    else if (line.kind === 'path') await readLocal(reading, absolute, line, place);
    else problem(reading, place, line);
  }
}

async function readInclude(
  reading: Reading,
  includer: string,
  line: Extract<RequirementsLine, { kind: 'include' }>,
  place: Place,
  trail: readonly string[],
): Promise<void> {
  if (/^[a-z]+:\/\//i.test(line.path)) {
    problem(reading, place, {
      message: 'a requirements file from a web address can change without this repository',
      hint: 'copy it into the repository and include that',
    });
    return;
  }
  if (isAbsolute(line.path)) {
    problem(reading, place, {
      message: 'an absolute path exists on one machine only',
      hint: 'write the path relative to this file',
    });
    return;
  }
  factsOf(reading, place.file).push(`${line.constraint ? '-c' : '-r'} ${line.path}`);
  const target = resolve(join(includer, '..'), line.path);
  await readRequirementsFile(reading, target, line.constraint, place, trail);
}

function addOption(reading: Reading, name: string, value: string, place: Place): void {
  const where = `${place.file}:${place.span.line}`;
  const isUrl = /^(?:https?|file):\/\//i.test(value);
  if ((name === 'index-url' || name === 'extra-index-url' || name === 'find-links') && /:\/\/[^/@\s]*@/.test(value)) {
    // The line itself is not quoted: it holds the secret.
    problem(
      reading,
      { file: place.file, span: place.span },
      {
        message: 'the address of the package index holds a user name or password',
        hint: 'write the address without it and give the credentials to pip or uv by their own configuration (netrc, keyring)',
      },
    );
    return;
  }
  if (name === 'find-links' && (!isUrl || value.toLowerCase().startsWith('file:'))) {
    problem(reading, place, {
      message: "a folder of packages on this machine can't be locked for others",
      hint: 'publish the packages to an index and name that with --extra-index-url',
    });
    return;
  }
  const index = reading.index;
  const names = value.split(',').map((one) => (one.startsWith(':') ? one : normalisedName(one.trim())));
  if (name === 'index-url') reading.index = { ...index, indexUrl: value };
  else if (name === 'extra-index-url')
    reading.index = { ...index, extraIndexUrls: append(index.extraIndexUrls, [value]) };
  else if (name === 'find-links') reading.index = { ...index, findLinks: append(index.findLinks, [value]) };
  else if (name === 'no-index') reading.index = { ...index, noIndex: true };
  else if (name === 'pre') reading.index = { ...index, prereleases: true };
  else if (name === 'no-binary') reading.index = { ...index, noBinary: append(index.noBinary, names) };
  else if (name === 'only-binary') reading.index = { ...index, onlyBinary: append(index.onlyBinary, names) };
  else {
    if (name === 'trusted-host')
      reading.notes.push(
        `${where}: --trusted-host is not obeyed; add the host's certificate to this machine's instead`,
      );
    return;
  }
  factsOf(reading, place.file).push(`--${name} ${value}`.trim());
}

/** A path that a requirements file asks to install: a project of this repository, or nothing that can be locked. */
async function readLocal(
  reading: Reading,
  includer: string,
  line: Extract<RequirementsLine, { kind: 'path' }>,
  place: Place,
): Promise<void> {
  // pip takes the path from the folder it runs in, which is the project's; many mean the file's own folder.
  const candidates = [resolve(reading.projectDir, line.path), resolve(join(includer, '..'), line.path)];
  const shown = `${line.editable ? '-e ' : ''}${line.path}`;
  for (const folder of candidates) {
    if (isAbsolute(line.path) || relative(reading.projectDir, folder).startsWith('..')) continue;
    const files = ['pyproject.toml', 'setup.cfg', 'setup.py'] as const;
    for (const name of files) {
      const text = await consult(reading, join(folder, name));
      if (text === undefined) continue;
      const metadata = await parseMetadata(name, text);
      if ('message' in metadata || !metadata.hasProject) continue;
      const source = shownPath(reading, join(folder, name));
      reading.notes.push(
        `${place.file}:${place.span.line}: "${shown}" is part of this repository: it is built here, and what ${source} says it needs is in the lock`,
      );
      factsOf(reading, place.file).push(
        `${line.editable ? '-e ' : ''}${shownPath(reading, folder) || '.'}[${line.extras.join(',')}]`,
      );
      await reading.metadata(join(folder, name), { extras: line.extras.map(normalisedName) }, place);
      await addProject(reading, folder, { place, isAsked: true, isEditable: line.editable });
      return;
    }
  }
  problem(reading, place, {
    message: `"${shown}" is a path on this machine, which can't be locked for others`,
    hint: 'publish it to your package index and ask for NAME==VERSION; a project inside this repository needs a pyproject.toml',
  });
}
