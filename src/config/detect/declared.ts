import { readDocument } from '../document.ts';
import type { ScriptLine } from './commands.ts';
import { comparisonsOf, readMarker } from '../../formats/marker.ts';
import { normalisedName } from '../../formats/package-name.ts';
import { admits, parseRequirement } from './requirement.ts';
import { lineAt, type Place, type Repo } from './repo.ts';

/** One place that fixes a tool at one version. */
export interface Pin extends Place {
  /** Normalised package name. */
  readonly name: string;
  readonly version: string;
  readonly source: 'requirements' | 'lock-file' | 'ci' | 'pre-commit';
}

/** A hook of .pre-commit-config.yaml. */
export interface Hook extends Place {
  readonly id: string;
  readonly args: readonly string[];
  /** Requirement lines installed beside the tool (flake8 plug-ins, stubs for mypy). */
  readonly additional: readonly string[];
}

/** Hook repositories whose tag is the tool's own version, by the end of their address. */
const hookTools: Readonly<Record<string, string>> = {
  'psf/black': 'black',
  'psf/black-pre-commit-mirror': 'black',
  'pycqa/flake8': 'flake8',
  'pre-commit/mirrors-mypy': 'mypy',
  'astral-sh/ruff-pre-commit': 'ruff',
  'charliermarsh/ruff-pre-commit': 'ruff',
  'pycqa/isort': 'isort',
  'pre-commit/mirrors-isort': 'isort',
  'pycqa/pylint': 'pylint',
};

/** The hooks of a repo's pre-commit file and the versions that they fix. */
export function preCommit(repo: Repo): { readonly hooks: readonly Hook[]; readonly pins: readonly Pin[] } {
  const file = repo.files.find((path) => /^\.pre-commit-config\.ya?ml$/.test(path));
  const text = file === undefined ? undefined : repo.text(file);
  if (file === undefined || text === undefined) return { hooks: [], pins: [] };
  const document = readDocument(text, file);
  const hooks: Hook[] = [];
  const pins: Pin[] = [];
  for (const [index, entry] of list(member(document.value, 'repos')).entries()) {
    const address = String(member(entry, 'repo'))
      .toLowerCase()
      .replace(/\.git$/, '')
      .replace(/\/$/, '');
    const tool = Object.entries(hookTools).find(([end]) => address.endsWith(`/${end}`))?.[1];
    const { line } = document.spanOf(['repos', index, 'rev']);
    const rev = String(member(entry, 'rev') ?? '');
    // A frozen rev is a commit; its comment has the tag: `# frozen: v1.2.3`.
    const frozen = /#\s*frozen:\s*(\S+)/.exec(text.split('\n')[line - 1] ?? '')?.[1];
    const version = (/^[0-9a-f]{40}$/.test(rev) ? (frozen ?? '') : rev).replace(/^v/, '');
    if (tool !== undefined && /^\d+(\.\w+)+$/.test(version))
      pins.push({ name: tool, version, file, line, source: 'pre-commit' });
    for (const [at, hook] of list(member(entry, 'hooks')).entries()) {
      const place = document.spanOf(['repos', index, 'hooks', at, 'id']);
      hooks.push({
        id: String(member(hook, 'id')),
        args: list(member(hook, 'args')).map(String),
        additional: list(member(hook, 'additional_dependencies')).map(String),
        file,
        line: place.line,
      });
    }
  }
  return { hooks, pins };
}

/** Requirements that CI installs by name (`pip install black==25.9.0 pytest-cov`), with their lines. */
export function ciInstalls(lines: readonly ScriptLine[]): readonly (Place & { readonly text: string })[] {
  const install =
    /^(?:sudo )?(?:python[\d.]* -m )?(?:uv )?(?:pip[\d.]* install|tool install|pipx install|pipx run|uvx|uv tool run)\s+(.+)$/;
  return lines
    .filter(({ source }) => source === 'ci')
    .flatMap(({ command, file, line }) => {
      const words = install.exec(command)?.[1]?.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
      return words
        .filter(
          (word, index) =>
            !word.startsWith('-') &&
            !/^(?:-r|-c|-e|--requirement|--constraint|--editable|-i|--index-url)$/.test(words[index - 1] ?? ''),
        )
        .map((word) => word.replace(/^["']|["']$/g, '').replace(/^([A-Za-z][\w.-]*)@(\d)/, '$1==$2'))
        .filter((word) => !/[$`{}]/.test(word) && parseRequirement(word) !== undefined)
        .map((text) => ({ text, file, line }));
    });
}

/** The versions that `uses: psf/black@25.9.0` fixes in CI. */
export function actionPins(repo: Repo): readonly Pin[] {
  const pins: Pin[] = [];
  for (const file of repo.files) {
    if (!/^\.github\/workflows\/[^/]+\.ya?ml$/.test(file)) continue;
    const text = repo.text(file) ?? '';
    for (const match of text.matchAll(/^[^#\n]*uses:\s*["']?psf\/black@(\d+\.[\w.]+)/gm)) {
      pins.push({
        name: 'black',
        version: match[1] ?? '',
        file,
        line: lineAt(text, match.index + match[0].length),
        source: 'ci',
      });
    }
  }
  return pins;
}

/** The versions that uv.lock, poetry.lock or pdm.lock fix for the named packages under a Python; of a fork, the part for it. */
export function lockFilePins(repo: Repo, file: string, names: readonly string[], python: string): readonly Pin[] {
  const text = repo.text(file);
  if (text === undefined) return [];
  const pins: Pin[] = [];
  for (const match of text.matchAll(/^\[\[package\]\]\nname = "([^"]+)"\nversion = "([^"]+)"\n((?:(?!\[\[).*\n)*)/gm)) {
    const name = normalisedName(match[1] ?? '');
    if (!names.includes(name) || !isFor(python, match[3] ?? '')) continue;
    pins.push({ name, version: match[2] ?? '', file, line: lineAt(text, match.index) + 2, source: 'lock-file' });
  }
  return pins;
}

/** uv writes the conditions of a fork as `resolution-markers`, poetry as `markers`: what they say of Python decides. */
function isFor(python: string, block: string): boolean {
  const list = /^resolution-markers = \[([^\]]*)\]|^markers = (".*")$/m.exec(block);
  const markers = (list?.[1] ?? list?.[2] ?? '').match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  if (markers.length === 0) return true;
  return markers.some((marker) => {
    const clauses = comparisonsOf(readMarker(marker.slice(1, -1).replace(/\\(.)/g, '$1')));
    return clauses.every(
      ({ name, operator, value }) =>
        !/^python_(?:full_)?version$/.test(name) || admits(`${operator}${value}`, `${python}.5`),
    );
  });
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
