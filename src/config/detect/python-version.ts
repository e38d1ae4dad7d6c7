import { decision, placeText, type Decision } from './decision.ts';
import { iniSettings } from './ini-settings.ts';
import { pythonRoots, type PythonRoot } from './python-roots.ts';
import { poetrySpecifier } from '../../formats/poetry-specifier.ts';
import { referencePython } from './reference.ts';
import { inFolder, lineAt, type Place, type Repo } from './repo.ts';
import { admits } from './requirement.ts';
import { tableAt } from '../../formats/table.ts';

/** Released and announced minor versions of Python 3 that an image may have. */
const minors = [7, 8, 9, 10, 11, 12, 13, 14, 15];

interface Range extends Place {
  readonly specifier: string;
  readonly what: string;
}

/** What a repo's own files say of Python: the version that they name, and those that its ranges admit. */
export interface PythonWishes {
  /** `3.12`, by .python-version and the like. */
  readonly named: string | undefined;
  /** Whether every range (requires-python, a lock file's) admits a minor version. */
  readonly admits: (minor: string) => boolean;
}

/** Reads what the repo says of Python beside CI. */
export function pythonWishes(repo: Repo): PythonWishes {
  const { named, ranges } = declarations(repo, pythonRoots(repo));
  return {
    named: named[0]?.minor,
    admits: (minor) => ranges.every(({ specifier }) => admitsMinor(specifier, minor)),
  };
}

function declarations(
  repo: Repo,
  roots: readonly PythonRoot[],
): { readonly named: readonly (Place & { readonly minor: string })[]; readonly ranges: readonly Range[] } {
  const dirs = [...new Set(['.', ...roots.map(({ dir }) => dir)])];
  return {
    named: dirs.flatMap((dir) => namedVersions(repo, dir)),
    ranges: dirs.flatMap((dir) =>
      declaredRanges(
        repo,
        dir,
        roots.find((root) => root.dir === dir),
      ),
    ),
  };
}

/** Chooses the image's Python: what .python-version and the like name, else the reference's where the repo admits it, else the nearest. */
export function pythonVersion(repo: Repo, roots: readonly PythonRoot[]): { version: string; decisions: Decision[] } {
  const { named, ranges } = declarations(repo, roots);
  const refusing = (minor: string): Range | undefined => ranges.find(({ specifier }) => !admitsMinor(specifier, minor));

  const first = named[0];
  if (first !== undefined) {
    const other = named.find(({ minor }) => minor !== first.minor);
    const why = `${placeText(first)} names it`;
    if (other !== undefined) {
      const more = `${why}; ${placeText(other)} names ${other.minor}`;
      const choice = decision('python', first.minor, more, { severity: 'warning', places: [first, other] });
      return { version: first.minor, decisions: [choice] };
    }
    const refused = refusing(first.minor);
    const against =
      refused === undefined ? why : `${why}, although ${placeText(refused)} asks for ${refused.specifier}`;
    const severity = refused === undefined ? 'note' : 'warning';
    return {
      version: first.minor,
      decisions: [decision('python', first.minor, against, { severity, places: [first] })],
    };
  }
  const refused = refusing(referencePython);
  if (refused === undefined) {
    const range = ranges[0];
    const why =
      range === undefined
        ? "the reference lock's; the repo names none"
        : `the reference lock's; ${placeText(range)} admits it (${range.what} ${range.specifier})`;
    return {
      version: referencePython,
      decisions: [decision('python', referencePython, why, { places: ranges.slice(0, 1) })],
    };
  }
  const wanted = Number(referencePython.split('.')[1]);
  const nearestFirst = [...minors].sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted) || b - a);
  const chosen = nearestFirst.map((minor) => `3.${minor}`).find((minor) => refusing(minor) === undefined);
  if (chosen === undefined) {
    const why = `${placeText(refused)} asks for ${refused.specifier}, which no Python 3 meets everywhere in the repo`;
    return {
      version: referencePython,
      decisions: [decision('python', referencePython, why, { severity: 'warning', places: [refused] })],
    };
  }
  const why = `the nearest to ${referencePython} that ${placeText(refused)} admits (${refused.what} ${refused.specifier})`;
  return { version: chosen, decisions: [decision('python', chosen, why, { places: [refused] })] };
}

