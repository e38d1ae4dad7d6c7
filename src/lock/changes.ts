import { compareBytes } from '../core/digest.ts';
import { platforms } from '../core/platform.ts';
import type { Lock, LockedBase } from './lock.ts';

/** One difference between two locks, in what they pin. */
export interface LockChange {
  readonly kind: 'toolchain' | 'base' | 'python' | 'uv' | 'node' | 'npm' | 'package' | 'build' | 'debian';
  /** The package's name, or the kind's own. */
  readonly name: string;
  /** Absent when it is new. */
  readonly from?: string;
  /** Absent when it is gone. */
  readonly to?: string;
  /** The toolchain that it is in; absent for the default one. */
  readonly toolchain?: string;
}

/** What a new lock pins otherwise than the one before; everything when there was none. In a fixed order. Pure. */
export function lockChanges(before: Lock | undefined, after: Lock): LockChange[] {
  return [
    ...single('base', 'base', describeBase(before?.base), describeBase(after.base)),
    ...single('python', 'python', before?.python.version, after.python.version),
    ...single('uv', 'uv', before?.uv.version, after.uv.version),
    ...single('node', 'node', before?.node?.version, after.node?.version),
    ...single('npm', 'npm', before?.node?.npm.version, after.node?.npm.version),
    ...compare('npm', managerVersions(before), managerVersions(after)),
    ...compare('package', pythonVersions(before), pythonVersions(after)),
    ...compare('build', collect(before?.python.build?.packages ?? []), collect(after.python.build?.packages ?? [])),
    ...compare('debian', debianVersions(before), debianVersions(after)),
  ];
}

/** A change as one line: `+ black 25.9.0`, `~ black 25.1.0 → 25.9.0`, `- black 25.9.0`. */
export function describeChange({ name, kind, from, to, toolchain }: LockChange): string {
  const kinds = { debian: ' (Debian)', build: ' (build)', toolchain: ' (toolchain)' } as const;
  const of = toolchain === undefined ? '' : ` (${toolchain})`;
  const what = `${name}${kinds[kind as keyof typeof kinds] ?? ''}${of}`;
  if (from === undefined) return `+ ${what} ${to ?? ''}`;
  return to === undefined ? `- ${what} ${from}` : `~ ${what} ${from} → ${to}`;
}

function single(
  kind: LockChange['kind'],
  name: string,
  from: string | undefined,
  to: string | undefined,
): LockChange[] {
  if (from === to) return [];
  return [{ kind, name, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }];
}

function compare(
  kind: LockChange['kind'],
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): LockChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort(compareBytes);
  return names.flatMap((name) => single(kind, name, before.get(name), after.get(name)));
}

function pythonVersions(lock: Lock | undefined): Map<string, string> {
  const packages = lock?.python.packages ?? [];
  // Another commit may say that it is the same version.
  return collect(
    packages.map(({ name, version, source }) => ({
      name,
      version: source?.commit === undefined ? version : `${version} (commit ${source.commit.slice(0, 12)})`,
    })),
  );
}

function managerVersions(lock: Lock | undefined): Map<string, string> {
  const managers = Object.entries(lock?.node?.managers ?? {});
  return collect(managers.map(([name, { version }]) => ({ name, version })));
}

function debianVersions(lock: Lock | undefined): Map<string, string> {
  if (lock === undefined) return new Map();
  const base = lock.base.kind === 'debian' ? lock.base.packages : undefined;
  return collect(platforms.flatMap((platform) => [...(base?.[platform] ?? []), ...lock.system[platform]]));
}

/** A name with several versions (by platform) shows them all. */
function collect(packages: readonly { readonly name: string; readonly version: string }[]): Map<string, string> {
  const versions = new Map<string, Set<string>>();
  for (const { name, version } of packages) versions.set(name, (versions.get(name) ?? new Set<string>()).add(version));
  return new Map([...versions].map(([name, all]) => [name, [...all].sort(compareBytes).join(' and ')]));
}

function describeBase(base: LockedBase | undefined): string | undefined {
  if (base === undefined) return undefined;
  return base.kind === 'registry'
    ? `${base.image}@${base.digest.slice(0, 'sha256:'.length + 12)}`
    : `Debian ${base.suite}`;
}
