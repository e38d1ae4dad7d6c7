import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, type Failure } from '../../core/failure.ts';
import { cacheFolder } from '../../core/cache-folder.ts';
import { cacheDir } from '../../core/paths.ts';
import { debianArchitecture, type Platform } from '../../core/platform.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';
import { cacheBaseLayers } from '../base-layers.ts';
import type { LockedDebianPackage } from '../locked-base.ts';
import type { DebianBase } from './resolve-debian.ts';
import { stampSeconds } from './suites.ts';
import { openScriptRunner } from './open-script-runner.ts';
import { cacheFailure, type ScriptRunner } from './script-runner.ts';

/** What a Debian base is made from. */
export interface MakeRequest {
  readonly engine: Engine;
  readonly base: DebianBase;
  readonly platform: Platform;
  /** The image's name. */
  readonly reference: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly onOutput: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes the base image from exactly the locked packages and gives its ID. The packages come from parity's cache (checked
 * again), else from the mirror, else from the snapshot archive at the lock's time. Err `integrity-mismatch` when content differs from the lock,
 * `package-vanished` when nobody has it any more.
 */
export async function makeDebianBase(request: MakeRequest): Promise<Result<string>> {
  const opened = await openScriptRunner({
    engine: request.engine,
    suite: request.base.suite,
    platform: request.platform,
    onOutput: request.onOutput,
    signal: request.signal,
  });
  if (!opened.ok) return opened;
  const runner = opened.value;
  try {
    return await makeIn(runner, request);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return err(cacheFailure(cacheDir(), error));
  } finally {
    await runner.close();
  }
}

async function makeIn(runner: ScriptRunner, request: MakeRequest): Promise<Result<string>> {
  const { base, platform, engine } = request;
  const architecture = debianArchitecture(platform);
  const packages = base.packages[platform];
  const sources = await runner.run({
    script: 'sources.sh',
    args: (work) => [base.suite, architecture, work],
    reads: [],
    writes: ['default.list', 'sources.list'],
    title: `Debian ${base.suite}'s package sources could not be told`,
  });
  if (!sources.ok) return sources;
  const there = await collectPackages(runner, architecture, base.snapshot, packages);
  if (!there.ok) return there;
  const made = await runner.run({
    script: 'bootstrap.sh',
    args: (work) => [base.suite, architecture, work, String(stampSeconds(base.snapshot))],
    reads: ['debs', 'default.list'],
    writes: ['base.tar'],
    title: 'the Debian base could not be made from its packages',
  });
  if (!made.ok) return made;
  const changes = [
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'CMD ["bash"]',
    ...Object.entries(request.labels).map(([key, value]) => `LABEL ${key}=${JSON.stringify(value)}`),
  ];
  const tar = join(runner.dir, 'base.tar');
  const importing = engine.importImage(createReadStream(tar), request.reference, {
    changes,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  const [imported, hash, { size }] = await Promise.all([importing, sha256OfFile(tar), stat(tar)]);
  if (!imported.ok) return imported;
  const image = await engine.inspectImage(imported.value);
  // The tar is the image's one layer, unless the engine packs it anew.
  if (image.ok && image.value?.layers.length === 1 && image.value.layers[0] === `sha256:${hash}`)
    await cacheBaseLayers(image.value, [{ digest: `sha256:${hash}`, sizeBytes: size }]);
  return imported;
}

/** Puts every package into the runner's `debs`, each checked by hash. */
async function collectPackages(
  runner: ScriptRunner,
  architecture: string,
  snapshot: string,
  packages: readonly LockedDebianPackage[],
): Promise<Result<void>> {
  const debs = join(runner.dir, 'debs');
  const kept = cacheFolder('debian/debs');
  await mkdir(debs, { recursive: true });
  await mkdir(kept, { recursive: true });
  const wanted: LockedDebianPackage[] = [];
  for (const each of packages) {
    const file = `${each.sha256}.deb`;
    const hash = await sha256OfFile(join(kept, file));
    if (hash === each.sha256) await link(join(kept, file), join(debs, file));
    else {
      // Half a file, or one that something else wrote: not to be trusted, and not to be kept.
      if (hash !== undefined) await rm(join(kept, file), { force: true });
      wanted.push(each);
    }
  }
  if (wanted.length === 0) return ok(undefined);
  const mirror = await fetchFrom(runner, architecture, 'sources.list', wanted);
  if (!mirror.ok) return mirror;
  let missing = mirror.value;
  const archive = process.env['PARITY_DEBIAN_SNAPSHOT'];
  if (missing.length > 0 && archive) {
    const text = await readFile(join(runner.dir, 'sources.list'), 'utf8');
    await writeFile(join(runner.dir, 'snapshot.list'), snapshotSources(text, archive, snapshot));
    const left = wanted.filter(({ name, version }) => missing.some((m) => m.name === name && m.version === version));
    const older = await fetchFrom(runner, architecture, 'snapshot.list', left);
    if (!older.ok) return older;
    missing = older.value;
  }
  const differing = missing.find((each) => each.found !== undefined);
  if (differing !== undefined) return err(hashFailure(differing));
  const first = missing[0];
  if (first !== undefined) return err(missingPackagesFailure(first, missing.length, snapshot, archive));
  for (const each of wanted) {
    const file = join(debs, `${each.sha256}.deb`);
    const found = await sha256OfFile(file);
    if (found !== each.sha256) return err(hashFailure({ ...each, found: found ?? 'nothing' }));
    // A second name for the checked file, then a rename: nobody ever sees half of it in the cache.
    const aside = join(kept, `${each.sha256}.${process.pid}.tmp`);
    await rm(aside, { force: true });
    await link(file, aside);
    await rename(aside, join(kept, `${each.sha256}.deb`));
    await rm(aside, { force: true });
  }
  return ok(undefined);
}

interface Missing extends LockedDebianPackage {
  /** The SHA-256 of what the mirror has under the same name and version. */
  readonly found?: string;
}

async function fetchFrom(
  runner: ScriptRunner,
  architecture: string,
  sources: string,
  wanted: readonly LockedDebianPackage[],
): Promise<Result<readonly Missing[]>> {
  const lines = wanted.map(({ name, version, sha256 }) => `${name} ${version} ${sha256}\n`).join('');
  await writeFile(join(runner.dir, 'wanted'), lines);
  const fetched = await runner.run({
    script: 'fetch.sh',
    args: (work) => [architecture, work, `${work}/${sources}`],
    reads: ['wanted', sources],
    writes: ['missing', 'debs'],
    title: "the lock's Debian packages could not be fetched",
  });
  if (!fetched.ok) return fetched;
  const text = await readFile(join(runner.dir, 'missing'), 'utf8');
  return ok(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [name = '', version = '', sha256 = '', found = ''] = line.split(' ');
        return { name, version, sha256, ...(found === '' ? {} : { found }) };
      }),
  );
}

