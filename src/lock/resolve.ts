import semver from 'semver';
import { lacksPython, resolveBase, reusableBase } from '../base/base.ts';
import { ensureUvImage, uvPin } from '../base/uv-image.ts';
import type { Config } from '../config/config.ts';
import { toolchainKey } from '../config/toolchains.ts';
import { canonicalJson, sha256 } from '../core/digest.ts';
import { failure, type Failure } from '../core/failure.ts';
import { platforms, type Platform } from '../core/platform.ts';
import type { EmitProgress } from '../core/progress.ts';
import { err, ok, type Result } from '../core/result.ts';
import { parityVersion } from '../core/version.ts';
import type { Engine } from '../engine/engine.ts';
import { heldUpgrade } from './held-upgrade.ts';
import { lockChanges, type LockChange } from './changes.ts';
import { inputDigests } from './inputs.ts';
import { resolveBuild } from './build/resolve-build.ts';
import { lockVersion, type KnownPackages, type Lock, type LockedBuild, type LockedPythonPackage } from './lock.ts';
import { pythonContent } from './locked-content.ts';
import { resolveNode, type ResolvedNode } from './node/resolve-node.ts';
import { checkRequiresPython } from './python/requires-python.ts';
import { withToolchainPlace } from './toolchain-place.ts';
import { resolvePackages } from './python/resolve-packages.ts';
import { readRequirements, type RequirementSet } from './requirements/read-requirements.ts';

/** What to resolve, and with which pins kept. */
export interface ResolveOptions {
  readonly engine: Engine;
  readonly projectDir: string;
  readonly config: Config;
  readonly previous?: Lock;
  /** What another toolchain of the lock starts from: taken where it does for this one, too, so that the images share their layers. */
  readonly shared?: Pick<Lock, 'base' | 'system'> | undefined;
  /** `false`: keep every pin that still fits; `all`; or names: packages, `node`, package managers, `base`. */
  readonly upgrade: false | 'all' | readonly string[];
  /** The engine's own platform, on which the resolver runs. */
  readonly platform: Platform;
  /** Told once the Python packages are known and something else is not yet. */
  readonly onPackages?: ((known: KnownPackages) => void) | undefined;
  readonly onProgress: EmitProgress;
  readonly signal?: AbortSignal;
}

/** A resolved lock, not yet written, and what it changes. */
export interface ResolvedLock {
  readonly lock: Lock;
  readonly changes: readonly LockChange[];
  readonly notes: readonly string[];
}

/**
 * Resolves base, Python packages, Node and npm for every platform at once. Err when anything is missing: a lock is never
 * partial. Nothing is written.
 */
export async function resolveLock(options: ResolveOptions): Promise<Result<ResolvedLock>> {
  const startedAt = performance.now();
  const { onProgress } = options;
  const { name } = options.config.toolchain;
  const title = name === undefined ? 'Resolving the lock' : `Resolving the lock of toolchain ${name}`;
  onProgress({ type: 'phase-started', phase: 'lock', id: 'lock', title });
  const resolved = await resolveAll(options);
  onProgress({
    type: 'phase-finished',
    phase: 'lock',
    id: 'lock',
    durationMs: performance.now() - startedAt,
    ok: resolved.ok,
    result: resolved.ok ? `${resolved.value.lock.python.packages.length} Python packages` : resolved.error.message,
  });
  return resolved;
}

