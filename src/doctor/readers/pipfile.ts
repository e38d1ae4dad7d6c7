import { readDependencyTable } from '../dependency-table.ts';
import { createCollector } from '../collector.ts';
import { pythonDeclaration } from '../python-version.ts';
import type { Reader } from '../declaration.ts';
import { readToml } from '../../formats/toml.ts';

/** Sections of a Pipfile that hold no packages. */
const others = new Set(['source', 'requires', 'scripts', 'pipenv']);

/** Pipfile: its categories of packages, and the Python that it requires. */
export const readPipfile: Reader = ({ text }) => {
  const toml = readToml(text);
  if (!('source' in toml)) return { declarations: [], commands: [], references: [], problems: [toml] };
  const collector = createCollector();
  for (const category of toml.keys([]))
    if (!others.has(category))
      readDependencyTable(toml, [category], { role: 'install', how: `[${category}]` }, collector);
  for (const key of ['python_version', 'python_full_version']) {
    const written = toml.text(['requires', key]);
    if (written === undefined) continue;
    const context = { source: toml.source, whole: written.whole, how: `[requires] ${key}` };
    collector.add(pythonDeclaration(written.mapped, 'version', { ...context, role: 'install' }));
  }
  return collector.collect();
};
