import type { ToolUse } from './commands.ts';
import type { Hook } from './declared.ts';
import { iniSettings } from './ini-settings.ts';
import type { PythonRoot } from './python-roots.ts';
import { inFolder, lineAt, type Place, type Repo } from './repo.ts';
import type { Declared } from './sources.ts';
import { tableAt } from '../../formats/table.ts';

/** The checks that detection can make steps of. */
export type Check = 'black' | 'ruff-format' | 'ruff' | 'flake8' | 'isort' | 'mypy';

/** A sign that a repo uses a tool. */
export interface Evidence extends Place {
  /** CI or a hook runs the tool: 3; it is configured: 2; a task runs it, or it is required: 1. */
  readonly strength: 1 | 2 | 3;
  /** e.g. `CI runs it`. */
  readonly text: string;
  /** The command, when CI or a task runs the tool. */
  readonly use?: ToolUse;
}

/** The text of evidence from a pre-commit hook. */
export const hookEvidence = 'pre-commit runs it';

const hookIds: Readonly<Record<Check, readonly string[]>> = {
  black: ['black', 'black-jupyter'],
  'ruff-format': ['ruff-format'],
  ruff: ['ruff', 'ruff-check'],
  flake8: ['flake8'],
  isort: ['isort'],
  mypy: ['mypy'],
};

/** All evidence that a root uses a tool, the strongest first; empty when there is none. */
export function evidenceOf(
  check: Check,
  repo: Repo,
  root: PythonRoot,
  facts: { readonly uses: readonly ToolUse[]; readonly hooks: readonly Hook[]; readonly declared: readonly Declared[] },
): readonly Evidence[] {
  const found: Evidence[] = [];
  const command = {
    black: 'black',
    'ruff-format': 'ruff format',
    ruff: 'ruff check',
    flake8: 'flake8',
    isort: 'isort',
    mypy: 'mypy',
  }[check];
  for (const use of facts.uses) {
    // A command that ignores failures does not show that the code passes.
    if (use.tool !== command || /--exit-zero|\|\|\s*true/.test(use.command)) continue;
    const ci = use.source === 'ci';
    found.push({
      strength: ci ? 3 : 1,
      text: ci ? 'CI runs it' : 'a task runs it',
      file: use.file,
      line: use.line,
      use,
    });
  }
  for (const hook of facts.hooks) {
    if (!hookIds[check].includes(hook.id)) continue;
    found.push({ strength: 3, text: hookEvidence, file: hook.file, line: hook.line });
  }
  const config = configPlace(check, repo, root);
  if (config) found.push({ strength: 2, text: 'it is configured', ...config });
  const required = facts.declared.find(({ name, development }) => name === check && development);
  if (required) found.push({ strength: 1, text: 'it is required', file: required.file, line: required.line });
  return found.sort((a, b) => b.strength - a.strength);
}

/** The place of a tool's configuration; undefined when it has none. */
export function configPlace(check: Check, repo: Repo, root: PythonRoot): Place | undefined {
  const path = (name: string): string => inFolder(root.dir, name);
  const own: Readonly<Partial<Record<Check, readonly string[]>>> = {
    ruff: ['ruff.toml', '.ruff.toml'],
    flake8: ['.flake8'],
    mypy: ['mypy.ini', '.mypy.ini'],
    isort: ['.isort.cfg'],
  };
  const file = own[check]?.map(path).find((candidate) => repo.has(candidate));
  if (file !== undefined) return { file, line: 1 };
  const pyproject = repo.text(path('pyproject.toml')) ?? '';
  const header = check === 'ruff-format' ? 'ruff.format' : check;
  const keys = ['tool', ...header.split('.')];
  if (tableAt(root.pyproject, ...keys) !== undefined) {
    const offset = pyproject.search(new RegExp(`^\\[+tool\\.${header.replace('.', '\\.')}`, 'm'));
    return { file: path('pyproject.toml'), line: lineAt(pyproject, Math.max(0, offset)) };
  }
  for (const name of ['setup.cfg', 'tox.ini']) {
    const sections = iniSettings(repo.text(path(name)));
    const section = check === 'isort' ? ['isort', 'tool:isort'].find((one) => sections.has(one)) : check;
    if (check === 'black' || check === 'ruff' || check === 'ruff-format' || section === undefined) continue;
    if (!sections.has(section) || (name === 'tox.ini' && check === 'mypy')) continue;
    const text = repo.text(path(name)) ?? '';
    return { file: path(name), line: lineAt(text, Math.max(0, text.indexOf(`[${section}]`))) };
  }
  return undefined;
}
