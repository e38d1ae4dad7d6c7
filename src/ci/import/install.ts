import { posix } from 'node:path';
import type { ManagerName } from '../../config/config.ts';
import { selectingOptions, type LockTool } from '../../config/lock-source.ts';
import type { CiPlace } from '../decided-pipeline.ts';
import type { ShellCommand, ShellWord } from '../../formats/shell.ts';
import { plainWords } from './command.ts';

/** What an install command asks for. Paths are relative to the repository's top. */
export interface Install {
  /** Requirements files. */
  readonly files: readonly string[];
  /** Files that only limit versions (`-c`). */
  readonly limits?: readonly string[];
  /** Projects that are installed with what they need: `pip install -e ui[dev]`, `uv sync`. */
  readonly projects: readonly InstalledFolder[];
  /** Requirement lines. */
  readonly tools: readonly string[];
  /** Debian packages. */
  readonly system: readonly string[];
  /** Words that can't be carried over, and why. */
  readonly refused: readonly { readonly what: string; readonly why: string }[];
  /** It installs what only the manager's own file says (poetry, pipenv): detection reads that. */
  readonly byManager: boolean;
  /** Requirement lines of what only installs (`poetry==1.8.3`); absent = none. */
  readonly installers?: readonly string[];
  /** Package managers of Node, with their versions as said; absent = none. */
  readonly managers?: readonly { readonly name: ManagerName; readonly said: string }[];
  /** It installs nothing, but runs in the environment that a manager's install makes: `poetry run`. */
  readonly onlyRuns?: true;
  /** It installs what the lock file of this tool in this folder holds, where there is one. */
  readonly lock?: LockInstall;
}

/** An install, and where CI does it. */
export interface PlacedInstall {
  readonly install: Install;
  readonly place: CiPlace;
  readonly job: string;
}

/** An install from a lock file: `uv sync --group docs`, `poetry install`. */
export interface LockInstall {
  readonly tool: LockTool;
  /** Relative to the repository's top. */
  readonly dir: string;
  /** The options that choose what is installed. */
  readonly options: readonly string[];
  /** How the folder's own project is installed; absent = it is not. */
  readonly own?: InstalledAs;
}

/** How a package of the repository is installed: from its folder, as `-e` does it, or as its wheel. */
export type InstalledAs = 'editable' | 'wheel';

/** A folder whose project is installed, or only what that needs. */
export interface InstalledFolder {
  readonly dir: string;
  /** How the project itself is installed; absent = it is not. */
  readonly own?: InstalledAs;
  readonly extras: readonly string[];
  readonly allExtras: boolean;
  readonly groups: readonly string[];
  readonly allGroups: boolean;
  /** With the groups that are installed unasked (`dev`). */
  readonly defaultGroups: boolean;
}

const valuedPip = new Set(
  '-t --target -i --index-url --extra-index-url -f --find-links --python -p --prefix --root --src --platform --python-version --implementation --abi --cert --proxy --timeout --retries --trusted-host --cache-dir --log --upgrade-strategy --progress-bar --only-binary --no-binary -C --config-settings --config-setting --report --default-index --index --index-strategy --resolution --prerelease --no-build-isolation-package --overrides --override --exclude-newer -b --build-constraint'.split(
    ' ',
  ),
);

/** What the image has without being asked, or what only served to install. */
const installers =
  /^(?:pip|wheel|setuptools|uv|poetry|pipx|pip-tools|virtualenv|venv|pdm|pipenv|poetry-core|poetry-plugin-\S+|poetry-dynamic-versioning|flit|build-system|codecov|coveralls|setuptools[-_]scm|keyring|codecov-cli)$/;

