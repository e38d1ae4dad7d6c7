import { realpathSync, statSync, type Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, posix, relative, sep } from 'node:path';
import { readTextIfExists } from '../core/read-text-if-exists.ts';
import { normalisedName } from '../formats/package-name.ts';
import type { Complaint } from './document.ts';
import { lockSelection, lockSource } from './lock-source.ts';
import { nearest } from './nearest.ts';

/** Why a text can't be a path inside the project, by its form alone; undefined when it can. `base` is where it starts from. */
export function pathForm(value: string, base = '.'): Complaint | undefined {
  const code = 'bad-path';
  if (value.includes('\0')) return { code, message: 'a path can hold no NUL character' };
  if (value.startsWith('/') || /^[A-Za-z]:[\\/]/.test(value)) {
    return { code, message: `\`${value}\` is an absolute path`, hint: "write it relative to parity.yaml's folder" };
  }
  if (value.startsWith('~'))
    return { code, message: `\`${value}\` is outside the project`, hint: 'write a path inside it' };
  if (value.includes('\\')) {
    return { code, message: `\`${value}\` has backslashes`, hint: `did you mean \`${value.replaceAll('\\', '/')}\`?` };
  }
  const joined = posix.normalize(posix.join(base, value));
  if (joined === '..' || joined.startsWith('../')) {
    return { code, message: `\`${value}\` leaves the project`, hint: 'write a path inside it' };
  }
  return undefined;
}

/** Why a step can't run in a folder: it is not there, is no folder, or a symbolic link leads out of the project. */
export async function folderProblem(projectDir: string, value: string): Promise<Complaint | undefined> {
  const form = pathForm(value);
  if (form) return form;
  const path = join(projectDir, value);
  const found = statOf(path);
  if (found === undefined) {
    const near = await nearPath(projectDir, value, 'folder');
    return {
      code: 'missing-folder',
      message: `there is no folder \`${value}\``,
      hint: near === undefined ? "paths start from parity.yaml's folder" : `did you mean \`${near}\`?`,
    };
  }
  if (!found.isDirectory()) {
    const parent = posix.dirname(value);
    return { code: 'missing-folder', message: `\`${value}\` is a file`, hint: `its folder is \`${parent}\`` };
  }
  return leaves(projectDir, path)
    ? { code: 'bad-path', message: `\`${value}\` is a link that leaves the project`, hint: 'write a path inside it' }
    : undefined;
}

/** What a path leads to; undefined for nothing. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Why a file of the project can't be read: it is not there (with the near name that is), is a folder, or lies outside. */
export async function fileProblem(projectDir: string, value: string): Promise<Complaint | undefined> {
  const form = pathForm(value);
  if (form) return form;
  const path = join(projectDir, value);
  const found = statOf(path);
  if (found?.isFile()) {
    const message = `\`${value}\` is a link that leaves the project`;
    return leaves(projectDir, path) ? { code: 'bad-path', message } : undefined;
  }
  if (found?.isDirectory()) return { code: 'missing-file', message: `\`${value}\` is a folder, not a file` };
  const near = await nearPath(projectDir, value, 'file');
  return {
    code: 'missing-file',
    message: `there is no file \`${value}\``,
    hint: near === undefined ? "paths start from parity.yaml's folder" : `did you mean \`${near}\`?`,
  };
}

/** The parts of a requirement source: `pyproject.toml[dev,test]`, `pyproject.toml:dev`, or a file alone. */
export function requirementSource(value: string): { file: string; extras: readonly string[]; group?: string } {
  const extras = /^(.*)\[([^[\]]*)\]$/.exec(value);
  if (extras?.[1] !== undefined) {
    return { file: extras[1].trim(), extras: (extras[2] ?? '').split(',').map((extra) => extra.trim()) };
  }
  const group = /^(.*pyproject\.toml):([^/]*)$/.exec(value);
  if (group?.[1] !== undefined) return { file: group[1], extras: [], group: group[2]?.trim() ?? '' };
  return { file: value, extras: [] };
}

