import { createCollector } from '../collector.ts';
import { readIni } from '../../formats/ini.ts';
import { placesOf } from '../../formats/places.ts';
import { pinsInstalled } from '../pinned-dependencies.ts';
import type { PythonForm } from '../python-version.ts';
import type { Reader } from '../declaration.ts';
import { rangeInSource } from '../../formats/mapped-text.ts';
import {
  readHatch,
  readPythonSetting,
  readRequirementList,
  readTable,
  readToxToml,
  type TomlScope,
} from '../toml-parts.ts';
import { readToml, tomlRange, type TomlPath } from '../../formats/toml.ts';
import { readPixi } from './pixi-toml.ts';
import { readToxSections } from './tox-ini.ts';

/**
 * pyproject.toml: PEP 621 and its dynamic cousins, dependency groups (PEP 735), poetry, flit, hatch, pdm, uv, pixi and tox, and what the
 * settings of black, ruff, mypy, pyright and isort say of Python and of themselves.
 */
export const readPyproject: Reader = ({ path, text }) => {
  const toml = readToml(text);
  if (!('source' in toml)) return { declarations: [], commands: [], references: [], problems: [toml] };
  const collector = createCollector();
  const scope: TomlScope = { toml, path, collector };
  readProject(scope);
  for (const group of toml.keys(['dependency-groups']))
    readRequirementList(scope, ['dependency-groups', group], { role: 'install', how: `[dependency-groups] ${group}` });
  readPoetry(scope);
  readFlit(scope);
  readOthers(scope);
  readSettings(scope);
  return collector.collect();
};

function withPins(scope: TomlScope): TomlScope {
  return { ...scope, collector: pinsInstalled(scope.collector) };
}

function readProject(scope: TomlScope): void {
  const { toml } = scope;
  readRequirementList(withPins(scope), ['project', 'dependencies'], { role: 'library', how: '[project] dependencies' });
  for (const extra of toml.keys(['project', 'optional-dependencies']))
    readRequirementList(scope, ['project', 'optional-dependencies', extra], {
      role: 'install',
      how: `[project.optional-dependencies] ${extra}`,
    });
  readPythonSetting(scope, ['project', 'requires-python'], {
    form: 'specifier',
    role: 'floor',
    how: '[project] requires-python',
  });
  for (const place of [['project'], ['tool', 'poetry'], ['tool', 'flit', 'metadata']])
    readPythonSetting(scope, [...place, 'classifiers'], { form: 'classifier', role: 'support', how: 'a classifier' });
  readRequirementList(scope, ['build-system', 'requires'], { role: 'library', how: '[build-system] requires' });
}

function readPoetry(scope: TomlScope): void {
  const poetry = ['tool', 'poetry'];
  readTable(withPins(scope), [...poetry, 'dependencies'], { role: 'library', how: '[tool.poetry.dependencies]' });
  readTable(scope, [...poetry, 'dev-dependencies'], { role: 'install', how: '[tool.poetry.dev-dependencies]' });
  for (const group of scope.toml.keys([...poetry, 'group']))
    readTable(scope, [...poetry, 'group', group, 'dependencies'], {
      role: 'install',
      how: `[tool.poetry.group.${group}.dependencies]`,
    });
}

/** flit's own tables, from before PEP 621. */
function readFlit(scope: TomlScope): void {
  const flit = ['tool', 'flit', 'metadata'];
  readRequirementList(withPins(scope), [...flit, 'requires'], {
    role: 'library',
    how: '[tool.flit.metadata] requires',
  });
  for (const extra of scope.toml.keys([...flit, 'requires-extra']))
    readRequirementList(scope, [...flit, 'requires-extra', extra], {
      role: 'install',
      how: `[tool.flit.metadata.requires-extra] ${extra}`,
    });
  readPythonSetting(scope, [...flit, 'requires-python'], {
    form: 'specifier',
    role: 'floor',
    how: '[tool.flit.metadata] requires-python',
  });
}

function readOthers(scope: TomlScope): void {
  const { toml, collector, path } = scope;
  for (const group of toml.keys(['tool', 'pdm', 'dev-dependencies']))
    readRequirementList(scope, ['tool', 'pdm', 'dev-dependencies', group], {
      role: 'install',
      how: `[tool.pdm.dev-dependencies] ${group}`,
    });
  for (const key of ['dev-dependencies', 'constraint-dependencies', 'override-dependencies'])
    readRequirementList(scope, ['tool', 'uv', key], { role: 'install', how: `[tool.uv] ${key}` });
  readHatch(scope, ['tool', 'hatch']);
  readPixi(scope, ['tool', 'pixi']);
  readToxToml(scope, ['tool', 'tox']);
  const legacy = toml.text(['tool', 'tox', 'legacy_tox_ini']);
  if (legacy === undefined || legacy.mapped.offsets.includes(-1)) return;
  // Everything else of the file as blanks: what the text says then stands where it stands.
  const [start, end] = legacy.whole;
  const blank = (part: string): string => part.replace(/[^\n]/g, ' ');
  const { text } = toml.source;
  const alone = blank(text.slice(0, start)) + text.slice(start, end) + blank(text.slice(end));
  readToxSections(readIni(alone), { source: { text, places: placesOf(text) }, path, collector, main: 'tox' });
}

/** Settings that name a Python to write or check for, by tool. */
const targets: readonly (readonly [form: PythonForm, ...place: string[]])[] = [
  ['target', 'black', 'target-version'],
  ['target', 'ruff', 'target-version'],
  ['version', 'mypy', 'python_version'],
  ['version', 'pyright', 'pythonVersion'],
  ['version', 'basedpyright', 'pythonVersion'],
  ['version', 'ty', 'environment', 'python-version'],
  ['version', 'pylint', 'main', 'py-version'],
  ['version', 'pylint', 'MASTER', 'py-version'],
  ['digits', 'isort', 'py_version'],
];

function readSettings(scope: TomlScope): void {
  for (const [form, ...place] of targets) {
    const how = `[tool.${place.slice(0, -1).join('.')}] ${place.at(-1)}`;
    readPythonSetting(scope, ['tool', ...place], { form, role: 'target', how });
  }
  for (const tool of ['black', 'ruff', 'uv']) readRequiredVersion(scope, ['tool', tool, 'required-version'], tool);
}

/** The version that a tool demands of itself. */
export function readRequiredVersion({ toml, collector }: TomlScope, place: TomlPath, tool: string): void {
  const written = toml.text(place);
  if (written === undefined) return;
  const text = written.mapped.text.replace(/\s+/g, '');
  // black admits a bare number: that version, or every release of that year.
  const value = /^\d+$/.test(text) ? `==${text}.*` : /^\d/.test(text) ? `==${text}` : text;
  collector.add({
    subject: `pypi:${tool}`,
    role: 'install',
    scheme: 'pep440',
    value,
    ...rangeInSource(toml.source, ...tomlRange(written)),
    how: `${place.length > 1 ? `[tool.${tool}] ` : ''}required-version`,
  });
}
