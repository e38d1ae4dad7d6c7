import type { Lock, LockedPythonPackage } from './lock.ts';
import { toolsSource } from './requirements/reading.ts';

/**
 * What a lock's Python means to an image. Who asks for a package only says in which of the image's layers it is; of the build of the
 * repository's packages the image has what that needs.
 */
export function pythonContent({ version, packages, build }: Lock['python']): object {
  const tools = neededByTools(packages);
  return {
    version,
    packages: packages.map((each) => ({ ...each, via: undefined, layer: tools.has(each.name) ? 'tools' : 'project' })),
    ...(build === undefined ? {} : { build: build.packages.map((each) => ({ ...each, via: undefined })) }),
  };
}

/** Names of the packages that toolchain.tools asks for, and of those that they need: a layer that stays when a requirement changes. */
export function neededByTools(packages: readonly LockedPythonPackage[]): ReadonlySet<string> {
  const names = new Set<string>();
  const isNeeded = ({ name, via }: LockedPythonPackage): boolean =>
    !names.has(name) && via.some((asker) => asker === toolsSource || names.has(asker));
  for (let more = packages.filter(isNeeded); more.length > 0; more = packages.filter(isNeeded))
    for (const { name } of more) names.add(name);
  return names;
}
