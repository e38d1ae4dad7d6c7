import { failure, type Failure } from '../core/failure.ts';
import { platforms, type Platform } from '../core/platform.ts';
import type { EmitProgress } from '../core/progress.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Engine } from '../engine/engine.ts';
import { makeDebianBase } from './debian/make-debian-base.ts';
import { keepDebian, knownDebian } from './debian/known-debian.ts';
import { resolveDebian, type SystemPackages } from './debian/resolve-debian.ts';
import { nearestPython, suiteFor } from './debian/suites.ts';
import { baseDigest, baseReference } from './base-reference.ts';
import { inPhase, type OnProgress } from './in-phase.ts';
import { pullBase, pythonImage, resolveRegistry } from './registry-base.ts';
import { resolveSystem } from './resolve-system.ts';
import type { LockedBase } from './locked-base.ts';

export { baseReference } from './base-reference.ts';

/** How long `auto` waits for a registry before it starts from Debian. */
const registryTimeoutMs = 5_000;

/** What the config asks of the base. */
export interface RequestedBase {
  /** `auto`, `registry`, `debian`, or an image reference. */
  readonly base: string;
  /** `3.11` or `3.11.9`. */
  readonly python: string;
  /** Debian packages. */
  readonly system: readonly string[];
  /** Whether a compiler is wanted, too, with the headers of the base's Python. */
  readonly compiler?: boolean;
}

/** What a lock pins of the base. */
export interface ResolvedBase {
  readonly base: LockedBase;
  readonly system: SystemPackages;
}

