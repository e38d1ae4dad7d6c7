import type { ToolchainName } from '../config/toolchains.ts';
import { canonicalJson } from '../core/digest.ts';
import { lockVersion, toolchainsLockVersion, type Lock, type LockedToolchain } from './lock.ts';

/**
 * A lock as if one of its toolchains were the only one: what builds an image and describes it knows no other. A lock without named toolchains
 * stays the very same. Undefined for a name that it does not have.
 */
export function toolchainLock(lock: Lock, name: ToolchainName): Lock | undefined {
  const { toolchains, ...own } = lock;
  if (name === undefined) return toolchains === undefined ? lock : { ...own, version: lockVersion };
  const named = toolchains?.[name];
  if (named === undefined) return undefined;
  const { parity, base, uv, system } = lock;
  return { version: lockVersion, parity, base, uv, system, ...named };
}

/** The same of a lock that was found current, and so has all toolchains of the config. Throws where it has not. */
export function requiredToolchainLock(lock: Lock, name: ToolchainName): Lock {
  const found = toolchainLock(lock, name);
  if (found === undefined) throw new Error(`parity: a lock without toolchain ${name} was taken for a current one`);
  return found;
}

/** The lock that has these toolchains, which toolchainLock gives back again; a part that is the default one's is there once. */
export function joinToolchains(main: Lock, named: ReadonlyMap<string, Lock>): Lock {
  const { toolchains: _toolchains, ...own } = main;
  if (named.size === 0) return { ...own, version: lockVersion };
  const toolchains = [...named].map(([name, lock]) => [name, withoutShared(lock, main)] as const);
  return { ...own, version: toolchainsLockVersion, toolchains: Object.fromEntries(toolchains) };
}

/** The lock with another state of one of its toolchains. */
export function withToolchain(lock: Lock, name: ToolchainName, state: Lock): Lock {
  const views = new Map(
    Object.keys(lock.toolchains ?? {}).map((each) => [each, requiredToolchainLock(lock, each)] as const),
  );
  if (name === undefined) return joinToolchains(state, views);
  return joinToolchains(requiredToolchainLock(lock, undefined), views.set(name, state));
}

function withoutShared({ inputs, base, python, uv, node, system, platforms }: Lock, main: Lock): LockedToolchain {
  const isOwn = (part: unknown, other: unknown): boolean => canonicalJson(part) !== canonicalJson(other);
  return {
    inputs,
    ...(isOwn(base, main.base) ? { base } : {}),
    python,
    ...(isOwn(uv, main.uv) ? { uv } : {}),
    ...(node === undefined ? {} : { node }),
    ...(isOwn(system, main.system) ? { system } : {}),
    platforms,
  };
}
