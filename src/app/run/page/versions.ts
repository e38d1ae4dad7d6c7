import type { Config } from '../../../config/config.ts';
import { compareBytes } from '../../../core/digest.ts';
import type { ImageContents } from '../../../doctor/probes/image.ts';
import type { Lock, LockedPythonPackage } from '../../../lock/lock.ts';
import { leadingName, normalisedName } from '../../../formats/package-name.ts';
import type { VersionRow, VersionsTable } from '../../../report/run/page/page-facts.ts';

/** The toolchain's versions as the config declares them, the lock pins them, and the image has them (or why the image was not read). */
export function versionsTable(
  { toolchain, image }: Pick<Config, 'toolchain' | 'image'>,
  lock: Lock,
  observed: ImageContents | string,
): VersionsTable {
  const contents = typeof observed === 'string' ? undefined : observed;
  const { python, node, managers = [], tools } = toolchain;
  const rows: VersionRow[] = [
    // A reference by digest: nothing in the image says where it came from.
    { name: 'base image', declared: image.base, locked: [baseWords(lock)], observed: null, isOptional: true },
    { name: 'python', declared: python, locked: [lock.python.version], observed: contents?.python ?? null },
  ];
  if (lock.node !== undefined) {
    const declared = node ?? null;
    rows.push({ name: 'node', declared, locked: [lock.node.version], observed: contents?.node ?? null });
    const locked = { npm: lock.node.npm, ...lock.node.managers };
    for (const name of ['npm', 'pnpm', 'yarn', 'bun'] as const) {
      const found = locked[name];
      if (found === undefined) continue;
      const wish = managers.find((each) => each.name === name)?.version;
      // npm comes with Node where nothing asks for another.
      const asked = wish ?? (name === 'npm' ? declared : null);
      rows.push({ name, declared: asked, locked: [found.version], observed: contents?.[name] ?? null });
    }
  }
  const asked = new Map(tools.map((line) => [nameOf(line), line]));
  for (const [name, packages] of byName(lock.python.packages))
    rows.push({
      name,
      declared: asked.get(name) ?? declaredBy(packages, toolchain.requirements),
      locked: [...new Set(packages.map(({ version }) => version))],
      observed: contents?.packages.get(name) ?? null,
      ...(packages.every(({ marker }) => marker !== undefined) ? { isOptional: true } : {}),
    });
  return { rows, notObserved: typeof observed === 'string' ? observed : null };
}

function baseWords({ base }: Lock): string {
  return base.kind === 'debian' ? `Debian ${base.suite} of ${base.snapshot}` : `${base.image}@${base.digest}`;
}

/** The name that a requirement line begins with, normalised. */
function nameOf(line: string): string {
  return leadingName(line) ?? '';
}

function byName(packages: readonly LockedPythonPackage[]): readonly (readonly [string, LockedPythonPackage[]])[] {
  const named = new Map<string, LockedPythonPackage[]>();
  for (const one of packages) {
    const name = normalisedName(one.name);
    named.set(name, [...(named.get(name) ?? []), one]);
  }
  return [...named].sort(([a], [b]) => compareBytes(a, b));
}

/** The requirements file that asks for a package; null when other packages do. */
function declaredBy(packages: readonly LockedPythonPackage[], requirements: readonly string[]): string | null {
  const via = packages.flatMap((one) => one.via);
  // A file that is included by one of them is named itself; a package's name has no folder and no ending.
  return via.find((one) => requirements.includes(one) || one.includes('/') || one.endsWith('.txt')) ?? null;
}
