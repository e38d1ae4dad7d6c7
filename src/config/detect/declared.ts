import type { ScriptLine } from './commands.ts';
import { comparisonsOf, readMarker } from '../../formats/marker.ts';
import { normalisedName } from '../../formats/package-name.ts';
import { readPreCommitFile } from '../../formats/pre-commit.ts';
import type { YamlValue } from '../../formats/yaml.ts';
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

/** Tools that detection makes steps of, whose versions hooks fix. */
const hookTools = new Set(['pypi:black', 'pypi:flake8', 'pypi:mypy', 'pypi:ruff', 'pypi:isort', 'pypi:pylint']);

/** The hooks of a repo's pre-commit file and the versions that they fix. */
export function preCommit(repo: Repo): { readonly hooks: readonly Hook[]; readonly pins: readonly Pin[] } {
  const file = repo.files.find((path) => /^\.pre-commit-config\.ya?ml$/.test(path));
  const text = file === undefined ? undefined : repo.text(file);
  if (file === undefined || text === undefined) return { hooks: [], pins: [] };
  const { repositories, places } = readPreCommitFile(text);
  const lineOf = (value: YamlValue | undefined): number => places.span(...(value?.range() ?? [0, 0])).line;
  const hooks: Hook[] = [];
  const pins: Pin[] = [];
  for (const { package: tool, version, rev, hooks: own } of repositories) {
    if (tool !== undefined && version !== undefined && hookTools.has(tool))
      pins.push({ name: tool.slice('pypi:'.length), version, file, line: lineOf(rev), source: 'pre-commit' });
    for (const { id, args, additional } of own) {
      hooks.push({
        id: id?.text ?? '',
        args: args.map((arg) => arg.text ?? ''),
        additional: additional.map((line) => line.text ?? ''),
        file,
        line: lineOf(id),
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
