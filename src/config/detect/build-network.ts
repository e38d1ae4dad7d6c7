import { tableAt, textsOf, type Table } from '../../formats/table.ts';
import { tomlTable } from '../../formats/toml.ts';
import { decision, type Decision } from './decision.ts';
import { inFolder } from './repo.ts';

/** Build requirements that run a package manager of Node or of Rust, or fetch what they build with. */
const fetching: Readonly<Record<string, string>> = {
  'hatch-jupyter-builder': 'installs what the front end needs',
  'jupyter-packaging': 'installs what the front end needs',
  'setuptools-rust': 'has cargo fetch crates',
  maturin: 'has cargo fetch crates',
};

/** Programs that fetch, where a build script starts one. */
const program = /(?<![\w.-])(?:npm|npx|pnpm|yarn|jlpm|bunx?|cargo|corepack)(?![\w.-])/;
const download = /\burl(?:retrieve|open)\(|\brequests\.get\(|\bhttpx\.(?:get|stream)\(/;

/** Why the builds of a repository's own packages need the network, as its files say; undefined where none of them says so. Pure but for `textOf`. */
export function fetchingBuild(
  folders: readonly string[],
  textOf: (path: string) => string | undefined,
): Decision | undefined {
  for (const folder of new Set(folders)) {
    const file = inFolder(folder, 'pyproject.toml');
    const table = tomlTable(textOf(file));
    const why =
      backend(file, table) ??
      scriptsOf(table)
        .map((name) => script(inFolder(folder, name), textOf))
        .find((each) => each !== undefined);
    if (why !== undefined) return { ...decision('build.network', 'full', why), kind: 'toolchain' };
  }
  return undefined;
}

function backend(file: string, table: Table | undefined): string | undefined {
  const requires = textsOf(tableAt(table, 'build-system')?.['requires']);
  const hooks = hatchHooks(table);
  const ofHooks = hooks
    .flatMap((each) => Object.values(each))
    .flatMap((hook) => textsOf(asTable(hook)['dependencies']));
  for (const line of [...requires, ...ofHooks]) {
    const name = (/^\s*([\w.-]+)/.exec(line)?.[1] ?? '').toLowerCase().replace(/[_.]/g, '-');
    if (Object.hasOwn(fetching, name)) return `${file}: ${name} ${fetching[name] ?? ''}`;
  }
  const commands = JSON.stringify(hooks.map((each) => each['build-scripts'] ?? ''));
  const [started] = program.exec(commands) ?? [];
  return started === undefined ? undefined : `${file}: a build script starts ${started}`;
}

/** The tables of hatch's hooks: those of all builds, and those of one target. */
function hatchHooks(table: Table | undefined): readonly Table[] {
  const build = tableAt(table, 'tool', 'hatch', 'build');
  const targets = Object.values(tableAt(build, 'targets') ?? {}).map(asTable);
  return [build, ...targets].map((each) => tableAt(each, 'hooks') ?? {});
}

function asTable(value: unknown): Table {
  return typeof value === 'object' && value !== null ? (value as Table) : {};
}

/** The scripts that a build runs. */
function scriptsOf(table: Table | undefined): readonly string[] {
  const custom = hatchHooks(table).flatMap((each) => (each['custom'] === undefined ? [] : [asTable(each['custom'])]));
  const named = [
    ...custom.map(({ path }) => path ?? 'hatch_build.py'),
    tableAt(table, 'tool', 'pdm', 'build')?.['custom-hook'],
    tableAt(table, 'tool', 'pdm', 'build')?.['run-setup'],
    tableAt(table, 'tool', 'poetry', 'build')?.['script'],
    tableAt(table, 'tool', 'poetry')?.['build'],
  ];
  return ['setup.py', ...named.filter((name) => typeof name === 'string')];
}

function script(path: string, textOf: (path: string) => string | undefined): string | undefined {
  const text = (textOf(path) ?? '').replace(/^\s*#.*$/gm, '');
  // A program's name is a text there: `["npm", "ci"]`, `"npm ci"`.
  for (const [, , words = ''] of text.matchAll(/(["'])((?:(?!\1)[^\n\\])*)\1/g)) {
    const [started] = /^\s*[\w./-]+(?:\s|$)/.test(words)
      ? (program.exec(words.trim().split(/\s+/, 1)[0] ?? '') ?? [])
      : [];
    if (started !== undefined) return `${path} starts ${started}`;
  }
  if (/\bnpm_builder\b|\binstall_npm\b/.test(text)) return `${path} starts npm`;
  return download.test(text) ? `${path} downloads` : undefined;
}