async function resolveAll(options: ResolveOptions): Promise<Result<ResolvedLock>> {
  const { config, projectDir, previous } = options;
  const read = await readRequirements(projectDir, config);
  if (!read.ok) return read;
  const held = await heldUpgrade(options, read.value);
  const unknown = held.failure ?? unknownUpgrade(options);
  if (unknown !== undefined) return err(unknown);
  const abort = new AbortController();
  const signal = options.signal === undefined ? abort.signal : AbortSignal.any([options.signal, abort.signal]);
  // Whatever fails first ends the other: nobody waits for a bootstrap to hear that npm is missing.
  const [python, node] = await Promise.all([
    stopOthers(resolvePython({ ...options, signal }, read.value), abort),
    stopOthers(resolveNodeOf({ ...options, signal }), abort),
  ]);
  const failed = firstFailure([python, node]);
  if (failed !== undefined) return err(failed);
  if (!python.ok || !node.ok) throw new Error('a failure vanished');
  const { base, system, version, packages, build, notes } = python.value;
  const lock: Lock = {
    version: lockVersion,
    parity: parityVersion,
    inputs: inputDigests(config, read.value),
    base,
    python: { version, packages, ...(build === undefined ? {} : { build }) },
    uv: { version: uvPin.version, hashes: uvPin.hashes },
    ...(node.value === undefined ? {} : { node: node.value.node }),
    system,
    platforms: { 'linux/amd64': { image: null }, 'linux/arm64': { image: null } },
  };
  return ok({
    lock: previous === undefined ? lock : keepImages(previous, lock),
    changes: lockChanges(previous, lock),
    notes: [...read.value.notes, ...held.notes, ...notes, ...(node.value?.notes ?? [])],
  });
}

interface ResolvedPython {
  readonly base: Lock['base'];
  readonly system: Lock['system'];
  readonly version: string;
  readonly packages: readonly LockedPythonPackage[];
  readonly build: LockedBuild | undefined;
  readonly notes: readonly string[];
}

async function resolvePython(options: ResolveOptions, read: RequirementSet): Promise<Result<ResolvedPython>> {
  const { engine, config, platform, onProgress } = options;
  const { python, system } = config.toolchain;
  const compiled = [...read.projects.values()].filter(({ build }) => build.hasExtensions);
  const running = { onProgress, ...(options.signal === undefined ? {} : { signal: options.signal }) };
  const requested = { base: config.image.base, python, system, compiler: compiled.length > 0 };
  const shared = reusableBase(options.shared, requested);
  const previous = shared ?? options.previous;
  const base = await resolveBase(engine, requested, {
    ...(previous === undefined ? {} : { previous: { base: previous.base, system: previous.system } }),
    // What is shared is as new as was asked for.
    upgrade: shared === undefined && upgrades(options, 'base'),
    ...running,
  });
  if (!base.ok) return lacksPython(base.error) ? err(withToolchainPlace(base.error, 'python', options)) : base;
  const uv = await ensureUvImage(engine, base.value.base, platform, running);
  if (!uv.ok) return uv;
  const version = uv.value.pythonVersion;
  const wrongBase = wrongPython(config, version);
  if (wrongBase !== undefined) return err(withToolchainPlace(wrongBase, 'python', options));
  const wrong = checkRequiresPython(read.requiresPython, version);
  if (wrong !== undefined) return err(wrong);
  const request = { ...options, read, uv: uv.value };
  // A package whose needs only its build backend knows has to be asked first.
  const isAsked = [...read.projects.values()].some(({ asksBackend }) => asksBackend !== undefined);
  const building = resolveBuild(request);
  const asked = isAsked ? await building : undefined;
  if (asked?.ok === false) return asked;
  const more = asked?.value?.requirements ?? [];
  const resolving = resolvePackages({
    ...request,
    read: { ...read, requirements: [...read.requirements, ...more] },
    builtHere: (asked?.value?.build.projects ?? []).flatMap(({ name }) => name ?? []),
  });
  let isBuildKnown = false;
  const settled = (): boolean => (isBuildKnown = true);
  building.then(settled, settled);
  const packages = await resolving;
  if (packages.ok && !isBuildKnown)
    options.onPackages?.({ ...base.value, python: { version, packages: packages.value }, index: read.index });
  const build = await building;
  if (!packages.ok) return packages;
  if (!build.ok) return build;
  const compilers = compiled.map(
    ({ path, build: { name } }) => `${name ?? path} has parts that are compiled: a compiler is in the image`,
  );
  const notes = [...base.value.notes, ...compilers, ...(build.value?.notes ?? [])];
  return ok({ ...base.value, version, packages: packages.value, build: build.value?.build, notes });
}

