import { isAbsolute, join, posix, relative, resolve } from 'node:path';
import { lockSelection, type LockSource } from '../../config/lock-source.ts';
import { canonicalJson, sha256 } from '../../core/digest.ts';
import { poetrySpecifier } from '../../formats/poetry-specifier.ts';
import { tableAt, type Table } from '../../formats/table.ts';
import { readToml, TomlDocument } from '../../formats/toml.ts';
import { addProject } from './add-project.ts';
import { freshnessProblem } from './dependency-lock-freshness.ts';
import { lockedFolders, type DependencyLock } from './dependency-lock.ts';
import { lockIndexes } from './lock-indexes.ts';
import { installedFolders } from './locked-folders.ts';
import { append, consult, factsOf, placeOf, problem, shownPath, type Reading } from './reading.ts';
import type { Place } from './requirement.ts';

/**
 * Reads a lock file and the files that it was made from; it adds what they say to the reading's facts and its Python conditions. A lock file that
 * is not of its pyproject.toml is a problem, where that can be told without running its tool.
 */
export async function readDependencyLock(reading: Reading, source: LockSource, from: Place): Promise<void> {
  const selection = lockSelection(source);
  if ('wrong' in selection) return problem(reading, from, selection.wrong);
  const absolute = resolve(reading.projectDir, source.file);
  const file = shownPath(reading, absolute);
  const text = await consult(reading, absolute);
  if (text === undefined) {
    problem(reading, from, { message: `there is no file ${file}`, hint: `create ${file}, or take its name out` });
    return;
  }
  const facts = factsOf(reading, file);
  facts.push(`content ${sha256(text.replaceAll('\r\n', '\n'))}`);
  const manifests = new Map<string, string>();
  for (const path of manifestPaths(source, text)) {
    const manifest = join(absolute, '..', path);
    if (isAbsolute(path) || relative(reading.projectDir, manifest).startsWith('..')) continue;
    const content = await consult(reading, manifest);
    if (content !== undefined) manifests.set(shownPath(reading, manifest), content);
  }
  for (const [path, content] of manifests)
    readManifest(reading, path, content, posix.dirname(path) === posix.dirname(file));
  const lock: DependencyLock = { source, selection, file, text, manifests };
  for (const { path, ...wish } of installedFolders(lock))
    await addProject(reading, resolve(reading.projectDir, path), { place: from, ...wish });
  const { shared, assigned } = lockIndexes(lock);
  const { extraIndexUrls, addresses } = reading.index;
  reading.index = {
    ...reading.index,
    extraIndexUrls: append(extraIndexUrls, shared),
    addresses: append(addresses, [...addressesOf(text), ...assigned]),
  };
  const stale = freshnessProblem(lock);
  if (stale !== undefined) reading.stale.push(stale);
  reading.locks.push(lock);
}

/** The repositories and files that single packages come from, as every lock file writes them. */
function addressesOf(text: string): readonly string[] {
  const found = text.matchAll(/\b(?:git|url|file)"?\s*[=:]\s*"(?:git\+)?(https?:\/\/[^"]+)"/g);
  const urls = [...found].map(([, url = '']) => url).filter((url) => URL.canParse(url));
  return [...new Set(urls.map((url) => new URL(url).origin))];
}

function manifestPaths({ tool }: LockSource, text: string): readonly string[] {
  if (tool === 'pylock') return [];
  if (tool === 'pipenv') return ['Pipfile'];
  if (tool !== 'uv') return ['pyproject.toml'];
  const names = ['pyproject.toml', 'setup.py', 'setup.cfg'];
  return ['uv.toml', ...lockedFolders(text).flatMap((folder) => names.map((name) => posix.join(folder, name)))];
}

/** What of pyproject.toml is in a lock: tables of what is needed, not of how it is checked. */
const relevant = ['project', 'dependency-groups', 'build-system'] as const;
const relevantOfProject = ['name', 'version', 'requires-python', 'dependencies', 'optional-dependencies', 'dynamic'];
const relevantTools = ['uv', 'poetry', 'pdm'];

function readManifest(reading: Reading, file: string, text: string, isOwn: boolean): void {
  const facts = factsOf(reading, file);
  if (posix.basename(file) !== 'pyproject.toml') {
    facts.push(`content ${sha256(text.replaceAll('\r\n', '\n'))}`);
    return;
  }
  const document = readToml(text);
  if (!(document instanceof TomlDocument)) {
    problem(reading, placeOf(file, document.span), { message: document.message, hint: `mend ${file}` });
    return;
  }
  facts.push(`of its tables ${sha256(canonicalJson(partsOf(document.root)))}`);
  if (!isOwn) return;
  for (const path of [
    ['project', 'requires-python'],
    ['tool', 'poetry', 'dependencies', 'python'],
  ]) {
    const value = document.value(path);
    const requires = typeof value !== 'string' ? undefined : path[0] === 'project' ? value : poetrySpecifier(value);
    if (requires === undefined || requires === '') continue;
    const span = document.spanOf(path);
    reading.requiresPython.push({ text: requires, place: placeOf(file, span, text.split(/\r?\n/)[span.line - 1]) });
    return;
  }
}

function partsOf(root: Table): unknown {
  const project = tableAt(root, 'project') ?? {};
  const tools = tableAt(root, 'tool') ?? {};
  return {
    ...Object.fromEntries(relevant.map((name) => [name, root[name] ?? null])),
    project: Object.fromEntries(relevantOfProject.map((name) => [name, project[name] ?? null])),
    tool: Object.fromEntries(relevantTools.map((name) => [name, tools[name] ?? null])),
  };
}
