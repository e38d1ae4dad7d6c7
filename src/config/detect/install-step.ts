import type { StepConfig } from '../config.ts';
import { decision, type Decision } from './decision.ts';
import { inFolder, within, type Repo } from './repo.ts';
import { detectedStep } from './detected-step.ts';
import { folderManager, type FolderManager } from './package-managers.ts';
import type { Table } from '../../formats/table.ts';

/** The folder to install for. */
export interface InstallTarget {
  readonly dir: string;
  readonly manifest: Table;
  /** Folders of its workspaces, relative to the project. */
  readonly members: readonly string[];
  /** What its steps are called after. */
  readonly name: string;
}

/** How a folder's dependencies are installed. */
interface Install {
  readonly run: string;
  readonly why: string;
  /** Files beside package.json, the lock file and .npmrc that decide what is installed. */
  readonly inputs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** False where nothing is put into node_modules. */
  readonly fillsFolders?: false;
}

/** The install step of a folder, by its package manager; no step, and why, where none can work. */
export function installStep(
  repo: Repo,
  target: InstallTarget,
): { readonly step?: StepConfig; readonly decisions: readonly Decision[] } {
  const { dir, name } = target;
  const manager = folderManager(repo, target);
  const install = installOf(repo, target, manager);
  if (typeof install === 'string') return { decisions: [decision(dir, 'no steps', install, { severity: 'warning' })] };
  const there = ['package.json', manager.lock ?? '', '.npmrc'].filter(
    (file) => file !== '' && repo.has(inFolder(dir, file)),
  );
  const members = target.members.flatMap((member) => within(dir, member) ?? []);
  const step = detectedStep({
    name: `${name}-install`,
    cwd: dir,
    run: install.run,
    ...(install.env === undefined ? {} : { env: install.env }),
    inputs: [...there, ...(install.inputs ?? []), ...members.map((member) => `${member}/package.json`)],
    volumes:
      install.fillsFolders === false ? [] : ['node_modules', ...members.map((member) => `${member}/node_modules`)],
    network: 'full',
    // By a lock file, what it fetches is known beforehand.
    ...(manager.lock === undefined ? {} : { cache: true }),
  });
  return { step, decisions: [decision(step.name, install.run, install.why)] };
}

/** How to install; a text is why that can't be done. */
function installOf(repo: Repo, { dir, manifest }: InstallTarget, manager: FolderManager): Install | string {
  const { name, lock, isBerry } = manager;
  const locked = `${inFolder(dir, lock ?? '')} is there; node_modules lives in a volume`;
  const unlocked = `${dir} has no lock file of ${name}, so its versions are not fixed: \`${name} install\` once and commit the file`;
  const those = (...files: readonly string[]): readonly string[] =>
    files.filter((file) => repo.has(inFolder(dir, file)));
  switch (name) {
    case 'npm':
      return lock === undefined
        ? { run: 'npm install --no-package-lock', why: unlocked }
        : { run: 'npm ci', why: locked };
    case 'pnpm': {
      const inputs = those('pnpm-workspace.yaml', '.pnpmfile.cjs', '.pnpmfile.mjs');
      const patches = repo.files.some((path) => path.startsWith(`${inFolder(dir, 'patches')}/`)) ? ['patches/**'] : [];
      return lock === undefined
        ? { run: 'pnpm install --no-lockfile', why: unlocked, inputs }
        : { run: 'pnpm install --frozen-lockfile', why: locked, inputs: [...inputs, ...patches] };
    }
    case 'yarn':
      if (isBerry) return lock === undefined ? unlocked : berryInstall(repo, dir, manifest, locked);
      return lock === undefined
        ? { run: 'yarn install --no-lockfile', why: unlocked, inputs: those('.yarnrc') }
        : { run: 'yarn install --frozen-lockfile', why: locked, inputs: those('.yarnrc') };
    case 'bun':
      return lock === undefined
        ? { run: 'bun install --no-save', why: unlocked, inputs: those('bunfig.toml') }
        : { run: 'bun install --frozen-lockfile', why: locked, inputs: those('bunfig.toml') };
    default:
      return name satisfies never;
  }
}

/** Yarn 2 and later. Its Plug'n'Play writes into the tree, at paths of the machine that it runs on. */
function berryInstall(repo: Repo, dir: string, manifest: Table, locked: string): Install | string {
  const settings = repo.text(inFolder(dir, '.yarnrc.yml')) ?? '';
  const run = 'yarn install --immutable';
  // Its own releases, plugins and patches lie in a hidden folder, which detection does not list.
  const inputs = ['.yarnrc.yml', '.yarn/patches/**', '.yarn/plugins/**', '.yarn/releases/**'];
  if (/^nodeLinker:\s*["']?(?:node-modules|pnpm)/m.test(settings)) {
    // Before Yarn 4 what it downloads went into the tree unless the repository said otherwise.
    const isNew = !/^yarn@[23]\./.test(String(manifest['packageManager'] ?? 'yarn@4'));
    const isSaid = /^(?:enableGlobalCache|cacheFolder):/m.test(settings);
    return {
      run,
      why: locked,
      inputs,
      ...(isNew || isSaid ? {} : { env: { YARN_ENABLE_GLOBAL_CACHE: 'true' } }),
    };
  }
  if (repo.has(inFolder(dir, '.pnp.cjs')))
    return {
      run,
      why: `yarn.lock and .pnp.cjs are there: Plug'n'Play`,
      inputs: [...inputs, '.pnp.cjs', '.yarn/cache/**'],
      fillsFolders: false,
    };
  return "yarn's Plug'n'Play would write .pnp.cjs into your tree, with the container's paths: commit it with .yarn/cache, or set `nodeLinker: node-modules`";
}