/** A range may speak of patch versions (`>=3.11.4`): a minor is admitted when any of its patches is. */
function admitsMinor(specifier: string, minor: string): boolean {
  return admits(specifier, `${minor}.0`) || admits(specifier, `${minor}.99`);
}

function namedVersions(repo: Repo, dir: string): (Place & { readonly minor: string })[] {
  const found: (Place & { readonly minor: string })[] = [];
  const look = (name: string, pattern: RegExp): void => {
    const file = inFolder(dir, name);
    const text = repo.text(file) ?? '';
    const match = pattern.exec(text);
    if (match?.[1] !== undefined) found.push({ file, line: lineAt(text, match.index), minor: match[1] });
  };
  look('.python-version', /^\s*(?:cpython[-@]?)?(3\.\d+)(?:\.\d+)?\s*$/m);
  look('.tool-versions', /^python\s+(3\.\d+)/m);
  for (const name of miseFiles) look(name, /^python\s*=\s*(?:\[\s*)?["']?(3\.\d+)/m);
  look('runtime.txt', /^python-(3\.\d+)/m);
  const pipfile = inFolder(dir, 'Pipfile');
  const text = repo.text(pipfile) ?? '';
  const match = /^python_(?:full_)?version\s*=\s*["'](3\.\d+)/m.exec(text);
  if (match?.[1] !== undefined) found.push({ file: pipfile, line: lineAt(text, match.index), minor: match[1] });
  return found;
}

/** https://mise.jdx.dev/configuration.html: its `[tools]`. */
export const miseFiles = ['mise.toml', '.mise.toml', 'mise/config.toml'] as const;

function declaredRanges(repo: Repo, dir: string, root: PythonRoot | undefined): Range[] {
  const found: Range[] = [];
  const add = (name: string, what: string, value: unknown, pattern: RegExp): void => {
    if (typeof value !== 'string' || value.trim() === '') return;
    const file = inFolder(dir, name);
    const text = repo.text(file) ?? '';
    const specifier = poetrySpecifier(value);
    if (specifier === undefined || specifier === '') return;
    found.push({ file, line: lineAt(text, Math.max(0, text.search(pattern))), specifier, what });
  };
  add(
    'pyproject.toml',
    'requires-python',
    tableAt(root?.pyproject, 'project')?.['requires-python'],
    /^\s*requires-python/m,
  );
  const poetry = tableAt(root?.pyproject, 'tool', 'poetry', 'dependencies')?.['python'];
  add('pyproject.toml', "poetry's python", poetry, /^\s*python\s*=/m);
  const cfg = iniSettings(repo.text(inFolder(dir, 'setup.cfg')))
    .get('options')
    ?.get('python_requires')?.value;
  add('setup.cfg', 'python_requires', cfg, /^\s*python_requires/m);
  // What a lock file was made for.
  const uv = /^requires-python\s*=\s*"([^"]+)"/m;
  add('uv.lock', 'requires-python', uv.exec(repo.text(inFolder(dir, 'uv.lock')) ?? '')?.[1], uv);
  const poetryLock = /^python-versions\s*=\s*"([^"]+)"\s*\ncontent-hash/m;
  const lockedFor = poetryLock.exec(repo.text(inFolder(dir, 'poetry.lock')) ?? '')?.[1];
  add('poetry.lock', 'python-versions', lockedFor, poetryLock);
  const setup = /python_requires\s*=\s*["']([^"']+)["']/.exec(repo.text(inFolder(dir, 'setup.py')) ?? '')?.[1];
  add('setup.py', 'python_requires', setup, /python_requires/);
  return found;
}