/** How to resolve. */
export interface ResolveBaseOptions {
  /** What the present lock pins: kept as far as it answers the request, unless `upgrade`. */
  readonly previous?: ResolvedBase | undefined;
  readonly upgrade: boolean;
  readonly onProgress: EmitProgress;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Chooses and pins the base and the system packages on it for both platforms. Without `upgrade`, a previous choice that
 * answers the request is given back as it is, without network. `notes` are sentences that a person should see.
 */
export async function resolveBase(
  engine: Engine,
  requested: RequestedBase,
  options: ResolveBaseOptions,
): Promise<Result<ResolvedBase & { readonly notes: readonly string[] }>> {
  const previous = options.upgrade ? undefined : reusableBase(options.previous, requested);
  if (previous !== undefined && fulfils(previous, systemOn(previous.base.kind, requested)))
    return ok({ ...previous, notes: [] });
  return await inPhase(
    options.onProgress,
    'lock',
    'base',
    'Resolving the base',
    async (tell) => await resolve(engine, requested, previous, options, tell),
    ({ base }) => (base.kind === 'registry' ? base.image : `Debian ${base.suite} as of ${base.snapshot}`),
  );
}

/**
 * Makes sure that the engine has a locked base: found by its digest, else pulled or made. Two at once both end right. The
 * image is then also named `baseReference(base, platform)`.
 */
export async function ensureBase(
  engine: Engine,
  base: LockedBase,
  platform: Platform,
  options: { readonly onProgress: EmitProgress; readonly signal?: AbortSignal | undefined },
): Promise<Result<{ readonly imageId: string }>> {
  const reference = baseReference(base, platform);
  const there = await engine.inspectImage(reference);
  if (!there.ok) return there;
  if (there.value !== undefined) return ok({ imageId: there.value.id });
  const title = base.kind === 'registry' ? `Pulling ${base.image}` : `Making the Debian ${base.suite} base`;
  const made = await inPhase(
    options.onProgress,
    'base',
    reference,
    title,
    async (tell) => {
      if (base.kind === 'registry') return await pullBase(engine, base, platform, tell, options.signal);
      return await makeDebianBase({
        engine,
        base,
        platform,
        reference,
        labels: {
          'dev.parity.kind': 'base',
          'dev.parity.base': baseDigest(base, platform),
          'dev.parity.suite': base.suite,
        },
        onOutput: (text) => tell({ type: 'output', text }),
        signal: options.signal,
      });
    },
    () => reference,
  );
  return made.ok ? ok({ imageId: made.value }) : made;
}

/** Whether a failure of resolveBase is that no base has the Python that is asked for. */
export function lacksPython({ message }: Failure): boolean {
  // The others are what resolve-debian says: of another patch version, and where only Debian is asked.
  return message.startsWith(noBase) || /^(?:no Debian release|Debian \S+) has Python /.test(message);
}

const noBase = 'no base for Python ';

async function resolve(
  engine: Engine,
  requested: RequestedBase,
  previous: ResolvedBase | undefined,
  options: ResolveBaseOptions,
  tell: OnProgress,
): Promise<Result<ResolvedBase & { readonly notes: readonly string[] }>> {
  const kind = requested.base === 'auto' && previous !== undefined ? previous.base.kind : requested.base;
  if (kind === 'debian') return await fromDebian(engine, requested, previous, options, tell, []);
  const reference = kind === 'auto' || kind === 'registry' ? pythonImage(requested.python) : kind;
  const found =
    previous?.base.kind === 'registry'
      ? ok(previous.base)
      : await resolveRegistry(engine, reference, kind === 'auto' ? registryTimeoutMs : undefined);
  if (!found.ok) {
    if (kind !== 'auto' || found.error.reason === 'interrupted' || engineIsGone(found.error.reason)) return found;
    const why = found.error.message;
    const suite = suiteFor(requested.python);
    if (suite === undefined)
      return err(
        failure(found.error.reason, `${noBase}${requested.python}: ${why}, and no Debian release has that Python`, {
          next: `make a registry reachable for the engine, or set image.base to an image that it has
with the nearest Python that Debian has, in parity.yaml: toolchain: { python: "${nearestPython(requested.python)}" } (parity init writes the file)`,
        }),
      );
    const made = await fromDebian(engine, requested, undefined, options, tell, []);
    if (!made.ok) return made;
    const note = `no base from a registry (${why}): it is Debian ${suite}, made from Debian's own packages`;
    return ok({
      ...made.value,
      notes: [`${note}${patchNote(made.value.base, requested.python)}`, ...made.value.notes],
    });
  }
  const notes =
    requested.base === 'auto' && previous === undefined
      ? [`the base is ${found.value.image}: a registry answered`]
      : [];
  const info = await engine.describe();
  if (!info.ok) return info;
  const platform = info.value.platform ?? platforms[0];
  const ensured = await ensureBase(engine, found.value, platform, options);
  if (!ensured.ok) return ensured;
  const system = await resolveSystem({
    engine,
    image: baseReference(found.value, platform),
    platform,
    names: systemOn('registry', requested),
    keep: previous?.system,
    onOutput: (text) => tell({ type: 'output', text }),
    signal: options.signal,
  });
  if (!system.ok) return system;
  const added = system.value.added.map((name) => `${found.value.image} has no ${name}: it is added`);
  return ok({ base: found.value, system: system.value.system, notes: [...notes, ...added] });
}

async function fromDebian(
  engine: Engine,
  requested: RequestedBase,
  previous: ResolvedBase | undefined,
  options: ResolveBaseOptions,
  tell: OnProgress,
  notes: readonly string[],
): Promise<Result<ResolvedBase & { readonly notes: readonly string[] }>> {
  const keep = previous?.base.kind === 'debian' ? { base: previous.base, system: previous.system } : undefined;
  const system = systemOn('debian', requested);
  const suite = suiteFor(requested.python);
  const isNew = keep === undefined && !options.upgrade;
  const known = suite !== undefined && isNew ? await knownDebian({ suite, system }) : undefined;
  // With its base in the engine, nothing is asked of a mirror that may have moved on.
  if (known !== undefined && hasPython(known.base, requested.python) && (await isThere(engine, known.base)))
    return ok({ ...known, notes });
  const resolved = await resolveDebian({
    engine,
    python: requested.python,
    system,
    keep,
    onOutput: (text) => tell({ type: 'output', text }),
    signal: options.signal,
  });
  if (!resolved.ok) return resolved;
  if (suite !== undefined && keep === undefined) await keepDebian({ suite, system }, resolved.value);
  return ok({ ...resolved.value, notes: [...notes, ...resolved.value.notes] });
}

async function isThere(engine: Engine, base: LockedBase): Promise<boolean> {
  const info = await engine.describe();
  const platform = info.ok ? info.value.platform : undefined;
  if (platform === undefined) return false;
  const image = await engine.inspectImage(baseReference(base, platform));
  return image.ok && image.value !== undefined;
}

/** The Debian packages that are wanted on a base. The images of a registry have their Python's headers, which are not Debian's. */
function systemOn(kind: LockedBase['kind'], { system, compiler }: RequestedBase): readonly string[] {
  if (compiler !== true) return system;
  const headers = kind === 'debian' ? ['python3-dev'] : [];
  return [...new Set([...system, 'gcc', 'g++', 'libc6-dev', 'make', ...headers])];
}

/** The previous choice when it is of the kind and Python that the request names; undefined otherwise. */
export function reusableBase(previous: ResolvedBase | undefined, requested: RequestedBase): ResolvedBase | undefined {
  if (previous === undefined) return undefined;
  const { base } = previous;
  if (base.kind === 'debian') {
    const asked = requested.base === 'auto' || requested.base === 'debian';
    return asked && base.suite === suiteFor(requested.python) && hasPython(base, requested.python)
      ? previous
      : undefined;
  }
  const asked =
    requested.base === 'auto' || requested.base === 'registry' ? pythonImage(requested.python) : requested.base;
  return asked === base.image || asked === `${base.image}@${base.digest}` ? previous : undefined;
}

function hasPython(base: Extract<LockedBase, { kind: 'debian' }>, python: string): boolean {
  return python.split('.')[2] === undefined || debianPython(base, python) === python;
}

/** The Python of a Debian base, `3.11.2`; undefined when the base has none of the wanted minor version. */
function debianPython(base: Extract<LockedBase, { kind: 'debian' }>, python: string): string | undefined {
  const [major, minor] = python.split('.');
  const locked = base.packages['linux/amd64'].find(({ name }) => name === `python${major}.${minor}`);
  return locked?.version.split('-')[0];
}

/** Debian stays with a patch version that CI's machines left behind: a test may see the difference. */
export function patchNote(base: LockedBase, python: string): string {
  const found = base.kind === 'debian' ? debianPython(base, python) : undefined;
  return found === undefined || found === python ? '' : `; its Python is ${found}, CI's is the newest ${python}`;
}

/** True when the packages on top are those that were asked for, git aside, which parity adds itself. */
function fulfils(previous: ResolvedBase, system: readonly string[]): boolean {
  const wanted = new Set(system);
  for (const platform of platforms) {
    const requested = new Set<string>();
    for (const each of previous.system[platform]) if (each.requested === true) requested.add(each.name);
    const inBase = previous.base.kind === 'debian' ? previous.base.packages[platform].map(({ name }) => name) : [];
    for (const name of wanted) if (!requested.has(name) && !inBase.includes(name)) return false;
    for (const name of requested) if (!wanted.has(name) && name !== 'git') return false;
  }
  return true;
}

function engineIsGone(reason: string): boolean {
  return ['engine-not-found', 'engine-not-running', 'engine-forbidden', 'engine-unreachable'].includes(reason);
}
