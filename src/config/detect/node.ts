import { posix } from 'node:path';
import picomatch from 'picomatch';
import semver from 'semver';
import { readJson } from '../../core/json.ts';
import type { ManagerWish, StepConfig } from '../config.ts';
import { decision, placeText, type Decision } from './decision.ts';
import { installStep } from './install-step.ts';
import { memberCommand, programCommand, scriptCommand } from './manager-commands.ts';
import { folderManager, managerWishes, type FolderManager } from './package-managers.ts';
import { miseFiles } from './python-version.ts';
import { referenceNode } from './reference.ts';
import { inFolder, lineAt, within, type Place, type Repo } from './repo.ts';
import { detectedStep } from './detected-step.ts';
import { tableAt, type Table } from '../../formats/table.ts';

/** What a repo's JavaScript and TypeScript folders ask for. */
export interface NodeParts {
  /** Absent when no folder has anything to run. */
  readonly version: string | undefined;
  /** The package managers that they name. */
  readonly managers: readonly ManagerWish[];
  readonly steps: readonly StepConfig[];
  readonly decisions: readonly Decision[];
}

/** A folder with a package.json. */
interface Package {
  readonly dir: string;
  readonly manifest: Table;
  readonly scripts: Readonly<Record<string, string>>;
  /** Folders of the workspaces it holds. */
  readonly members: readonly Package[];
}

/** Makes the steps of each UI folder: install, types, and what its scripts offer of lint, test and build. */
export function nodeParts(repo: Repo): NodeParts {
  const packages = topPackages(repo).filter((one) => hasWork(repo, one));
  if (packages.length === 0) return { version: undefined, managers: [], steps: [], decisions: [] };
  const decisions: Decision[] = [];
  const steps: StepConfig[] = [];
  const names = new Set<string>();
  for (const one of packages) {
    const made = packageSteps(repo, one, packages.length === 1 ? 'ui' : uniqueName(one.dir, names));
    steps.push(...made.steps);
    decisions.push(...made.decisions);
  }
  const version = nodeVersion(repo, packages);
  const managers = managerWishes(repo, foldersOf(repo, packages));
  return {
    version: version.version,
    managers: managers.wishes,
    steps,
    decisions: [...version.decisions, ...managers.decisions, ...decisions],
  };
}

/** The Node and the package managers that the files of a repo say, whether it has anything to run or not; no version where they leave it open. */
export function saidNode(repo: Repo): Pick<NodeParts, 'version' | 'managers'> {
  const packages = topPackages(repo);
  const { version, decisions } = nodeVersion(repo, packages);
  const isSaid = decisions.some(({ places = [] }) => places.length > 0);
  return { version: isSaid ? version : undefined, managers: managerWishes(repo, foldersOf(repo, packages)).wishes };
}

/** The folders that may name a package manager: the top's comes first, even where it has nothing to run. */
function foldersOf(repo: Repo, packages: readonly Package[]): readonly Pick<Package, 'dir' | 'manifest'>[] {
  const top = parseJson(repo.text('package.json'));
  const own = packages.filter(({ dir }) => dir !== '.');
  return top === undefined ? own : [{ dir: '.', manifest: top }, ...own];
}

