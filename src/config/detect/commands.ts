import { posix } from 'node:path';
import { YamlDocument, type DocumentPath } from '../../formats/yaml-document.ts';
import { iniSettings } from './ini-settings.ts';
import type { Place, Repo } from './repo.ts';

/** A line of a script that the repo runs somewhere. */
export interface ScriptLine extends Place {
  /** One simple command: no `&&`, `;` or line break in it. */
  readonly command: string;
  /** The folder it runs in, relative to the project; undefined when that can't be told. */
  readonly cwd: string | undefined;
  /** Where it was found: CI decides what passes, the others show habits. */
  readonly source: 'ci' | 'task';
}

/** Every command that CI files, Makefiles, tox.ini and scripts run, in that order. */
export function scriptLines(repo: Repo): readonly ScriptLine[] {
  const found: ScriptLine[] = [];
  for (const file of repo.files) {
    if (/^\.github\/workflows\/[^/]+\.ya?ml$/.test(file)) found.push(...workflowLines(file, repo.text(file) ?? ''));
    if (file === '.gitlab-ci.yml') found.push(...gitlabLines(file, repo.text(file) ?? ''));
    if (file === '.circleci/config.yml') found.push(...circleLines(file, repo.text(file) ?? ''));
  }
  for (const file of repo.files) {
    const folder = posix.dirname(file);
    if (/(^|\/)[Mm]akefile$/.test(file)) found.push(...makefileLines(file, folder, repo.text(file) ?? ''));
    if (/(^|\/)tox\.ini$/.test(file)) found.push(...toxLines(file, folder, repo.text(file) ?? ''));
    if (/(^|\/)scripts?\/[^/.]+(\.sh)?$/.test(file)) {
      const lines = (repo.text(file) ?? '').split('\n');
      found.push(...split(lines.join('\n'), { file, line: 1, cwd: posix.dirname(folder), source: 'task' }));
    }
  }
  return found;
}

function workflowLines(file: string, text: string): ScriptLine[] {
  const document = new YamlDocument(text);
  const found: ScriptLine[] = [];
  const top = record(document.value);
  const topFolder = record(record(top['defaults'])['run'])['working-directory'];
  for (const [job, value] of Object.entries(record(top['jobs']))) {
    const jobFolder = record(record(record(value)['defaults'])['run'])['working-directory'] ?? topFolder;
    for (const [index, step] of list(record(value)['steps']).entries()) {
      const run = record(step)['run'];
      if (typeof run !== 'string') continue;
      const folder = record(step)['working-directory'] ?? jobFolder ?? '.';
      const line = firstLine(document, ['jobs', job, 'steps', index, 'run'], run);
      found.push(...split(run, { file, line, cwd: plainFolder(folder), source: 'ci' }));
    }
  }
  return found;
}

function gitlabLines(file: string, text: string): ScriptLine[] {
  const document = new YamlDocument(text);
  const found: ScriptLine[] = [];
  for (const [job, value] of Object.entries(record(document.value))) {
    for (const key of ['before_script', 'script']) {
      const script = record(value)[key];
      let cwd: string | undefined = '.';
      for (const [index, item] of (typeof script === 'string' ? [script] : list(script)).entries()) {
        if (typeof item !== 'string') continue;
        const line = firstLine(document, typeof script === 'string' ? [job, key] : [job, key, index], item);
        const lines = split(item, { file, line, cwd, source: 'ci' });
        found.push(...lines);
        // A `cd` alone holds for the lines after it.
        const moved = /^\s*cd\s+(\S+)\s*$/.exec(item)?.[1];
        if (moved !== undefined) cwd = plainFolder(moved, cwd);
      }
    }
  }
  return found;
}

function circleLines(file: string, text: string): ScriptLine[] {
  const document = new YamlDocument(text);
  const found: ScriptLine[] = [];
  for (const [job, value] of Object.entries(record(record(document.value)['jobs']))) {
    for (const [index, step] of list(record(value)['steps']).entries()) {
      const run = record(step)['run'];
      const command = typeof run === 'string' ? run : record(run)['command'];
      if (typeof command !== 'string') continue;
      const line = firstLine(document, ['jobs', job, 'steps', index, 'run'], command);
      found.push(...split(command, { file, line, cwd: '.', source: 'ci' }));
    }
  }
  return found;
}

