import { condaVersion } from '../conda-spec.ts';
import { createCollector } from '../collector.ts';
import type { Reader } from '../declaration.ts';
import { readTable, type TomlScope } from '../toml-parts.ts';
import { readToml, type TomlPath } from '../../formats/toml.ts';

/** pixi.toml (https://pixi.sh/latest/reference/pixi_manifest). */
export const readPixiToml: Reader = ({ path, text }) => {
  const toml = readToml(text);
  if (!('source' in toml)) return { declarations: [], commands: [], references: [], problems: [toml] };
  const collector = createCollector();
  readPixi({ toml, path, collector }, []);
  return collector.collect();
};

/** pixi's settings, of pixi.toml or below `tool.pixi`: packages of conda and of PyPI, of every feature and platform. */
export function readPixi(scope: TomlScope, at: TomlPath): void {
  const { toml, collector } = scope;
  const parts = [at, ...toml.keys([...at, 'feature']).map((name) => [...at, 'feature', name])];
  const places = parts.flatMap((part) => [
    part,
    ...toml.keys([...part, 'target']).map((name) => [...part, 'target', name]),
  ]);
  for (const place of places) {
    for (const key of ['dependencies', 'host-dependencies', 'build-dependencies', 'run-dependencies']) {
      const how = `pixi's ${key}`;
      for (const name of toml.keys([...place, key])) {
        const written = toml.text([...place, key, name, 'version']) ?? toml.text([...place, key, name]);
        if (written === undefined) continue;
        // A feature is one of several environments: its interpreter is one of those that are tested.
        const isLeg = place.includes('feature') && /^(?:python|nodejs)$/.test(name);
        const context = {
          source: toml.source,
          whole: written.whole,
          role: isLeg ? 'support' : 'install',
          how,
        } as const;
        collector.add(condaVersion({ name, mapped: written.mapped }, context));
      }
    }
    readTable(scope, [...place, 'pypi-dependencies'], { role: 'install', how: "pixi's pypi-dependencies" });
  }
}
