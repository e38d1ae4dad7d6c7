import { tableAt, textsOf, type Table } from '../../formats/table.ts';
import { tomlTable } from '../../formats/toml.ts';
import { lockToolOf, type LockTool } from '../lock-source.ts';
import { decision, type Decision } from './decision.ts';
import { inFolder, within, type Repo } from './repo.ts';

/** The lock file that a root's packages are installed from. */
export interface RootLock {
  readonly tool: LockTool;
  /** Its path. */
  readonly file: string;
  /** The folder that it lies in. */
  readonly dir: string;
  /** True when the root is a member of the workspace whose lock file it is, or its top. */
  readonly isWorkspace: boolean;
}

/** Lock files in the order in which a folder that has several is taken to use them, each with the file that it is made from. */
const lockFiles = [
  ['uv.lock', 'pyproject.toml'],
  ['poetry.lock', 'pyproject.toml'],
  ['pdm.lock', 'pyproject.toml'],
  ['Pipfile.lock', 'Pipfile'],
  ['pylock.toml', undefined],
] as const;

/** Finds the lock file of a root: in its folder, or that of the uv workspace above of which it is a member. */
export function lockOfRoot(repo: Repo, dir: string): RootLock | undefined {
  for (const [name, manifest] of lockFiles) {
    const file = inFolder(dir, name);
    const tool = lockToolOf(name);
    if (tool === undefined || !repo.has(file) || (manifest !== undefined && !repo.has(inFolder(dir, manifest))))
      continue;
    const pyproject = tomlTable(repo.text(inFolder(dir, 'pyproject.toml')));
    return { tool, file, dir, isWorkspace: tool === 'uv' && isWorkspaceTop(pyproject) };
  }
  for (let above = dir; above !== '.';) {
    above = above.includes('/') ? above.slice(0, above.lastIndexOf('/')) : '.';
    const file = inFolder(above, 'uv.lock');
    const member = within(above, dir);
    const members = /\b(?:editable|virtual) = "([^"]+)"/g;
    if (!repo.has(file) || member === undefined) continue;
    const isMember = [...(repo.text(file) ?? '').matchAll(members)].some((match) => match[1] === member);
    if (isMember && isWorkspaceTop(tomlTable(repo.text(inFolder(above, 'pyproject.toml')))))
      return { tool: 'uv', file, dir: above, isWorkspace: true };
  }
  return undefined;
}

function isWorkspaceTop(pyproject: Table | undefined): boolean {
  return tableAt(pyproject, 'tool', 'uv', 'workspace') !== undefined;
}

/** How the toolchain names a root's lock file: with the extras and groups for checking that are not installed unasked. */
export function lockSourceOf(
  lock: RootLock,
  pyproject: Table | undefined,
  isDevelopment: (name: string) => boolean,
): { readonly source: string; readonly decision: Decision } {
  const extras = Object.keys(tableAt(pyproject, 'project', 'optional-dependencies') ?? {});
  const poetry = tableAt(pyproject, 'tool', 'poetry') ?? {};
  const groups = groupsOf(pyproject);
  const words = {
    uv: () => [
      ...(lock.isWorkspace ? ['--all-packages'] : []),
      ...asked('--extra', extras.filter(isDevelopment)),
      ...asked(
        '--group',
        groups.filter((name) => isDevelopment(name) && !uvDefaultGroups(pyproject).includes(name)),
      ),
    ],
    poetry: () => [
      ...asked('-E', [...extras, ...Object.keys(tableAt(poetry, 'extras') ?? {})].filter(isDevelopment)),
      ...asked(
        '--with',
        groups.filter((name) => isDevelopment(name) && tableAt(poetry, 'group', name)?.['optional'] === true),
      ),
    ],
    pdm: () => [],
    pipenv: () => ['--dev'],
    pylock: () => [],
  }[lock.tool]();
  const source = [lock.file, ...words].join(' ');
  const why = `${lock.file} is there: its versions are the lock's, as its own tool installs them`;
  return { source, decision: decision('requirements', source, why) };
}

function asked(option: string, names: readonly string[]): readonly string[] {
  return [...new Set(names)].flatMap((name) => [option, name]);
}

/** The names of all groups for development that a pyproject.toml has, in any dialect. */
function groupsOf(pyproject: Table | undefined): readonly string[] {
  return [
    ...Object.keys(tableAt(pyproject, 'dependency-groups') ?? {}),
    ...Object.keys(tableAt(pyproject, 'tool', 'poetry', 'group') ?? {}),
  ];
}

function uvDefaultGroups(pyproject: Table | undefined): readonly string[] {
  const set = tableAt(pyproject, 'tool', 'uv')?.['default-groups'];
  if (set === 'all') return groupsOf(pyproject);
  return Array.isArray(set) ? textsOf(set) : ['dev'];
}

/** True when a lock file holds a package of this normalised name, whoever asks for it. */
export function lockHolds(text: string, name: string): boolean {
  const spelt = name.replaceAll('.', '\\.').replaceAll('-', '[-_.]+');
  return new RegExp(`^name = "${spelt}"$|^ *"${spelt}": \\{`, 'im').test(text);
}
