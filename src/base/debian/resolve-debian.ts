import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failure } from '../../core/failure.ts';
import { debianArchitecture, platforms, type Platform } from '../../core/platform.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';
import type { LockedBase, LockedDebianPackage } from '../locked-base.ts';
import { baseNames, nearestPython, snapshotStamp, suiteFor, suites } from './suites.ts';
import { packagesOfUris, pinPreferences } from './uris.ts';
import { openScriptRunner } from './open-script-runner.ts';
import type { ScriptRunner } from './script-runner.ts';

/** A Debian base as the lock pins it. */
export type DebianBase = Extract<LockedBase, { kind: 'debian' }>;

/** Packages on top of a base, per platform. */
export type SystemPackages = Readonly<Record<Platform, readonly LockedDebianPackage[]>>;

/** What to resolve. */
export interface DebianRequest {
  readonly engine: Engine;
  readonly python: string;
  readonly system: readonly string[];
  /** Versions to keep where the mirror still has them. */
  readonly keep?: { readonly base: DebianBase; readonly system: SystemPackages } | undefined;
  readonly onOutput: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves the Debian base for a Python, and the system packages on top, for both architectures, with apt over an empty
 * system. Err `config-invalid` for a Python that no suite has or a package Debian has not; `network`, `disk-full`,
 * `host-tool-missing` as they come.
 */
export async function resolveDebian(
  request: DebianRequest,
): Promise<Result<{ readonly base: DebianBase; readonly system: SystemPackages; readonly notes: readonly string[] }>> {
  const suite = suiteFor(request.python);
  if (suite === undefined) return err(noSuite(request.python));
  const opened = await openScriptRunner({
    engine: request.engine,
    suite,
    onOutput: request.onOutput,
    signal: request.signal,
  });
  if (!opened.ok) return opened;
  const runner = opened.value;
  try {
    return await resolveIn(runner, suite, request);
  } finally {
    await runner.close();
  }
}

async function resolveIn(
  runner: ScriptRunner,
  suite: string,
  request: DebianRequest,
): Promise<Result<{ readonly base: DebianBase; readonly system: SystemPackages; readonly notes: readonly string[] }>> {
  const { dir } = runner;
  const what = `Debian ${suite}'s packages could not be resolved`;
  await writeFile(join(dir, 'base.names'), `${baseNames.join('\n')}\n`);
  await writeFile(join(dir, 'all.names'), `${[...baseNames, ...request.system].join('\n')}\n`);
  const sources = await runner.run({
    script: 'sources.sh',
    args: (work) => [suite, 'amd64', work],
    reads: ['base.names', 'all.names'],
    writes: ['default.list', 'sources.list'],
    title: what,
  });
  if (!sources.ok) return sources;
  const dates: string[] = [];
  const base: Partial<Record<Platform, readonly LockedDebianPackage[]>> = {};
  const system: Partial<Record<Platform, readonly LockedDebianPackage[]>> = {};
  for (const platform of platforms) {
    const architecture = debianArchitecture(platform);
    const reads: string[] = [];
    if (request.keep !== undefined) {
      const kept = [...request.keep.base.packages[platform], ...request.keep.system[platform]];
      await writeFile(join(dir, `preferences-${architecture}`), pinPreferences(kept));
      reads.push(`preferences-${architecture}`);
    }
    const outputs = [`base-${architecture}.uris`, `all-${architecture}.uris`, `dates-${architecture}`];
    const resolved = await runner.run({
      script: 'resolve.sh',
      args: (work) => [architecture, work],
      reads,
      writes: outputs,
      title: what,
    });
    if (!resolved.ok) return resolved;
    const [baseUris = '', allUris = '', dateLines = ''] = await Promise.all(
      outputs.map((name) => readFile(join(dir, name), 'utf8')),
    );
    dates.push(...dateLines.split('\n'));
    const own = packagesOfUris(baseUris);
    const names = new Set(own.map(({ name }) => name));
    base[platform] = own;
    system[platform] = packagesOfUris(allUris, request.system).filter(({ name }) => !names.has(name));
  }
  const locked = { base: base as DebianBase['packages'], system: system as SystemPackages };
  const wrong = wrongPython(request.python, suite, locked.base);
  if (wrong !== undefined) return err(wrong);
  const kept = request.keep !== undefined && samePackages(request.keep.base.packages, locked.base);
  const snapshot = kept ? request.keep?.base.snapshot : snapshotStamp(dates);
  if (snapshot === undefined)
    return err(
      failure('network', `${what}: the mirror's Release file has no date`, {
        next: 'name another mirror in PARITY_DEBIAN_MIRROR',
      }),
    );
  const notes =
    request.keep !== undefined && !kept
      ? [`the mirror no longer has every package of the locked Debian base: it moved to ${snapshot}`]
      : [];
  return ok({ base: { kind: 'debian', suite, snapshot, packages: locked.base }, system: locked.system, notes });
}

/** True when both hold the same packages by hash on every platform. */
export function samePackages(a: SystemPackages, b: SystemPackages): boolean {
  const hashes = (packages: SystemPackages): string =>
    platforms.map((platform) => packages[platform].map(({ sha256 }) => sha256).join(' ')).join('|');
  return hashes(a) === hashes(b);
}

function noSuite(python: string): ReturnType<typeof failure> {
  const known = suites.map((entry) => `${entry.suite} has ${entry.python}`).join(', ');
  return failure('config-invalid', `no Debian release has Python ${python} (${known})`, {
    next: `with the nearest, in parity.yaml: toolchain: { python: "${nearestPython(python)}" } (parity init writes the file)
with ${python} itself, where a registry can be reached: image: { base: registry }`,
  });
}

/** A Python asked for to the patch level must be the one that the suite has. */
function wrongPython(
  python: string,
  suite: string,
  packages: DebianBase['packages'],
): ReturnType<typeof failure> | undefined {
  if (python.split('.').length < 3) return undefined;
  const minor = python.split('.').slice(0, 2).join('.');
  const version = packages['linux/amd64'].find(({ name }) => name === `python${minor}`)?.version.split('-')[0];
  if (version === python) return undefined;
  return failure('config-invalid', `Debian ${suite} has Python ${version ?? 'of another version'}, not ${python}`, {
    next: `set toolchain.python to "${minor}" in parity.yaml, or image.base to registry`,
  });
}
