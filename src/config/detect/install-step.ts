import type { StepConfig } from '../config.ts';
import { decision, type Decision } from './decision.ts';
import { inFolder, within, type Repo } from './repo.ts';
import { detectedStep } from './detected-step.ts';
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

/** The lock file that decides how a folder is installed, by its name; undefined when it has none. */
function lockFileOf(repo: Repo, dir: string): string | undefined {
  const names = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'];
  return names.find((name) => repo.has(inFolder(dir, name)));
}

/** The install step of a folder, by the package manager whose lock file it has; no step, and why, where none can work. */
export function installStep(
  repo: Repo,
  target: InstallTarget,
): { readonly step?: StepConfig; readonly decisions: readonly Decision[] } {
  const { dir, name } = target;
  const lock = lockFileOf(repo, dir);
  const make = (run: string, why: string, more: readonly string[] = []): ReturnType<typeof installStep> => {
    const inputs = ['package.json', lock ?? '', '.npmrc', ...more].filter(
      (file) => file !== '' && repo.has(inFolder(dir, file)),
    );
    const members = target.members.flatMap((member) => within(dir, member) ?? []);
    const step = detectedStep({
      name: `${name}-install`,
      cwd: dir,
      run,
      inputs: [...inputs, ...members.map((member) => `${member}/package.json`)],
      volumes: ['node_modules', ...members.map((member) => `${member}/node_modules`)],
      network: 'full',
      // By a lock file, what it fetches is known beforehand.
      ...(lock === undefined ? {} : { cache: true }),
    });
    return { step, decisions: [decision(step.name, run, why)] };
  };
  const none = (why: string): ReturnType<typeof installStep> => ({
    decisions: [decision(dir, 'no steps', why, { severity: 'warning' })],
  });
  const declared = typeof target.manifest['packageManager'] === 'string' ? target.manifest['packageManager'] : '';
  const pinned = /^(?:npm|pnpm|yarn)@(\d+\.\d+\.\d+[\w.-]*)/.exec(declared)?.[1];

  switch (lock) {
    case 'package-lock.json':
    case 'npm-shrinkwrap.json':
      return make('npm ci', `${inFolder(dir, lock)} is there; node_modules lives in a volume`);
    case 'pnpm-lock.yaml': {
      const version = pinned ?? pnpmFor(repo.text(inFolder(dir, lock)));
      const why = `${inFolder(dir, lock)} is there; the image has npm only, so npx fetches pnpm ${version}, and scripts run through npm`;
      return make(`npx --yes pnpm@${version} install --frozen-lockfile`, why, ['pnpm-workspace.yaml']);
    }
    case 'yarn.lock': {
      const berry = repo.has(inFolder(dir, '.yarnrc.yml')) || /^yarn@[2-9]/.test(declared);
      if (!berry) {
        const why = `${inFolder(dir, lock)} is there; the image has npm only, so npx fetches yarn, and scripts run through npm`;
        return make(`npx --yes yarn@${pinned ?? '1.22.22'} install --frozen-lockfile`, why);
      }
      if (!/^nodeLinker:\s*["']?node-modules/m.test(repo.text(inFolder(dir, '.yarnrc.yml')) ?? '')) {
        return none(
          "yarn's Plug'n'Play has no node_modules for npm to run scripts from: write steps with `npx @yarnpkg/cli-dist`, or set `nodeLinker: node-modules`",
        );
      }
      const why = `${inFolder(dir, lock)} is there; the image has npm only, so npx fetches yarn, and scripts run through npm`;
      return make(`npx --yes @yarnpkg/cli-dist@${pinned ?? '4'} install --immutable`, why, ['.yarnrc.yml']);
    }
    case 'bun.lock':
    case 'bun.lockb':
      return none(
        'bun is not in the image: write a step with `npx --yes bun install --frozen-lockfile`, or add a package-lock.json',
      );
    default:
      return make(
        'npm install --no-package-lock',
        `${dir} has no package-lock.json, so its versions are not fixed: \`npm install\` once and commit the file`,
      );
  }
}

/** The pnpm that writes a lock file's version. */
function pnpmFor(lock: string | undefined): string {
  const version = /^lockfileVersion:\s*'?([\d.]+)/m.exec(lock ?? '')?.[1] ?? '9.0';
  return Number(version) >= 9 ? '10' : Number(version) >= 6 ? '8' : '7';
}