/** Reads an install command; `cwd` is the folder that it runs in. */
export function readInstall(command: ShellCommand, cwd: string): Install {
  const words = plainWords(command);
  const [program = '', first = ''] = words;
  if (/^apt(?:-get)?$/.test(program)) return systemInstall(command);
  if (program === 'uv' && words.includes('sync') && first !== 'pip') return syncInstall(words, cwd);
  if (program === 'poetry' || program === 'pdm' || program === 'pipenv')
    return { ...nothing, byManager: true, lock: lockInstall(program, words, cwd) };
  if (program === 'flit') return flitInstall(words, cwd);
  if (program === 'python' || /^python[\d.]+$/.test(program)) return setupInstall(words, cwd);
  if (/^(?:rye|hatch|curl|wget)$/.test(program)) return { ...nothing, byManager: !/^(?:curl|wget)$/.test(program) };
  return pipInstall(command, words, cwd);
}

const nothing: Install = { files: [], projects: [], tools: [], system: [], refused: [], byManager: false };

function pipInstall(command: ShellCommand, plain: readonly string[], cwd: string): Install {
  const files: string[] = [];
  const projects: InstalledFolder[] = [];
  const tools: string[] = [];
  const limits: string[] = [];
  const installersSaid: string[] = [];
  const refused: { what: string; why: string }[] = [];
  const groups: string[] = [];
  const verb = plain.findIndex((word) => /^(?:install|sync|add|inject)$/.test(word));
  const words = command.words.slice(command.words.length - plain.length + verb + 1);
  const isSync = plain[verb] === 'sync';
  const file = (path: string): void => {
    const place = inRepository(path, cwd);
    if (place === undefined) refused.push({ what: path, why: 'it is no file of the repository' });
    else if (posix.basename(place) === 'pyproject.toml') projects.push(folder(posix.dirname(place), []));
    else files.push(place);
  };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as ShellWord;
    const { text } = word;
    const [option = '', ...rest] = text.split('=');
    const value = (): string => (rest.length > 0 ? rest.join('=') : (words[(at += 1)]?.text ?? ''));
    if (text.includes('$') || text.includes('`')) refused.push({ what: text, why: 'only running tells what it is' });
    else if (/^(?:-r|--requirements?)$/.test(option)) file(value());
    else if (/^-r./.test(text)) file(text.slice(2));
    else if (/^(?:-c|--constraints?)$/.test(option) || /^-c./.test(text)) {
      const path = /^-c./.test(text) ? text.slice(2) : value();
      const place = inRepository(path, cwd);
      if (place === undefined) refused.push({ what: `-c ${path}`, why: 'it is no file of the repository' });
      else limits.push(place);
    } else if (/^(?:-e|--editable)$/.test(option)) target(value(), 'editable');
    else if (/^-e./.test(text)) target(text.slice(2), 'editable');
    else if (option === '--group') groups.push(value());
    else if (/^--extra$/.test(option)) projects.push(folder(cwd, [value()]));
    else if (option === '--all-extras') projects.push({ ...folder(cwd, []), allExtras: true });
    else if (valuedPip.has(option)) {
      if (rest.length === 0) at += 1;
    } else if (text.startsWith('-')) continue;
    else target(text);
  }
  projects.push(...groups.map((group) => groupFolder(group, cwd)));
  const more = {
    ...(limits.length === 0 ? {} : { limits }),
    ...(installersSaid.length === 0 ? {} : { installers: installersSaid }),
  };
  return { ...nothing, files, projects, tools, refused, ...more };

  function target(said: string, own: InstalledAs = 'wheel'): void {
    const { path, extras } = withoutExtras(said);
    // pip takes for a path whatever has a slash and is no address.
    const isPath = /^\.{1,2}$|^(?![A-Za-z+]*:\/\/)[^@\s]*\//.test(path);
    if (isSync && /\.(?:txt|in)$/.test(said)) file(said);
    else if (isPath && /\.(?:whl|tar\.gz|zip)$|\*/.test(path))
      refused.push({ what: said, why: 'a file that a build makes' });
    else if (isPath) {
      const dir = inRepository(path, cwd);
      if (dir === undefined) refused.push({ what: said, why: 'it is outside the repository' });
      else projects.push({ ...folder(dir, extras), own });
    } else if (/\.(?:whl|tar\.gz|zip)$|\*/.test(said)) refused.push({ what: said, why: 'a file that a build makes' });
    else if (/^(?:git\+|https?:)/.test(said)) {
      const name =
        /[#&]egg=([\w.-]+)/.exec(said)?.[1] ??
        /\/([\w.-]+?)(?:\.git)?(?:@[\w./-]+)?$/.exec(said.replace(/#.*$/, ''))?.[1];
      if (name === undefined) refused.push({ what: said, why: 'it names no package' });
      else tools.push(`${name} @ ${said.replace(/#egg=[\w.-]+$/, '')}`);
    } else {
      const line = said.replace(/^([A-Za-z][\w.-]*(?:\[[^\]]*\])?)@(\d[\w.]*)$/, '$1==$2').replace(/@latest$/, '');
      const name = /^[A-Za-z0-9._-]+/.exec(line)?.[0].toLowerCase() ?? '';
      (installers.test(name) ? installersSaid : tools).push(line);
    }
  }
}

/** `./lib[fast]` in its parts. */
function withoutExtras(said: string): { readonly path: string; readonly extras: readonly string[] } {
  const [, path = said, names] = /^([^[]*)\[([\w,\s.-]+)\]$/.exec(said) ?? [];
  return { path, extras: wordsIn(names) };
}

function wordsIn(list = ''): readonly string[] {
  return list
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean);
}

/** `--group dev`, `--group ui/pyproject.toml:dev`. */
function groupFolder(group: string, cwd: string): InstalledFolder {
  const [path, name] = group.includes(':') ? group.split(':') : ['pyproject.toml', group];
  return { ...folder(posix.dirname(posix.join(cwd, path ?? '')), []), groups: [name ?? ''] };
}

function folder(dir: string, extras: readonly string[]): InstalledFolder {
  return { dir, extras, allExtras: false, groups: [], allGroups: false, defaultGroups: false };
}

/** `flit install`: the project with all its extras, unless it is told which. */
function flitInstall(words: readonly string[], cwd: string): Install {
  const option = (name: string): string | undefined => {
    const at = words.findIndex((word) => word === name || word.startsWith(`${name}=`));
    return at < 0 ? undefined : words[at]?.includes('=') === true ? words[at].split('=')[1] : words[at + 1];
  };
  const extras = (option('--extras') ?? '').split(',').filter(Boolean);
  const deps = option('--deps') ?? 'all';
  const own = words.some((word) => /^(?:-s|--symlink|--pth-file)$/.test(word)) ? 'editable' : 'wheel';
  const project = {
    ...folder(
      cwd,
      extras.filter((name) => name !== 'all'),
    ),
    own,
  } as const;
  return { ...nothing, projects: [{ ...project, allExtras: deps === 'all' || extras.includes('all') }] };
}

/** `python setup.py develop`, `python setup.py install`. */
function setupInstall(words: readonly string[], cwd: string): Install {
  const own = words.includes('develop') ? 'editable' : 'wheel';
  return { ...nothing, projects: [{ ...folder(cwd, []), own }] };
}

/** `uv sync`: the project with its `dev` group and whatever else is asked for. */
function syncInstall(words: readonly string[], cwd: string): Install {
  const projects = [{ dir: cwd, ...uvSelection(words) }];
  return { ...nothing, projects, lock: lockInstall('uv', words, cwd) };
}

/** What a command of a tool with a lock file installs; `poetry -C api install` and its like name the folder. */
export function lockInstall(tool: LockTool, words: readonly string[], cwd: string): LockInstall {
  const names = ['-C', '--directory', '-p', '--project'];
  const at = words.findIndex((word) => names.includes(word.split('=')[0] ?? ''));
  const [, inline] = (words[at] ?? '').split('=');
  const said = at < 0 || (tool === 'uv' && words[at] === '-p') ? '.' : (inline ?? words[at + 1] ?? '.');
  const own = ownOf(tool, words);
  const lock = { tool, dir: inRepository(said, cwd) ?? cwd, options: selectingOptions(tool, words) };
  return own === undefined ? lock : { ...lock, own };
}

/** How a command of a tool with a lock file installs the project itself; undefined where it does not. */
function ownOf(tool: LockTool, words: readonly string[]): InstalledAs | undefined {
  const leaves = {
    uv: ['--no-install-project', '--no-install-workspace', '--only-group', '--only-dev', '--no-sync', '--no-project'],
    poetry: ['--no-root'],
    pdm: ['--no-self', '--no-default'],
    pipenv: ['install', 'sync'],
    pylock: ['sync'],
  }[tool];
  if (words.some((word) => leaves.includes(word.split('=')[0] ?? ''))) return undefined;
  return words.includes('--no-editable') ? 'wheel' : 'editable';
}

/** What uv's options ask for of a project. */
export function uvSelection(words: readonly string[]): Omit<InstalledFolder, 'dir'> {
  const values = (...names: readonly string[]): string[] =>
    words.flatMap((word, index) => {
      const [name = '', ...rest] = word.split('=');
      if (!names.includes(name)) return [];
      const value = rest.length > 0 ? rest.join('=') : words[index + 1];
      return value === undefined ? [] : [value];
    });
  const has = (...names: readonly string[]): boolean => names.some((name) => words.includes(name));
  const own = ownOf('uv', words);
  return {
    ...(own === undefined ? {} : { own }),
    extras: values('--extra'),
    allExtras: has('--all-extras'),
    groups: values('--group', '--only-group'),
    allGroups: has('--all-groups'),
    defaultGroups: !has('--no-dev', '--no-default-groups') && values('--only-group').length === 0,
  };
}

/** Reads what puts a package manager of Node into PATH: `npm install -g npm@10`, `corepack prepare pnpm@9.1.0 --activate`. */
export function readManagerInstall(command: ShellCommand): Install | undefined {
  const [program = '', verb = '', ...rest] = plainWords(command);
  const isOne =
    program === 'corepack'
      ? /^(?:prepare|install|use|up)$/.test(verb)
      : program === 'npm' && /^(?:install|i|add)$/.test(verb);
  const managers = (isOne ? rest : []).flatMap((word) => {
    const [, name, said] = /^(npm|pnpm|yarn|bun)(?:@(.+))?$/.exec(word) ?? [];
    return name === undefined || (program === 'corepack' && said === undefined)
      ? []
      : [{ name: name as ManagerName, said: said ?? 'latest' }];
  });
  return managers.length === 0 ? undefined : { ...nothing, managers };
}

function systemInstall({ words }: ShellCommand): Install {
  const system: string[] = [];
  const refused: { what: string; why: string }[] = [];
  let seen = false;
  for (const [index, { text, dynamic }] of words.entries()) {
    if (text === 'install') seen = true;
    else if (!seen || text.startsWith('-') || /^-(?:o|t)$/.test(words[index - 1]?.text ?? '')) continue;
    else {
      const name = text.replace(/[=:/].*$/, '');
      if (dynamic || !/^[a-z0-9][a-z0-9+.-]+$/.test(name))
        refused.push({ what: text, why: 'it is no name of a Debian package' });
      // These are in the image, or are what the image is made of.
      else if (
        !/^(?:python3?(?:\.\d+)?(?:-(?:dev|venv|pip|distutils))?|nodejs|npm|git|ca-certificates|sudo|software-properties-common|apt-transport-https)$/.test(
          name,
        )
      )
        system.push(name);
    }
  }
  return { ...nothing, system, refused };
}

/** A path as the repository has it; undefined for one outside, or one that only a shell could tell. */
export function inRepository(path: string, cwd: string): string | undefined {
  const plain = path.replace(/^\/workspace(?:\/|$)/, '');
  if (/[$`*?]|:\/\//.test(plain) || (plain === path && path.startsWith('/'))) return undefined;
  const joined = posix.normalize(plain === path ? posix.join(cwd, plain) : plain || '.').replace(/\/$/, '') || '.';
  return joined.startsWith('..') ? undefined : joined;
}
