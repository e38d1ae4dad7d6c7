import type { Collector } from './collector.ts';
import type { Declaration } from './declaration.ts';
import { namedVersion } from './versions.ts';

/**
 * A collector for what a package depends on: a range is a library's (`library`), a pin is what gets installed with it, as a pin of a group is
 * (`install`). Everything else goes to the given one as it is.
 */
export function pinsInstalled(collector: Collector): Collector {
  return { ...collector, add: (...declarations) => collector.add(...declarations.map(asInstalled)) };
}

function asInstalled(declaration: Declaration | undefined): Declaration | undefined {
  if (declaration?.role !== 'library' || declaration.value === undefined) return declaration;
  const { scheme, value } = declaration;
  return namedVersion({ scheme, value }) === undefined ? declaration : { ...declaration, role: 'install' };
}
