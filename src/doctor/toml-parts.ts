import { readDependencyTable } from './dependency-table.ts';
import type { Collector } from './collector.ts';
import { pythonDeclaration, type PythonForm } from './python-version.ts';
import type { Role } from './declaration.ts';
import { readRequirementLine } from './requirement-line.ts';
import { mapText } from '../formats/mapped-text.ts';
import { readToxNames, toxNames } from './tox-names.ts';
import type { TomlPath, TomlDocument } from '../formats/toml.ts';

/** A TOML file being read, and where its findings go. */
export interface TomlScope {
  readonly toml: TomlDocument;
  /** Of the file. */
  readonly path: string;
  readonly collector: Collector;
}

/** A list of requirements; tables in it (`include-group`) are left to what they include. */
export function readRequirementList(
  { toml, path, collector }: TomlScope,
  place: TomlPath,
  { role, how }: { readonly role: Role; readonly how: string },
): void {
  for (const item of toml.items(place)) {
    const written = toml.text(item);
    if (written === undefined) continue;
    readRequirementLine(written.mapped, { source: toml.source, path, whole: written.whole, role, how }, collector);
  }
}

/** What a setting (or each item of a list) says of Python. */
export function readPythonSetting(
  { toml, collector }: TomlScope,
  place: TomlPath,
  { form, role, how }: { readonly form: PythonForm; readonly role: Role; readonly how: string },
): void {
  const items = toml.items(place);
  for (const item of items.length > 0 ? items : [place]) {
    const written = toml.text(item);
    if (written === undefined) continue;
    collector.add(pythonDeclaration(written.mapped, form, { source: toml.source, whole: written.whole, role, how }));
  }
}

/** A table of dependencies, as poetry has them. */
export function readTable(
  { toml, collector }: TomlScope,
  place: TomlPath,
  kind: { readonly role: Role; readonly how: string },
): void {
  readDependencyTable(toml, place, kind, collector);
}

/** hatch's settings (https://hatch.pypa.io/latest/config/environment/overview), of hatch.toml or below `tool.hatch`. */
export function readHatch(scope: TomlScope, at: TomlPath): void {
  const { toml } = scope;
  for (const name of toml.keys([...at, 'envs'])) {
    const env = [...at, 'envs', name];
    for (const key of ['dependencies', 'extra-dependencies'])
      readRequirementList(scope, [...env, key], { role: 'install', how: `hatch's environment ${name}` });
    readPythonSetting(scope, [...env, 'python'], {
      form: 'interpreter',
      role: 'install',
      how: `hatch's environment ${name}, python`,
    });
    for (const row of toml.items([...env, 'matrix']))
      readPythonSetting(scope, [...row, 'python'], {
        form: 'interpreter',
        role: 'support',
        how: `hatch's environment ${name}, matrix`,
      });
  }
  const builds = [
    [...at, 'build'],
    ...toml.keys([...at, 'build', 'targets']).map((name) => [...at, 'build', 'targets', name]),
  ];
  for (const build of builds)
    for (const hook of toml.keys([...build, 'hooks']))
      for (const key of ['dependencies', 'require-runtime-dependencies'])
        readRequirementList(scope, [...build, 'hooks', hook, key], {
          role: 'install',
          how: `hatch's build hook ${hook}`,
        });
}

/** tox 4's settings (https://tox.wiki/en/latest/config.html), of tox.toml or below `tool.tox`. */
export function readToxToml(scope: TomlScope, at: TomlPath): void {
  const { toml } = scope;
  readRequirementList(scope, [...at, 'requires'], { role: 'install', how: 'tox requires' });
  const names = toml.items([...at, 'env_list']).flatMap((item) => toxNames(toml.text(item)?.mapped ?? mapText('', 0)));
  readToxNames(names, { source: toml.source, role: 'support', how: 'tox env_list' }, scope.collector);
  for (const env of [[...at, 'env_run_base'], ...toml.keys([...at, 'env']).map((name) => [...at, 'env', name])]) {
    const name = String(env.at(-1));
    readRequirementList(scope, [...env, 'deps'], { role: 'install', how: `tox ${name}, deps` });
    const pythons = toml.items([...env, 'base_python']);
    const role = pythons.length > 1 ? 'support' : 'install';
    readPythonSetting(scope, [...env, 'base_python'], { form: 'interpreter', role, how: `tox ${name}, base_python` });
  }
}
