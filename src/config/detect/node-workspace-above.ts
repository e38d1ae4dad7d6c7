import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { readJson } from '../../core/json.ts';
import { readTextIfExists } from '../../core/read-text-if-exists.ts';
import { tableAt } from '../../formats/table.ts';
import type { NodeDefaults } from '../config-cache.ts';
import { gitTop } from '../project.ts';
import { isWorkspaceMember, saidNode } from './node.ts';
import { declaringText, type Repo } from './repo.ts';

/** A workspace of npm, pnpm, Yarn or bun that has a folder below it as a member. */
export interface NodeWorkspace {
  readonly dir: string;
  /** Its lock file's name; absent when it has none. */
  readonly lock?: string;
}

const lockFiles = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'];
const saying = ['package.json', '.nvmrc', '.node-version', '.bun-version', '.tool-versions', 'mise.toml', '.mise.toml'];

/** The workspace above, in the same git repository, that a folder is a member of; undefined for none, and where the folder has a lock file itself. */
export function nodeWorkspaceAbove(dir: string): NodeWorkspace | undefined {
  const top = gitTop(dir);
  if (top === undefined || !existsSync(join(dir, 'package.json'))) return undefined;
  if (lockFiles.some((name) => existsSync(join(dir, name)))) return undefined;
  for (let above = dir; above !== top;) {
    above = dirname(above);
    const manifest = readJson(readTextIfExists(join(above, 'package.json')) ?? '', tableAt);
    if (manifest === undefined) continue;
    const lock = lockFiles.find((name) => existsSync(join(above, name)));
    const pnpm = readTextIfExists(join(above, 'pnpm-workspace.yaml'));
    const name = relative(above, dir).split(sep).join('/');
    if (isWorkspaceMember(manifest, pnpm, name)) return { dir: above, ...(lock === undefined ? {} : { lock }) };
  }
  return undefined;
}

/**
 * What detection chose of Node for a member of a workspace above it, with what the workspace's own folder says where the member's leaves it open: its
 * `packageManager`, its lock file's format, its .nvmrc.
 */
export function withWorkspaceAbove(dir: string, defaults: NodeDefaults): NodeDefaults {
  const workspace = defaults.node === undefined ? undefined : nodeWorkspaceAbove(dir);
  if (workspace === undefined) return defaults;
  const [own, above] = [saidNode(ownFiles(dir)), saidNode(ownFiles(workspace.dir))];
  const { managers = [] } = defaults;
  const path = relative(dir, workspace.dir).split(sep).join('/');
  const more = above.managers
    .filter(({ name }) => !managers.some((each) => each.name === name))
    .map((wish) => ({ ...wish, file: `${path}/${wish.file}` }));
  const node = own.version === undefined ? above.version : undefined;
  return {
    ...defaults,
    ...(node === undefined ? {} : { node }),
    ...(managers.length + more.length === 0 ? {} : { managers: [...managers, ...more] }),
  };
}

/** A folder's own files that say something of Node, without those in folders below it. */
function ownFiles(dir: string): Repo {
  const texts = new Map<string, string>();
  for (const name of [...saying, ...lockFiles, '.yarnrc.yml']) {
    const isBinary = name === 'bun.lockb' || name === 'package-lock.json' || name === 'npm-shrinkwrap.json';
    const text = isBinary && existsSync(join(dir, name)) ? '' : readTextIfExists(join(dir, name));
    if (text !== undefined) texts.set(name, declaringText(name, text));
  }
  return { files: [...texts.keys()], has: (path) => texts.has(path), text: (path) => texts.get(path) };
}
