import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { cacheRepository } from '../../config/check-cache.ts';
import type { CacheConfig } from '../../config/config.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { onAbort } from '../../core/interruption.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { readSigningKey, type SigningKey } from '../../core/signing.ts';
import { parityVersion } from '../../core/version.ts';
import type { Pass } from '../../pipeline/cache/pass.ts';
import {
  readSealedPass,
  sealPass,
  type ExpectedPass,
  type PassStatement,
} from '../../pipeline/cache/shared/sealed-pass.ts';
import { maxEntryBytes, type SharedStore } from '../../pipeline/cache/shared/shared-store.ts';
import type { AppContext } from '../context.ts';

/** Passes that machines share (`cache.remote`). A problem there gives one warning, and the run goes on without it. */
export interface SharedCache {
  /** The passes of these keys, all asked for at once, and given up together. */
  find(keys: readonly string[]): Promise<ReadonlyMap<string, Pass>>;
  /** True where what passes is shared; false without a key to sign with, which gives a warning. */
  readonly writes: boolean;
  /** Shares passes; those with the outcome `withdrawn` take an entry's place. */
  publish(passes: readonly SharedPass[], ran: Pick<PassStatement, 'commit'>): Promise<void>;
}

/** A pass, or the withdrawal of one. */
export interface SharedPass {
  readonly pass: Pass;
  readonly outcome: PassStatement['outcome'];
}

/** What the cache of one run is opened with. */
export interface SharedCacheOptions extends Pick<ExpectedPass, 'platform'> {
  /** The image in which a step of a key runs. */
  readonly images: ReadonlyMap<string, ExpectedPass['image']>;
  readonly cache: CacheConfig;
  /** The folder (absolute) from which a relative `cache.remote` starts. */
  readonly projectDir: string;
}

/** A place that does not answer must not be felt. */
const findMs = 1_500;
/** Sharing is worth more than finding: the run is over, and others wait for nothing. */
const publishMs = 15_000;
/** A place that was down is not asked again by this process (`--watch` runs many times) for so long; the warning was given. */
const downMs = 60_000;
const downUntil = new Map<string, number>();
const artifactType = 'application/vnd.parity.pass.v1';

/** Opens the place that the config names; nothing is asked of it yet. Undefined when it names none. */
export function openSharedCache(context: AppContext, options: SharedCacheOptions): SharedCache | undefined {
  const { cache, images, platform } = options;
  const { remote, trust = [] } = cache;
  if (remote === undefined) return undefined;
  const by = isCi(context.env) ? 'ci' : 'laptop';
  const signing = wantsToWrite(context, cache) ? signingKeyOf(context, trust) : undefined;
  // What not to write over, and what to write over: what was found under a key.
  const settled = new Set<string>();
  const worthless = new Set<string>();
  let isDown = false;
  return {
    writes: signing !== undefined,
    async find(keys) {
      const found = new Map<string, Pass>();
      isDown = performance.now() < (downUntil.get(remote) ?? 0);
      if (keys.length === 0 || isDown) return found;
      const refused: string[] = [];
      const done = await within(context, findMs, async (signal) => {
        const opened = await openStore(context, options, remote, { signal, access: 'pull', attempts: 1 });
        if (!opened.ok) return opened;
        const store = opened.value;
        const looks = await Promise.all(keys.map(async (key) => [key, await store.read(key)] as const));
        await store.close();
        for (const [key, read] of looks) {
          if (!read.ok && read.error.reason === 'network') return read;
          const image = images.get(key);
          if (image === undefined) continue;
          const reading = readingOf(read, { key, image, platform, trust, now: Date.now() });
          if (reading.kind === 'pass') found.set(key, reading.pass);
          if (reading.kind === 'withdrawn') settled.add(key);
          if (reading.kind === 'refused') refused.push(`${store.nameOf(key)} is refused: ${reading.reason}`);
          if (reading.kind === 'refused' || reading.kind === 'none') worthless.add(key);
        }
        return ok(undefined);
      });
      isDown = !done.ok;
      if (isDown) downUntil.set(remote, performance.now() + downMs);
      if (!done.ok) warn(context, remote, done.error);
      if (refused.length > 0) warnOfRefused(context, refused);
      return done.ok ? found : new Map<string, Pass>();
    },
    async publish(passes, ran) {
      const wanted = passes.filter(({ pass, outcome }) => outcome === 'withdrawn' || !settled.has(pass.key));
      if (signing === undefined || isDown || wanted.length === 0) return;
      const done = await within(context, publishMs, async (signal) => {
        const opened = await openStore(context, options, remote, { signal });
        if (!opened.ok) return opened;
        const store = opened.value;
        const written = await Promise.all(
          wanted.map(async ({ pass, outcome }) => {
            const { key, step, passedAt, durationMs, diagnostics, log } = pass;
            const image = images.get(key);
            if (image === undefined) return ok(undefined);
            const times = { startedAt: passedAt - durationMs, passedAt, durationMs };
            const which = { key, image, platform, step, outcome, by, parity: parityVersion, ...ran } as const;
            const entry = sealPass({ ...which, ...times, diagnostics }, log, signing);
            if (entry.length > maxEntryBytes) return ok(undefined);
            return await store.write(key, entry, { replace: outcome === 'withdrawn' || worthless.has(key) });
          }),
        );
        await store.close();
        return written.find(({ ok: isOk }) => !isOk) ?? ok(undefined);
      });
      if (!done.ok) warn(context, remote, done.error);
    },
  };
}

