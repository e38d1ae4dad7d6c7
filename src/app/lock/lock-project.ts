import type { Config } from '../../config/config.ts';
import { toolchainConfig, toolchainNames, type ToolchainName } from '../../config/toolchains.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { platforms, type Platform } from '../../core/platform.ts';
import type { EmitProgress } from '../../core/progress.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';
import { describeChange, type LockChange } from '../../lock/changes.ts';
import { lockInputs } from '../../lock/inputs.ts';
import type { Lock } from '../../lock/lock.ts';
import type { PartsAhead } from '../project/parts-ahead.ts';
import { readLock } from '../../lock/read.ts';
import { checkLock, describeChangedInputs, type ChangedInput } from '../../lock/check-lock.ts';
import { lockFileName, writeLock } from '../../lock/write.ts';
import { appendHistory } from '../history/append-history.ts';

/** What every way to a lock needs. */
export interface LockingOptions {
  /** Absolute path of the project's folder. */
  readonly projectDir: string;
  readonly config: Config;
  /** Connects to the engine; called only when something has to be resolved. The caller closes it. */
  readonly engine: () => Promise<Result<Engine>>;
  readonly emit: EmitProgress;
  readonly signal?: AbortSignal;
}

/** What `parity lock` is asked. */
export interface LockProjectOptions extends LockingOptions {
  readonly check: boolean;
  /** With `check`: the lock must name this platform's image, too. */
  readonly platform?: Platform;
  /** `false`, `all` (no names given), or names. */
  readonly upgrade: false | 'all' | readonly string[];
}

/** How `parity lock` ended; `stale` only with `check`, and it is exit code 1. */
export interface LockOutcome {
  readonly status: 'current' | 'written' | 'stale';
  readonly moved: readonly ChangedInput[];
  readonly changes: readonly LockChange[];
}

/** An outcome, and what a report of it says besides. */
export interface ProjectLocked {
  readonly outcome: LockOutcome;
  /** With `check`: the platform whose image the lock should name and does not, while all its pins are current. */
  readonly awaitedImage?: Platform;
  /** What was resolved; absent where the lock was only checked, or is current. */
  readonly resolved?: { readonly lock: Lock; readonly isFirst: boolean; readonly changed: boolean };
}

/** Brings the lock up to date, or with `check` only says whether it is (no engine, no network). Err: why it can't, with what to do. */
export async function lockProject(options: LockProjectOptions): Promise<Result<ProjectLocked>> {
  const { projectDir, config, check, upgrade, platform } = options;
  if (platform !== undefined && !check)
    return err(
      failure('usage', '--platform goes with --check', { next: 'parity lock --check --platform linux/arm64' }),
    );
  if (check && upgrade !== false)
    return err(failure('usage', '--check and --upgrade exclude each other', { next: 'parity lock --check' }));
  const read = await readLock(projectDir);
  if (!read.ok) return read;
  const previous = read.value;
  let moved: readonly ChangedInput[] = [];
  if (previous === undefined) {
    if (check) return err(lockMissing());
  } else {
    const status = await checkLock(previous, projectDir, config);
    if (!status.ok) return status;
    moved = status.value.moved;
    if (check || (status.value.current && upgrade === false)) {
      const awaits = platform !== undefined && awaitsImage(previous, platform);
      const isCurrent = status.value.current && !awaits;
      const outcome = { status: isCurrent ? 'current' : 'stale', moved, changes: [] } as const;
      return ok({ outcome, ...(awaits && status.value.current ? { awaitedImage: platform } : {}) });
    }
  }
  const made = await resolveAndWrite(options, previous, { upgrade, stale: staleOf(moved) });
  if (!made.ok) return made;
  const { lock, changes, changed } = made.value;
  const outcome = { status: changed ? 'written' : 'current', moved, changes } as const;
  return ok({ outcome, resolved: { lock, changed, isFirst: previous === undefined } });
}

/** Whether some toolchain's image of a platform is not named yet. */
function awaitsImage({ platforms: own, toolchains = {} }: Lock, platform: Platform): boolean {
  return [own, ...Object.values(toolchains).map((each) => each.platforms)].some((all) => all[platform].image === null);
}

/** How many Python packages a lock holds, of all its toolchains. */
function packageCount({ python, toolchains = {} }: Lock): number {
  const all = [python, ...Object.values(toolchains).map((each) => each.python)];
  return all.reduce((sum, { packages }) => sum + packages.length, 0);
}

/** How the lock that a run uses is had. */
export interface LockForRunOptions extends LockingOptions {
  readonly frozen: boolean;
  /** The image will be needed: what of it is known while the lock is resolved is made meanwhile. */
  readonly partsAhead: boolean;
}

/** A lock to run with. */
export interface LockForRun {
  readonly lock: Lock;
  /** True when it was resolved now and the file written. */
  readonly written: boolean;
}

/**
 * The lock that a run uses. Without `frozen` a missing one is made and a stale one mended, keeping its pins, and both are
 * said as notes. With `frozen`: Err `lock-missing`, or `lock-stale` naming what moved; never an engine, never a network.
 */
