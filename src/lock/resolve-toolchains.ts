import { toolchainConfig, toolchainNames, type ToolchainName } from '../config/toolchains.ts';
import { err, ok, type Result } from '../core/result.ts';
import { parityVersion } from '../core/version.ts';
import type { LockChange } from './changes.ts';
import type { Lock } from './lock.ts';
import { notUpgradable, resolveLock, upgradable, type ResolvedLock, type ResolveOptions } from './resolve.ts';
import { joinToolchains, toolchainLock } from './toolchain-lock.ts';

/** What to resolve of a config with its toolchains. */
export interface ResolveToolchainsOptions extends Omit<ResolveOptions, 'shared'> {
  /** The toolchains whose inputs have changed since the lock was written; without `upgrade`, the others stay as they are. */
  readonly stale: ReadonlySet<ToolchainName>;
}

/**
 * Resolves the lock of a config: each toolchain apart, the default one first, on whose base the others start where it does for them. Err as
 * resolveLock: a lock is never partial.
 */
export async function resolveToolchains(options: ResolveToolchainsOptions): Promise<Result<ResolvedLock>> {
  const { config, previous } = options;
  const names = toolchainNames(config);
  const before = new Map(
    names.map((name) => [name, previous === undefined ? undefined : toolchainLock(previous, name)] as const),
  );
  const unknown = unknownUpgrade(options, [...before.values()]);
  if (unknown !== undefined) return err(notUpgradable(unknown));
  const [changes, notes]: [LockChange[], string[]] = [[], []];
  const resolved = new Map<ToolchainName, Lock>();
  for (const name of names) {
    const old = before.get(name);
    const upgrade = upgradeOf(options, old, names.length);
    if (old !== undefined && upgrade === false && !options.stale.has(name) && names.length > 1) {
      resolved.set(name, old);
      continue;
    }
    const { previous: _previous, ...rest } = options;
    const made = await resolveLock({
      ...rest,
      upgrade,
      config: toolchainConfig(config, name),
      ...(old === undefined ? {} : { previous: old }),
      shared: resolved.get(undefined),
    });
    if (!made.ok) return made;
    resolved.set(name, made.value.lock);
    changes.push(...made.value.changes.map((each) => (name === undefined ? each : { ...each, toolchain: name })));
    notes.push(...made.value.notes.map((note) => (name === undefined ? note : `${name}: ${note}`)));
  }
  const gone = Object.entries(previous?.toolchains ?? {}).filter(([name]) => !names.includes(name));
  changes.push(
    ...gone.map(([name, { python }]): LockChange => {
      return { kind: 'toolchain', name, from: `with Python ${python.version}` };
    }),
  );
  const lock = joined(resolved);
  // The same pins by another parity are the same lock: no line of it has to change.
  const isSame = changes.length === 0 && previous !== undefined;
  return ok({ lock: isSame ? { ...lock, parity: previous.parity } : lock, changes, notes });
}

function joined(resolved: ReadonlyMap<ToolchainName, Lock>): Lock {
  const main = resolved.get(undefined);
  if (main === undefined) throw new Error('parity: no default toolchain was resolved');
  const named = [...resolved].flatMap(([name, lock]) => (name === undefined ? [] : [[name, lock] as const]));
  if (named.length === 0) return main;
  const isOld = [...resolved.values()].every(({ parity }) => parity === main.parity);
  return joinToolchains({ ...main, parity: isOld ? main.parity : parityVersion }, new Map(named));
}

/** The part of what is to be upgraded that a toolchain has; what it has not is another's. */
function upgradeOf(
  { upgrade }: ResolveToolchainsOptions,
  old: Lock | undefined,
  count: number,
): ResolveOptions['upgrade'] {
  if (upgrade === false || upgrade === 'all' || old === undefined || count === 1) return upgrade;
  const known = upgradable(old);
  const own = upgrade.filter((name) => known.includes(name));
  return own.length === 0 ? false : own;
}

/** A name that none of the toolchains has. */
function unknownUpgrade(
  { upgrade }: ResolveToolchainsOptions,
  before: readonly (Lock | undefined)[],
): string | undefined {
  const locks = before.flatMap((lock) => lock ?? []);
  if (upgrade === false || upgrade === 'all' || locks.length === 0) return undefined;
  return upgrade.find((name) => !locks.some((lock) => upgradable(lock).includes(name)));
}