async function resolveNodeOf(options: ResolveOptions): Promise<Result<ResolvedNode | undefined>> {
  const { config, projectDir, previous, signal } = options;
  const { node, managers } = config.toolchain;
  if (node === undefined) return ok(undefined);
  const resolved = await resolveNode({
    range: node,
    ...(managers === undefined ? {} : { managers }),
    projectDir,
    ...(previous?.node === undefined ? {} : { previous: previous.node }),
    mayMove: (name) => upgrades(options, name),
    ...(signal === undefined ? {} : { signal }),
  });
  // A package manager that can't be had has a place of its own.
  const isNode =
    !resolved.ok && resolved.error.reason === 'package-vanished' && resolved.error.diagnostics === undefined;
  return isNode ? err(withToolchainPlace(resolved.error, 'node', options)) : resolved;
}

function upgrades({ upgrade }: ResolveOptions, what: string): boolean {
  return upgrade === 'all' || (upgrade !== false && upgrade.includes(what));
}

function unknownUpgrade({ upgrade, previous }: ResolveOptions): Failure | undefined {
  if (upgrade === false || upgrade === 'all' || previous === undefined) return undefined;
  const known = upgradable(previous);
  const unknown = upgrade.find((name) => !known.includes(name));
  return unknown === undefined ? undefined : notUpgradable(unknown);
}

/** The names that `--upgrade` takes of a lock. */
export function upgradable({ node, python }: Lock): readonly string[] {
  const managers = Object.keys(node?.managers ?? {});
  const packages = [...python.packages, ...(python.build?.packages ?? [])];
  return ['base', 'node', 'npm', ...managers, ...packages.map(({ name }) => name)];
}

/** Says that `--upgrade` does not take a name. */
export function notUpgradable(name: string): Failure {
  return failure('usage', `the lock has no package "${name}" to upgrade`, {
    next: 'parity lock --upgrade takes Python packages of the lock, node, npm and its like, or base; without names it upgrades all',
  });
}

function wrongPython(config: Config, version: string): Failure | undefined {
  const wanted = config.toolchain.python;
  if (semver.satisfies(version, wanted)) return undefined;
  return failure(
    'config-invalid',
    `${toolchainKey(config.toolchain.name)}.python asks for Python ${wanted}, and the base has ${version}`,
    {
      next: `write python: "${version.split('.').slice(0, 2).join('.')}", or choose another image.base`,
    },
  );
}

/** Image IDs belong to what was locked: they stay when all of that does. */
function keepImages(previous: Lock, lock: Lock): Lock {
  const pins = ({ base, python, uv, node, system }: Lock): string =>
    sha256(
      canonicalJson({
        base,
        uv,
        node,
        system,
        python: pythonContent(python),
      }),
    );
  if (pins(previous) !== pins(lock)) return lock;
  const kept = platforms.map((platform) => [platform, previous.platforms[platform]] as const);
  // The same pins by another parity are the same lock: no line of it has to change.
  return { ...lock, parity: previous.parity, platforms: Object.fromEntries(kept) as Lock['platforms'] };
}

async function stopOthers<T>(work: Promise<Result<T>>, abort: AbortController): Promise<Result<T>> {
  const result = await work;
  if (!result.ok) abort.abort(failure('interrupted', 'something else failed first'));
  return result;
}

/** The failure that came of itself, not one that it caused. */
function firstFailure(results: readonly Result<unknown>[]): Failure | undefined {
  const failures = results.flatMap((result) => (result.ok ? [] : [result.error]));
  return failures.find((one) => one.reason !== 'interrupted') ?? failures[0];
}