export async function lockForRun(options: LockForRunOptions): Promise<Result<LockForRun>> {
  const { projectDir, config, frozen, emit } = options;
  const read = await readLock(projectDir);
  if (!read.ok) return read;
  const previous = read.value;
  let stale = staleOf([]);
  if (previous === undefined) {
    if (frozen) return err(lockMissing());
    emit({ type: 'note', severity: 'note', message: `there is no ${lockFileName} yet: resolving one` });
  } else {
    const status = await checkLock(previous, projectDir, config);
    if (!status.ok) return status;
    if (status.value.current) return ok({ lock: previous, written: false });
    const moved = describeChangedInputs(status.value.moved);
    stale = staleOf(status.value.moved);
    if (frozen)
      return err(
        failure('lock-stale', `${lockFileName} is stale: ${moved}`, {
          next: `parity lock, then commit ${lockFileName}`,
        }),
      );
    emit({ type: 'note', severity: 'note', message: `${lockFileName} is stale, resolving it anew: ${moved}` });
  }
  const ahead = options.partsAhead ? await partsAhead(options) : undefined;
  const made = await resolveAndWrite(options, previous, { upgrade: false, stale, ahead });
  if (!made.ok) {
    await ahead?.stop();
    return made;
  }
  await ahead?.begun();
  const { lock, changes, changed } = made.value;
  if (changed) {
    const count = previous === undefined ? `${packageCount(lock)} Python packages` : countChanges(changes);
    const message = `wrote ${lockFileName}: ${count}`;
    emit({ type: 'note', severity: 'note', message, hint: `commit it: git add ${lockFileName}` });
  }
  return ok({ lock, written: changed });
}

async function partsAhead({ signal, ...options }: LockForRunOptions): Promise<PartsAhead> {
  const { PartsAhead: Ahead } = await import('../project/parts-ahead.ts');
  return new Ahead({ ...options, ...(signal === undefined ? {} : { signal }) });
}

interface MadeLock {
  readonly lock: Lock;
  readonly changes: readonly LockChange[];
  readonly changed: boolean;
}

interface HowToResolve extends Pick<LockProjectOptions, 'upgrade'> {
  readonly stale: ReadonlySet<ToolchainName>;
  readonly ahead?: PartsAhead | undefined;
}

async function resolveAndWrite(
  options: LockingOptions,
  previous: Lock | undefined,
  { upgrade, stale, ahead }: HowToResolve,
): Promise<Result<MadeLock>> {
  const { projectDir, config, emit, signal } = options;
  // A mistake in the repository is reported before the engine is connected to.
  for (const name of toolchainNames(config)) {
    const inputs = await lockInputs(projectDir, toolchainConfig(config, name));
    if (!inputs.ok) return inputs;
  }
  // Their answers take half a second, and what resolves needs them.
  void import('../../base/network-settings.ts').then((settings) => settings.prefetchClientSettings(process.env));
  const engine = await options.engine();
  if (!engine.ok) return engine;
  const info = await engine.value.describe();
  if (!info.ok) return info;
  const { platform, platformText } = info.value;
  if (platform === undefined)
    return err(
      failure('engine-refused', `the engine runs ${platformText}, and parity locks for ${platforms.join(' and ')}`, {
        next: 'switch the engine to Linux containers, or choose another with --host',
      }),
    );
  const connected = engine.value;
  const { resolveToolchains } = await import('../../lock/resolve-toolchains.ts');
  const resolved = await resolveToolchains({
    engine: connected,
    projectDir,
    config,
    ...(previous === undefined ? {} : { previous }),
    upgrade,
    stale,
    platform,
    ...(ahead === undefined ? {} : { onPackages: (known) => ahead.start(known, connected, platform) }),
    onProgress: emit,
    ...(signal === undefined ? {} : { signal }),
  });
  if (!resolved.ok) return resolved;
  const { lock, changes, notes } = resolved.value;
  for (const message of notes) emit({ type: 'note', severity: 'note', message });
  const written = await writeLock(projectDir, lock);
  if (written.ok && written.value.changed)
    await appendHistory(projectDir, {
      type: 'lock',
      change: previous === undefined ? 'created' : 'changed',
      pins: changes.slice(0, 50).map(describeChange),
    });
  return written.ok ? ok({ lock, changes, changed: written.value.changed }) : written;
}

/** The toolchains that changed inputs belong to. */
function staleOf(moved: readonly ChangedInput[]): ReadonlySet<ToolchainName> {
  return new Set(moved.map(({ toolchain }) => toolchain));
}

function lockMissing(): Failure {
  return failure('lock-missing', `there is no ${lockFileName} here`, {
    next: `parity lock, then commit ${lockFileName}`,
  });
}

/** How many pins were added, changed and removed, in words. */
export function countChanges(changes: readonly LockChange[]): string {
  const added = changes.filter(({ from }) => from === undefined).length;
  const removed = changes.filter(({ to }) => to === undefined).length;
  const counts = [
    { count: added, word: 'added' },
    { count: changes.length - added - removed, word: 'changed' },
    { count: removed, word: 'removed' },
  ];
  const parts = counts.filter(({ count }) => count > 0).map(({ count, word }) => `${count} ${word}`);
  return parts.length === 0 ? 'no pin changed' : parts.join(', ');
}