type Reading = ReturnType<typeof readSealedPass> | { readonly kind: 'absent' };

function readingOf(read: Result<Buffer | undefined>, expected: ExpectedPass): Reading {
  if (!read.ok) return { kind: 'refused', reason: read.error.message };
  return read.value === undefined ? { kind: 'absent' } : readSealedPass(read.value, expected);
}

/** The place, ready to be asked. Only a registry needs to be spoken to, and only it loads what speaks to it. */
async function openStore(
  { env }: AppContext,
  { projectDir }: SharedCacheOptions,
  remote: string,
  how: { readonly signal: AbortSignal; readonly access?: 'pull'; readonly attempts?: number },
): Promise<Result<SharedStore>> {
  const repository = cacheRepository(remote);
  if (repository === undefined) {
    const { openFolderStore } = await import('../../pipeline/cache/shared/folder-store.ts');
    return await openFolderStore(folderOf(remote, projectDir, env));
  }
  const [{ openArtifacts }, { credentialsFor }] = await Promise.all([
    import('../../image/share/artifacts.ts'),
    import('../../engine/docker/credentials.ts'),
  ]);
  const name = `${repository.registry}/${repository.repository}`;
  // The address names its registry: no engine has to be asked which one is meant.
  const { authconfig: login } = await credentialsFor(name, () => Promise.resolve(undefined), env);
  const opened = await openArtifacts({ ...repository, ...how, login }, artifactType);
  if (!opened.ok) return opened;
  const artifacts = opened.value;
  return ok({
    nameOf: (key) => `oci://${name}:${key}`,
    async read(key) {
      const text = await artifacts.get(key, maxEntryBytes);
      return text.ok ? ok(text.value === undefined ? undefined : Buffer.from(text.value)) : text;
    },
    write: (key, entry, options) => artifacts.put(key, entry, options),
    close: () => artifacts.close(),
  });
}

function folderOf(remote: string, projectDir: string, env: NodeJS.ProcessEnv): string {
  if (remote === '~' || remote.startsWith('~/')) return join(env['HOME'] ?? homedir(), remote.slice(1));
  return resolve(projectDir, remote);
}

/** What the work gives within the time. A network share that hangs ignores an abort, so the run does not wait for it. */
async function within(
  context: AppContext,
  limitMs: number,
  work: (signal: AbortSignal) => Promise<Result<void>>,
): Promise<Result<void>> {
  const limit = new AbortController();
  const signal = AbortSignal.any([context.signal, limit.signal]);
  let timer: NodeJS.Timeout | undefined;
  let stopListening = (): void => {};
  const late = new Promise<Result<void>>((done) => {
    const giveUp = (): void => done(err(failure('network', `it did not answer within ${limitMs / 1000} s`)));
    timer = setTimeout(() => {
      giveUp();
      limit.abort();
    }, limitMs);
    stopListening = onAbort(context.signal, giveUp);
  });
  try {
    return await Promise.race([late, work(signal)]);
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}

function wantsToWrite({ env, events: { emit } }: AppContext, cache: CacheConfig): boolean {
  const asked = env['PARITY_CACHE_WRITE'];
  const isKnown = asked === 'ci' || asked === 'always' || asked === 'never';
  if (asked !== undefined && asked !== '' && !isKnown) {
    const message = `PARITY_CACHE_WRITE is ${JSON.stringify(asked)}: ci, always or never is meant`;
    emit({ type: 'note', severity: 'warning', message });
  }
  const write = isKnown ? asked : (cache.write ?? 'ci');
  return write === 'always' || (write === 'ci' && isCi(env));
}

function isCi(env: NodeJS.ProcessEnv): boolean {
  return env['CI'] === 'true' || env['CI'] === '1';
}

function signingKeyOf(
  { env, events: { emit }, secrets: { add: addSecrets } }: AppContext,
  trust: readonly string[],
): SigningKey | undefined {
  const secret = env['PARITY_CACHE_KEY'] ?? '';
  if (secret !== '') addSecrets([secret]);
  const key = secret === '' ? undefined : readSigningKey(secret);
  if (key !== undefined && trust.includes(key.publicKey)) return key;
  const [how, hint] =
    key !== undefined
      ? [`is a key that nobody trusts`, `add to cache.trust in parity.yaml: ${key.publicKey}`]
      : [secret === '' ? 'is not set' : 'holds no key', 'parity cache key makes one'];
  // A fork's CI has none of the secrets, and that is well.
  const severity = secret === '' ? 'note' : 'warning';
  emit({ type: 'note', severity, message: `PARITY_CACHE_KEY ${how}: what passes here is not shared`, hint });
  return undefined;
}

function warn({ events: { emit }, signal }: AppContext, remote: string, { message, detail, next }: Failure): void {
  // Who interrupts knows why it did not answer.
  if (signal.aborted) return;
  const why = detail === undefined ? message : `${message} (${detail.split('\n', 1)[0] ?? ''})`;
  const hint = next === undefined ? {} : { hint: next };
  emit({ type: 'note', severity: 'warning', message: `no passes are shared through ${remote}: ${why}`, ...hint });
}

function warnOfRefused({ events: { emit } }: AppContext, refused: readonly string[]): void {
  const shown = refused.slice(0, 3);
  const more = refused.length > shown.length ? [`and ${refused.length - shown.length} more`] : [];
  const hint = 'somebody else may have written there; what they say has passed is run here';
  emit({ type: 'note', severity: 'warning', message: [...shown, ...more].join('\n'), hint });
}