/**
 * The sources as the snapshot archive has them at a time. What comes from there is checked against the lock's hashes, which say more
 * than the archive's signatures (their keys may have expired since).
 */
export function snapshotSources(sources: string, archive: string, stamp: string): string {
  return sources
    .split('\n')
    .filter((line) => line.startsWith('deb '))
    .map((line) => {
      const [, rest = ''] = /^deb (?:\[[^\]]*\] )?\S+ (.*)$/.exec(line) ?? [];
      const kind = /-security(?:$|\s|\/)/.test(rest.split(' ')[0] ?? '') ? 'debian-security' : 'debian';
      return `deb [check-valid-until=no trusted=yes] ${archive.replace(/\/+$/, '')}/${kind}/${stamp} ${rest}\n`;
    })
    .join('');
}

function hashFailure(each: Missing): Failure {
  return failure(
    'integrity-mismatch',
    `${each.name} ${each.version} is not what the lock says: expected sha256 ${each.sha256}, found sha256 ${each.found}`,
    { next: 'find out why the mirror changed it; if that is right, run: parity lock --upgrade' },
  );
}

function missingPackagesFailure(first: Missing, count: number, snapshot: string, archive: string | undefined): Failure {
  const others = count === 1 ? '' : ` and ${count - 1} more`;
  return failure(
    'package-vanished',
    `the Debian mirror no longer has ${first.name} ${first.version}${others}${archive ? `, nor has the snapshot archive at ${snapshot}` : ''}`,
    {
      next: archive
        ? 'relock: parity lock --upgrade'
        : `set PARITY_DEBIAN_SNAPSHOT to a snapshot archive's address (parity asks it for ${snapshot}), or relock: parity lock --upgrade`,
    },
  );
}

async function sha256OfFile(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return hash.digest('hex');
}
