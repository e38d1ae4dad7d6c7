import { normalisedName } from '../../formats/package-name.ts';
import { createCollector, type Collector } from '../collector.ts';
import type { Reader, Declaration, Subject } from '../declaration.ts';
import { runtimeVersion } from '../runtime-version.ts';
import { rangeInSource } from '../../formats/mapped-text.ts';
import { readToml, tomlRange, type TomlPath, type TomlDocument } from '../../formats/toml.ts';

/** mise.toml (https://mise.jdx.dev/configuration.html): the tools, each a version, a list of them, or a table with one. */
export const readMiseToml: Reader = ({ text }) => {
  const toml = readToml(text);
  if (!('source' in toml)) return { declarations: [], commands: [], references: [], problems: [toml] };
  const collector = createCollector();
  for (const name of toml.keys(['tools'])) {
    const path = ['tools', name];
    const list = toml.items(path);
    // The first is the one in PATH.
    for (const [index, place] of (list.length > 0 ? list : [path]).entries())
      readTool(toml, place, { name, role: index === 0 ? 'install' : 'support' }, collector);
  }
  return collector.collect();
};

function readTool(
  toml: TomlDocument,
  path: TomlPath,
  { name, role }: { readonly name: string; readonly role: Declaration['role'] },
  collector: Collector,
): void {
  const written = toml.text([...path, 'version']) ?? toml.text(path);
  const subject = subjectOf(name);
  if (written === undefined || subject === undefined) return;
  const place = { ...rangeInSource(toml.source, ...tomlRange(written)), how: `[tools] ${name}`, role, subject };
  collector.add({ ...place, ...toolVersion(subject, written.mapped.text) });
}

/** A tool's version as mise and asdf take it: a beginning is enough; `latest` is any. */
export function toolVersion(
  subject: Subject,
  version: string,
): Pick<Declaration, 'scheme' | 'value'> & { readonly unresolved?: string } {
  const text = version.replace(/^prefix:/, '');
  if (subject === 'python' || subject === 'node') return runtimeVersion(subject, text);
  if (text === 'latest') return { scheme: subject.startsWith('npm:') ? 'semver' : 'pep440', value: '' };
  const isVersion = /^v?\d+(?:\.\w+)*$/.test(text);
  return isVersion
    ? { scheme: 'prefix', value: text.replace(/^v/, '') }
    : { scheme: 'prefix', value: undefined, unresolved: `no version (${version})` };
}

/** Tools of the registries of mise and asdf that are packages. */
const packages: Readonly<Record<string, Subject>> = {
  python: 'python',
  node: 'node',
  nodejs: 'node',
  black: 'pypi:black',
  flake8: 'pypi:flake8',
  mypy: 'pypi:mypy',
  ruff: 'pypi:ruff',
  poetry: 'pypi:poetry',
  pdm: 'pypi:pdm',
  hatch: 'pypi:hatch',
  uv: 'pypi:uv',
  'pre-commit': 'pypi:pre-commit',
  pipenv: 'pypi:pipenv',
  pnpm: 'npm:pnpm',
  yarn: 'npm:yarn',
  bun: 'npm:bun',
  npm: 'npm:npm',
};

/** The name of a repository: `black` of `psf/black` and of `git+https://github.com/psf/black.git`. */
function repositoryName(address: string): string {
  return address.slice(address.lastIndexOf('/') + 1).replace(/\.git$/, '');
}

/** What a tool's name of mise or asdf stands for: `python`, `pipx:black`, `npm:prettier`, `aqua:astral-sh/ruff`; undefined for other tools. */
export function subjectOf(name: string): Subject | undefined {
  const plain = name.replace(/^core:/, '').replace(/\[.*\]$/, '');
  const [, backend, tool] = /^(pipx|npm):(.+)$/.exec(plain) ?? [];
  if (backend === 'npm' && tool !== undefined) return `npm:${tool}`;
  if (backend === 'pipx' && tool !== undefined)
    return tool.includes('/') ? packages[repositoryName(tool)] : `pypi:${normalisedName(tool)}`;
  const [, , repository] = /^(asdf|vfox|aqua|ubi|github|gitlab):(.+)$/.exec(plain) ?? [];
  // `asdf:mise-plugins/mise-poetry`, `aqua:astral-sh/ruff`, `ubi:astral-sh/uv`: the tool's own name stands last.
  const last = repository === undefined ? undefined : repositoryName(repository).replace(/^(?:asdf|mise|vfox)-/, '');
  return packages[last ?? plain];
}
