import { posix } from 'node:path';
import { parseRequirement, parseRequirementsFile } from '../../config/detect/requirement.ts';
import { tableAt, textsOf, type Table } from '../../formats/table.ts';
import { tomlTable } from '../../formats/toml.ts';
import type { ActionCommand, InputOf } from './action-command.ts';
import { toolLine } from './tool-line.ts';

/**
 * What ruff-action runs, with the ruff that it installs: that of its input, else of its file, else of the nearest pyproject.toml above the first
 * source that says one (https://github.com/astral-sh/ruff-action), else the newest. Pure but for `readText`.
 */
export function ruffCommand(input: InputOf, readText: (path: string) => string | undefined): ActionCommand {
  const args = input('args') ?? 'check';
  const source = input('src');
  // It only installs, for later steps.
  const isInfo = /^(?:--version|version|--help|help)\b/.test(args);
  const isOwn = /^\s*(?:check|format|rule|config|linter|analyze|server)\b/.test(args);
  const script = isInfo ? `ruff ${args}` : `ruff ${isOwn ? args : `check ${args}`} ${source ?? '.'}`;
  const version = input('version');
  return {
    script,
    tools: [version === undefined ? foundLine(input('version-file'), source, readText) : toolLine('ruff', version)],
  };
}

function foundLine(
  file: string | undefined,
  source: string | undefined,
  readText: (path: string) => string | undefined,
): string {
  if (file !== undefined) return lineIn(posix.normalize(file), readText) ?? 'ruff';
  const [first = '.'] = (source ?? '.').split(/\s+/);
  for (let folder = posix.normalize(first).replace(/\/$/, ''); ; folder = posix.dirname(folder)) {
    const line = lineIn(posix.join(folder, 'pyproject.toml'), readText);
    if (line !== undefined) return line;
    if (folder === '.' || folder === '/' || folder.startsWith('..')) return 'ruff';
  }
}

function lineIn(path: string, readText: (path: string) => string | undefined): string | undefined {
  const text = readText(path);
  if (text === undefined) return undefined;
  if (path.endsWith('uv.lock')) {
    const packages = tomlTable(text)?.['package'];
    const found = (Array.isArray(packages) ? (packages as readonly Table[]) : []).find(({ name }) => name === 'ruff');
    return typeof found?.['version'] === 'string' ? `ruff==${found['version']}` : undefined;
  }
  if (path.endsWith('.toml')) return lineInPyproject(tomlTable(text));
  const said = parseRequirementsFile(text).requirements.find(({ name }) => name === 'ruff');
  return said === undefined ? undefined : `ruff${said.specifier}`;
}

function lineInPyproject(table: Table | undefined): string | undefined {
  const project = tableAt(table, 'project');
  const lists = [
    project?.['dependencies'],
    ...Object.values(tableAt(project, 'optional-dependencies') ?? {}),
    ...Object.values(tableAt(table, 'dependency-groups') ?? {}),
  ];
  for (const line of lists.flatMap(textsOf)) {
    const said = parseRequirement(line);
    if (said?.name === 'ruff' && said.specifier !== '') return `ruff${said.specifier}`;
  }
  const poetry = tableAt(table, 'tool', 'poetry');
  const groups = Object.values(tableAt(poetry, 'group') ?? {}) as readonly Table[];
  const tables = [
    poetry?.['dependencies'],
    poetry?.['dev-dependencies'],
    ...groups.map((group) => group['dependencies']),
  ];
  for (const each of tables) {
    const said = (each as Table | undefined)?.['ruff'];
    const version = typeof said === 'string' ? said : (said as Table | undefined)?.['version'];
    if (typeof version === 'string') return toolLine('ruff', compatible(version));
  }
  return undefined;
}

/** Poetry's `^0.5.1`: below the next version of its first part that is not 0. */
function compatible(version: string): string {
  const [, digits = ''] = /^\^(\d+(?:\.\d+)*)$/.exec(version.trim()) ?? [];
  if (digits === '') return version;
  const parts = digits.split('.').map(Number);
  const at = Math.max(
    0,
    parts.findIndex((part) => part > 0),
  );
  const next = [...parts.slice(0, at), (parts[at] ?? 0) + 1];
  return `>=${digits},<${next.join('.')}`;
}