/** A block scalar's text starts on the line after its key. */
function firstLine(document: YamlDocument, path: DocumentPath, text: string): number {
  const { line } = document.spanOf(path);
  return text.includes('\n') ? line + 1 : line;
}

function makefileLines(file: string, folder: string, text: string): ScriptLine[] {
  return text.split('\n').flatMap((raw, index) => {
    if (!raw.startsWith('\t')) return [];
    return split(raw.replace(/^\t[-@+\s]*/, ''), { file, line: index + 1, cwd: folder, source: 'task' });
  });
}

function toxLines(file: string, folder: string, text: string): ScriptLine[] {
  const found: ScriptLine[] = [];
  for (const section of iniSettings(text).values()) {
    const commands = section.get('commands');
    if (commands === undefined) continue;
    for (const command of commands.value
      .replace(/\\\n/g, ' ')
      .replace(/\s*\{posargs(?::[^}]*)?\}/g, '')
      .split('\n')) {
      found.push(...split(command, { file, line: commands.line, cwd: folder, source: 'task' }));
    }
  }
  return found;
}

function split(script: string, at: Place & Pick<ScriptLine, 'cwd' | 'source'>): ScriptLine[] {
  const found: ScriptLine[] = [];
  const { file, source } = at;
  const lines = script.split('\n');
  let { cwd } = at;
  for (let index = 0; index < lines.length; index++) {
    const line = at.line + index;
    let whole = lines[index] ?? '';
    while (whole.endsWith('\\') && index + 1 < lines.length) whole = `${whole.slice(0, -1)} ${lines[++index]?.trim()}`;
    // Parentheses hold a `cd` to themselves.
    const inner = /^\s*\((.*)\)\s*$/.exec(whole)?.[1];
    const before = cwd;
    for (const part of (inner ?? whole).split(/&&|\|\||;/)) {
      const command = part.trim().replace(/\s+/g, ' ');
      if (command === '' || command.startsWith('#')) continue;
      const moved = /^cd (\S+)$/.exec(command)?.[1];
      if (moved === undefined) found.push({ file, line, command, cwd, source });
      else cwd = plainFolder(moved, cwd);
    }
    if (inner !== undefined) cwd = before;
  }
  return found;
}

function plainFolder(folder: unknown, from: string | undefined = '.'): string | undefined {
  if (typeof folder !== 'string' || /[$`*{]/.test(folder) || folder.startsWith('/') || from === undefined)
    return undefined;
  const joined = posix.join(from, folder.replace(/^['"]|['"]$/g, '')).replace(/\/$/, '');
  return joined.startsWith('..') ? undefined : joined || '.';
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A script line that runs a checking tool. */
export interface ToolUse extends ScriptLine {
  /** `black`, `flake8`, `ruff check`, `ruff format` … */
  readonly tool: string;
  /** The words after the tool's name; undefined when they hold what only a shell could decide. */
  readonly args: readonly string[] | undefined;
}

const runners =
  /^(?:(?:[A-Z_][A-Z0-9_]*=\S*|env|time|exec|-|@)\s+)*(?:\$\{?\w+\}?\/?|\.?venv\/bin\/|\$\(\w+\)\/?)?(?:(?:uv|poetry|pdm|pipenv|rye|hatch|micromamba|conda) run(?: --?[\w-]+(?:=\S+)?)* (?:-- )?)?(?:uvx |pipx run )?(?:python[\d.]* -m |coverage run (?:--?\S+ )*-m )?/;

/** The tool that a line runs, through whatever runner; undefined for other commands. */
export function toolUse(line: ScriptLine): ToolUse | undefined {
  const rest = line.command.replace(runners, '');
  const match = /^(black|flake8|mypy|isort|pylint|pytest|pyright|ruff(?: check| format)?|pre-commit)(?=\s|$)(.*)$/.exec(
    rest,
  );
  if (match?.[1] === undefined) return undefined;
  const undecided = /[$`{}<>|*?"'\\&()]/.test(match[2] ?? '');
  const tool = match[1] === 'ruff' ? 'ruff check' : match[1];
  return { ...line, tool, args: undecided ? undefined : (match[2] ?? '').trim().split(' ').filter(Boolean) };
}
