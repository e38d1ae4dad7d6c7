import { createCollector } from '../collector.ts';
import type { Reader } from '../declaration.ts';
import { readHatch, readPythonSetting, readToxToml, type TomlScope } from '../toml-parts.ts';
import { readToml } from '../../formats/toml.ts';
import { readRequiredVersion } from './pyproject.ts';

function tomlReader(read: (scope: TomlScope) => void): Reader {
  return ({ path, text }) => {
    const toml = readToml(text);
    if (!('source' in toml)) return { declarations: [], commands: [], references: [], problems: [toml] };
    const collector = createCollector();
    read({ toml, path, collector });
    return collector.collect();
  };
}

/** hatch.toml. */
export const readHatchToml: Reader = tomlReader((scope) => readHatch(scope, []));

/** tox.toml. */
export const readToxTomlFile: Reader = tomlReader((scope) => readToxToml(scope, []));

/** ruff.toml and .ruff.toml. */
export const readRuffToml: Reader = tomlReader((scope) => {
  readPythonSetting(scope, ['target-version'], { form: 'target', role: 'target', how: 'target-version' });
  readRequiredVersion(scope, ['required-version'], 'ruff');
});