function topPackages(repo: Repo): readonly Package[] {
  const all = repo.files
    .filter((path) => posix.basename(path) === 'package.json')
    .filter((path) => !/(?:^|\/)(?:tests?|__tests__|fixtures?|testdata|examples?|templates?)\//.test(path))
    .flatMap((path): Package[] => {
      const manifest = parseJson(repo.text(path));
      if (manifest === undefined) return [];
      const scripts = Object.fromEntries(
        Object.entries(tableAt(manifest, 'scripts') ?? {}).filter(
          (entry): entry is [string, string] => typeof entry[1] === 'string',
        ),
      );
      return [{ dir: posix.dirname(path), manifest, scripts, members: [] }];
    });
  const tops: Package[] = [];
  for (const one of all.sort((a, b) => a.dir.length - b.dir.length)) {
    const holder = tops.find((top) => isMember(repo, top, one.dir));
    if (holder === undefined) tops.push(one);
    else (holder.members as Package[]).push(one);
  }
  return tops.sort((a, b) => (a.dir < b.dir ? -1 : 1));
}

function isMember(repo: Repo, top: Package, dir: string): boolean {
  const name = within(top.dir, dir);
  if (name === undefined || name === '') return false;
  const workspace = inFolder(top.dir, 'pnpm-workspace.yaml');
  const isPnpm = repo.has(workspace) && repo.has(inFolder(top.dir, 'pnpm-lock.yaml'));
  return isWorkspaceMember(top.manifest, isPnpm ? (repo.text(workspace) ?? '') : undefined, name);
}

/** Whether a folder, relative to that of a package.json, is of its workspace; with the text of pnpm-workspace.yaml where pnpm has the lock. Pure. */
export function isWorkspaceMember(manifest: Table, pnpmWorkspace: string | undefined, name: string): boolean {
  const declared = manifest['workspaces'];
  const list = Array.isArray(declared) ? declared : tableAt(declared)?.['packages'];
  const written = (Array.isArray(list) ? list : []).map(String);
  if (pnpmWorkspace !== undefined) written.push(...pnpmPatterns(pnpmWorkspace));
  const patterns = written.map((pattern) => pattern.replace(/^(!?)\.\//, '$1').replace(/\/$/, ''));
  const [excluding, including] = [true, false].map((isExcluding) =>
    patterns.filter((pattern) => pattern.startsWith('!') === isExcluding).map((pattern) => pattern.replace(/^!/, '')),
  ) as [string[], string[]];
  return picomatch.isMatch(name, including) && !picomatch.isMatch(name, excluding);
}

/** The patterns below `packages:`; all folders where there are none to read. */
function pnpmPatterns(text: string | undefined): readonly string[] {
  const [, inline, block = ''] =
    /^packages:[ \t]*(?:\[([^\]]*)\]|\n((?:[ \t]*(?:-.*|#.*)?(?:\n|$))*))/m.exec(text ?? '') ?? [];
  const items =
    inline === undefined
      ? [...block.matchAll(/^[ \t]*-[ \t]+(.*)$/gm)].map(([, item = '']) => item)
      : inline.split(',');
  const found = items.flatMap((item) => {
    const [, double, single, plain] = /^\s*(?:"([^"]*)"|'([^']*)'|([^#\s]+))/.exec(item) ?? [];
    return double ?? single ?? plain ?? [];
  });
  return found.length > 0 ? found : ['**'];
}

/** A package.json that only holds a hook runner or a formatter is no UI. */
function hasWork(repo: Repo, one: Package): boolean {
  const own = ['build', 'test', 'lint', ...typeScripts].some((name) => one.scripts[name] !== undefined);
  return own || repo.has(inFolder(one.dir, 'tsconfig.json')) || one.members.some((member) => hasWork(repo, member));
}

const typeScripts = ['typecheck', 'type-check', 'check-types', 'types', 'tsc', 'type:check'];

function packageSteps(repo: Repo, one: Package, name: string): { steps: StepConfig[]; decisions: Decision[] } {
  const install = installStep(repo, {
    dir: one.dir,
    manifest: one.manifest,
    members: one.members.map(({ dir }) => dir),
    name,
  });
  const decisions: Decision[] = [...install.decisions];
  if (install.step === undefined) return { steps: [], decisions };
  const steps: StepConfig[] = [install.step];
  const add = (part: string, run: string, why: string): void => {
    const step = detectedStep({ name: `${name}-${part}`, needs: [`${name}-install`], cwd: one.dir, run });
    steps.push(step);
    decisions.push(decision(step.name, run, why));
  };
  const file = inFolder(one.dir, 'package.json');
  const manager = folderManager(repo, one);
  const types = typesCommand(repo, one, manager);
  if (types?.run !== undefined) add('types', types.run, types.why);
  else if (types !== undefined) decisions.push(decision(`${name}-types`, 'no step', types.why));
  for (const part of ['lint', 'test', 'build']) {
    const script = one.scripts[part];
    const members = one.members.filter(({ scripts }) => scripts[part] !== undefined);
    if (script === undefined && members.length === 0) continue;
    const text = script ?? members[0]?.scripts[part] ?? '';
    const unfit = part === 'test' ? unfitTest(text) : part === 'lint' ? unfitLint(text) : undefined;
    if (unfit !== undefined) decisions.push(decision(`${name}-${part}`, 'no step', `its script ${unfit}`));
    else if (script !== undefined) add(part, scriptCommand(manager, part), `${file} has the script \`${script}\``);
    else add(part, memberCommand(manager, part, members.map(nameOf)), `its workspaces have the script`);
  }
  return { steps, decisions };
}

function nameOf({ manifest }: Package): { readonly name: string | undefined } {
  const name = manifest['name'];
  return { name: typeof name === 'string' ? name : undefined };
}

function typesCommand(
  repo: Repo,
  one: Package,
  manager: FolderManager,
): { readonly run?: string; readonly why: string } | undefined {
  const script = typeScripts.find((name) => one.scripts[name] !== undefined);
  const own =
    script === undefined
      ? undefined
      : { run: scriptCommand(manager, script), why: `its script \`${one.scripts[script]}\`` };
  const file = inFolder(one.dir, 'tsconfig.json');
  const config = repo.has(file) ? (repo.text(file) ?? '') : undefined;
  if (config === undefined) return own;
  const dependencies = { ...tableAt(one.manifest, 'dependencies'), ...tableAt(one.manifest, 'devDependencies') };
  // Single-file components need their own checkers, which only a script names.
  const special = ['vue', 'svelte', 'astro', '@angular/core'].find((name) => dependencies[name] !== undefined);
  if (special !== undefined) return own ?? { why: `plain tsc can't check ${special} files, and no script does` };
  // A tsconfig.json that only refers to others checks nothing by itself.
  const solution = /"references"\s*:/.test(config) && /"files"\s*:\s*\[\s*\]/.test(config);
  if (!solution) return { run: programCommand(manager, 'tsc --noEmit'), why: `${file} is there` };
  if (own !== undefined) return own;
  if (/\btsc\s+(?:-b|--build)\b/.test(one.scripts['build'] ?? ''))
    return { why: `${file} only refers to others, and the build runs \`tsc -b\`` };
  const range = dependencies['typescript'];
  const lowest = typeof range === 'string' && semver.validRange(range) ? semver.minVersion(range) : null;
  if (lowest !== null && semver.lt(lowest, '5.6.0')) {
    return { why: `${file} only refers to others, and \`tsc -b --noEmit\` needs TypeScript 5.6` };
  }
  return { run: programCommand(manager, 'tsc -b --noEmit'), why: `${file} refers to others` };
}

function unfitLint(script: string): string | undefined {
  return /\s--(?:fix|write|apply)\b/.test(script) ? `rewrites files: \`${script}\`` : undefined;
}

function unfitTest(script: string): string | undefined {
  if (/no test specified/.test(script)) return 'is the one that npm init writes';
  if (/\b(?:playwright|cypress|puppeteer|karma|ng test|wdio|testcafe)\b/.test(script))
    return 'needs a browser, which the image does not have';
  if (/--watch(?!\w*=false|All=false)/.test(script)) return 'watches for changes and never ends';
  return undefined;
}

function uniqueName(dir: string, taken: Set<string>): string {
  const slug = (text: string): string =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'ui';
  const base = dir === '.' ? 'ui' : slug(posix.basename(dir));
  const name = taken.has(base) ? slug(dir) : base;
  taken.add(name);
  return name;
}

const ltsNames: Readonly<Record<string, string>> = { hydrogen: '18', iron: '20', jod: '22', krypton: '24' };

function nodeVersion(repo: Repo, packages: readonly Package[]): { version: string; decisions: Decision[] } {
  const named: (Place & { readonly version: string })[] = [];
  const ranges: (Place & { readonly range: string })[] = [];
  for (const dir of new Set(['.', ...packages.map((one) => one.dir)])) {
    for (const name of ['.nvmrc', '.node-version', '.tool-versions']) {
      const file = inFolder(dir, name);
      const text = repo.text(file) ?? '';
      const match =
        name === '.tool-versions' ? /^nodejs\s+(\S+)/m.exec(text) : /^\s*(?:v|node\/)?(\S+)\s*$/m.exec(text);
      const word = match?.[1]?.replace(/^v/, '') ?? '';
      const version = ltsNames[word.replace(/^lts\//, '').toLowerCase()] ?? word;
      if (/^\d+(?:\.\d+){0,2}$/.test(version)) named.push({ file, line: lineAt(text, match?.index ?? 0), version });
    }
    for (const name of miseFiles) {
      const file = inFolder(dir, name);
      const text = repo.text(file) ?? '';
      const match = /^node(?:js)?\s*=\s*["']?(\d+(?:\.\d+){0,2})["']?\s*$/m.exec(text);
      if (match?.[1] !== undefined) named.push({ file, line: lineAt(text, match.index), version: match[1] });
    }
  }
  for (const { dir, manifest } of packages) {
    const file = inFolder(dir, 'package.json');
    const text = repo.text(file) ?? '';
    const volta = tableAt(manifest, 'volta')?.['node'];
    if (typeof volta === 'string' && semver.valid(volta))
      named.push({ file, line: lineAt(text, text.indexOf('"volta"')), version: volta });
    const range = tableAt(manifest, 'engines')?.['node'];
    if (typeof range === 'string' && semver.validRange(range))
      ranges.push({ file, line: lineAt(text, text.indexOf('"engines"')), range });
  }
  const [first] = named;
  if (first !== undefined) {
    const other = named.find(({ version }) => version !== first.version);
    const why = `${placeText(first)} names it${other === undefined ? '' : `; ${placeText(other)} names ${other.version}`}`;
    const severity = other === undefined ? 'note' : 'warning';
    return { version: first.version, decisions: [decision('node', first.version, why, { severity, places: [first] })] };
  }
  const refusing = (major: string): (Place & { range: string }) | undefined =>
    ranges.find(({ range }) => !semver.intersects(range, `^${major}`));
  const refused = refusing(referenceNode);
  if (refused === undefined) {
    const [range] = ranges;
    const why =
      range === undefined
        ? "the reference lock's; the repo names none"
        : `the reference lock's; ${placeText(range)} admits it (${range.range})`;
    return { version: referenceNode, decisions: [decision('node', referenceNode, why)] };
  }
  const majors = ['22', '20', '18', '16', '26', '14'];
  const chosen = majors.find((major) => refusing(major) === undefined);
  const why = `${placeText(refused)} asks for ${refused.range}`;
  const severity = chosen === undefined ? 'warning' : 'note';
  return {
    version: chosen ?? refused.range,
    decisions: [decision('node', chosen ?? refused.range, why, { severity, places: [refused] })],
  };
}

function parseJson(text: string | undefined): Table | undefined {
  return readJson(text ?? '', tableAt);
}