/** What is wrong with a requirement source: no such file, or an extra or group that its pyproject.toml never names. */
export async function requirementProblem(projectDir: string, value: string): Promise<Complaint | undefined> {
  const lock = lockSource(value);
  if (lock !== undefined) {
    const selection = lockSelection(lock);
    if ('wrong' in selection) return { code: 'bad-requirement-source', ...selection.wrong };
    return await fileProblem(projectDir, lock.file);
  }
  const limits = /^-c\s+(.+)$/.exec(value)?.[1];
  if (limits !== undefined) return await fileProblem(projectDir, limits);
  const { file, extras, group } = requirementSource(value);
  const wrongForm = toolInRequirements(value);
  if (wrongForm) return wrongForm;
  const missing = await fileProblem(projectDir, file);
  if (missing) return missing;
  const wanted = group === undefined ? extras : [group];
  if (wanted.length === 0) return undefined;
  // Which extras a setup.py has, only running it tells.
  if (basename(file) === 'setup.py' && group === undefined) return undefined;
  if (basename(file) !== 'pyproject.toml' && (basename(file) !== 'setup.cfg' || group !== undefined)) {
    return {
      code: 'bad-requirement-source',
      message: `only a pyproject.toml has extras and groups`,
      hint: `write \`${file}\``,
    };
  }
  // A look at the text is enough to catch a slip, and spares every run a TOML parser; the lock reads it properly.
  const text = readTextIfExists(join(projectDir, file)) ?? '';
  if (group === undefined && /^[ \t]*dynamic[ \t]*=[^\]]*["']optional-dependencies["']/m.test(text)) return undefined;
  const list =
    basename(file) === 'setup.cfg' ? /^([\w.-]+)[ \t]*=/gm : /(?:^|[{,.])[ \t]*["']?([\w.-]+?)["']?[ \t]*=[ \t]*\[/gm;
  const names = [...text.matchAll(list), ...text.matchAll(/^[ \t]*\[tool\.poetry\.group\.["']?([\w-]+)/gm)].map(
    (match) => match[1] ?? '',
  );
  if (/^[ \t]*\[tool\.poetry\.dev-dependencies\]/m.test(text)) names.push('dev');
  const absent = wanted.find((name) => !names.some((known) => normalisedName(known).endsWith(normalisedName(name))));
  if (absent === undefined) return undefined;
  const meant = nearest(absent, names);
  return {
    code: 'unknown-extra',
    message: `${file} has no ${group === undefined ? 'extra' : 'dependency group'} \`${absent}\``,
    ...(meant === undefined ? {} : { hint: `did you mean \`${meant}\`?` }),
  };
}

function toolInRequirements(value: string): Complaint | undefined {
  if (!/^[A-Za-z0-9._-]+(?:\[[\w,-]+\])?\s*(?:==|~=|>=|<=|!=|<|>)/.test(value)) return undefined;
  const message = `\`${value}\` is a requirement, not a file of them`;
  return { code: 'bad-requirement-source', message, hint: `put it in \`tools: [${value}]\`` };
}

function leaves(projectDir: string, path: string): boolean {
  const way = relative(realpathSync.native(projectDir), realpathSync.native(path));
  return way === '..' || way.startsWith(`..${sep}`);
}

/** The existing path that a missing one most likely means: near by name in the same folder, else the same name elsewhere. */
async function nearPath(projectDir: string, value: string, kind: 'file' | 'folder'): Promise<string | undefined> {
  const wanted = posix.normalize(value).replace(/\/$/, '');
  const found: string[] = [];
  // Three levels are where people keep such things; a whole tree could take long.
  const folders: [path: string, depth: number][] = [['', 0]];
  for (const [folder, depth] of folders) {
    const entries = await readdir(join(projectDir, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && depth < 3 && folders.length < 500) folders.push([path, depth + 1]);
      if (kind === 'folder' ? entry.isDirectory() : entry.isFile()) found.push(path);
    }
  }
  const siblings = found.filter((path) => dirname(path) === dirname(wanted));
  const sibling = nearest(
    basename(wanted),
    siblings.map((path) => basename(path)),
  );
  if (sibling !== undefined) return posix.join(dirname(wanted), sibling);
  return found.find((path) => basename(path) === basename(wanted)) ?? nearest(wanted, found);
}
