import type { Diagnostic } from '../../core/diagnostic.ts';
import { compareBytes, type Digest } from '../../core/digest.ts';
import { failure } from '../../core/failure.ts';
import { platforms, type Platform } from '../../core/platform.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { LockedPythonPackage } from '../lock.ts';
import type { Requirement } from '../requirements/requirement.ts';
import type { PackageSource } from '../requirements/package-source.ts';
import type { LockedPin } from '../requirements/pins/locked-pins.ts';
import { machineOf } from './compile.ts';
import type { CompiledPackage, PlatformPackage } from './compiled-output.ts';

/** The resolver's answer, and what it has to be checked against. */
export interface Resolution {
  readonly compiled: readonly CompiledPackage[];
  readonly perPlatform: Readonly<Record<Platform, readonly PlatformPackage[]>>;
  readonly requirements: readonly Requirement[];
  /** What other tools' lock files hold. */
  readonly pins?: readonly LockedPin[];
  /** Packages that must be built from source (`--no-binary`), or `:all:`. */
  readonly noBinary: readonly string[];
  /** Source name by the file's name in the container. */
  readonly sources: ReadonlyMap<string, string>;
  readonly previous: readonly LockedPythonPackage[];
  /** The digest of each commit's tree, by commitKey; empty where nothing comes from a repository. */
  readonly trees?: ReadonlyMap<string, Digest>;
}

/** What names a commit of a repository. */
export function commitKey({ url, commit }: PackageSource): string {
  return `${url}@${commit ?? ''}`;
}

/**
 * Joins the resolution with what each platform would install. Err `requirements-unsupported` when a platform has nothing to
 * install for a package, `integrity-mismatch` when the index offers other files than were locked or asked for. Pure.
 */
export function lockPackages(resolution: Resolution): Result<readonly LockedPythonPackage[]> {
  const packages: LockedPythonPackage[] = [];
  for (const compiled of withPins(resolution)) {
    const onPlatforms = platforms.flatMap((platform) => {
      const found = resolution.perPlatform[platform].find(
        (one) => one.name === compiled.name && one.version === compiled.version,
      );
      return found === undefined ? [] : [{ platform, ...found }];
    });
    if (onPlatforms.length === 0) continue;
    const source = onPlatforms.find((one) => one.source !== undefined)?.source;
    const hashes =
      source === undefined ? allowedHashes(compiled, resolution) : sourceHashes(compiled, source, resolution);
    if (!hashes.ok) return hashes;
    const via = [...new Set(compiled.via.map((asker) => sourceName(asker, resolution.sources)))].sort(compareBytes);
    const only = onPlatforms.length < platforms.length ? onPlatforms[0]?.platform : undefined;
    const { name, version } = compiled;
    const marker = only === undefined ? {} : { marker: `platform_machine == '${machineOf(only)}'` };
    if (source !== undefined) {
      const builds = source.commit !== undefined || !source.url.endsWith('.whl');
      packages.push({
        name,
        version,
        ...marker,
        hashes: hashes.value,
        source,
        ...(builds ? { sdist: true } : {}),
        via,
      });
      continue;
    }
    const allowed = (hash: Digest): boolean => hashes.value.includes(hash);
    const lacking = onPlatforms.find(({ wheels, sdists }) => ![...wheels, ...sdists].some(allowed));
    if (lacking !== undefined) return err(nothingToInstall(compiled, lacking.platform, resolution.requirements));
    const compiles = onPlatforms.some(({ wheels }) => !wheels.some(allowed));
    packages.push({
      name,
      version,
      ...marker,
      hashes: [...hashes.value].sort(compareBytes),
      ...(compiles ? { sdist: true } : {}),
      via,
    });
  }
  return ok(packages.sort((a, b) => compareBytes(a.name, b.name) || compareBytes(a.version, b.version)));
}

/** What was resolved, and what lock files hold: a package of both is one, with the lock file's hashes. */
function withPins({ compiled: all, pins = [], perPlatform }: Resolution): readonly CompiledPackage[] {
  const held = new Map<string, CompiledPackage>();
  // Of what comes from no index only the resolution knows the version.
  const addressed = platforms.flatMap((platform) => perPlatform[platform]).filter(({ source }) => source !== undefined);
  const versionOf = ({ name, version }: { readonly name: string; readonly version: string }): string =>
    addressed.find((one) => one.name === name)?.version ?? version;
  const compiled = all.map((one) => ({ ...one, version: versionOf(one) }));
  for (const pin of pins) {
    const { name, hashes, file } = pin;
    const version = pin.source === undefined ? pin.version : versionOf(pin);
    const key = `${name} ${version}`;
    const before = held.get(key);
    held.set(key, {
      name,
      version,
      hashes: [...new Set([...(before?.hashes ?? []), ...hashes])],
      via: [...(before?.via ?? []), file],
    });
  }
  const rest: CompiledPackage[] = [];
  for (const one of compiled) {
    const pin = held.get(`${one.name} ${one.version}`);
    if (pin === undefined) rest.push(one);
    else
      held.set(`${one.name} ${one.version}`, {
        ...pin,
        hashes: pin.hashes.length > 0 ? pin.hashes : one.hashes,
        via: [...pin.via, ...one.via],
      });
  }
  return [...rest, ...held.values()];
}

/** A commit's tree, or the one file that lies at an address now, if a lock file or a requirement has no other hash for it. */
function sourceHashes(
  { name, version }: CompiledPackage,
  source: PackageSource,
  { perPlatform, pins = [], requirements, trees }: Resolution,
): Result<readonly Digest[]> {
  const tree = trees?.get(commitKey(source));
  if (source.commit !== undefined) return ok(tree === undefined ? [] : [tree]);
  const own = platforms.flatMap((platform) => perPlatform[platform].filter((one) => one.name === name));
  const found = [...new Set(own.flatMap(({ wheels, sdists }) => [...wheels, ...sdists]))];
  const allowing = [...pins, ...requirements].filter((one) => one.name === name && one.hashes.length > 0);
  if (found.length > 0 && allowing.every(({ hashes }) => found.every((hash) => hashes.includes(hash))))
    return ok(found);
  const allowed = [...new Set(allowing.flatMap(({ hashes }) => hashes))];
  return err(
    failure('integrity-mismatch', `${source.url} is not the file that ${name} ${version} was locked with`, {
      detail: `allowed: ${allowed.join(' ')}\nfound: ${found.join(' ')}`,
      diagnostics: allowing.flatMap(({ place }) =>
        place === undefined
          ? []
          : [{ severity: 'error' as const, code: 'requirement-hash', message: 'it allows another hash', ...place }],
      ),
      next: `find out why the file changed; to take the new one, write its hash where ${name} is asked for`,
    }),
  );
}

/** The index's hashes, narrowed to those that the requirements allow, or to those already locked for this version. */
function allowedHashes(compiled: CompiledPackage, resolution: Resolution): Result<readonly Digest[]> {
  let hashes = compiled.hashes;
  if (resolution.noBinary.includes(':all:') || resolution.noBinary.includes(compiled.name)) {
    // An installer takes what a hash allows: without the wheels' hashes there is only the source left to take.
    const sources = new Set(platforms.flatMap((platform) => sdistHashes(resolution.perPlatform[platform], compiled)));
    hashes = hashes.filter((hash) => sources.has(hash));
  }
  const what = `${compiled.name} ${compiled.version}`;
  const asked = resolution.requirements.filter((one) => one.name === compiled.name && one.hashes.length > 0);
  if (asked.length > 0) {
    hashes = hashes.filter((hash) => asked.every((one) => one.hashes.includes(hash)));
    if (hashes.length === 0)
      return err(
        failure('integrity-mismatch', `no file that the index has for ${what} has a hash that the requirements allow`, {
          diagnostics: asked.flatMap((one) => diagnosticOf(one, 'requirement-hash', `${one.text} allows other hashes`)),
          next: `check where ${what} comes from, then write the hashes anew: pip hash, or pip-compile --generate-hashes`,
        }),
      );
  }
  // A lock file's own tool has decided which files may come.
  if ((resolution.pins ?? []).some((one) => one.name === compiled.name && one.version === compiled.version))
    return ok(hashes);
  const locked = resolution.previous.find((one) => one.name === compiled.name && one.version === compiled.version);
  if (locked === undefined || hashes.length === 0) return ok(hashes);
  const still = locked.hashes.filter((hash) => compiled.hashes.includes(hash));
  if (still.length === 0)
    return err(
      failure('integrity-mismatch', `the index now has other files for ${what} than the lock's`, {
        detail: `locked: ${locked.hashes.join(' ')}\nindex: ${compiled.hashes.join(' ')}`,
        next: `find out why; to take the new files: parity lock --upgrade ${compiled.name}`,
      }),
    );
  // A version's wheels may grow in number; what was locked and reviewed stays as it is.
  const kept = still.filter((hash) => hashes.includes(hash));
  return ok(kept.length > 0 ? kept : hashes);
}

function sdistHashes(packages: readonly PlatformPackage[], { name, version }: CompiledPackage): readonly Digest[] {
  return packages.filter((one) => one.name === name && one.version === version).flatMap((one) => one.sdists);
}

function nothingToInstall(
  compiled: CompiledPackage,
  platform: Platform,
  requirements: readonly Requirement[],
): ReturnType<typeof failure> {
  const what = `${compiled.name} ${compiled.version}`;
  const askers = requirements.filter((one) => one.name === compiled.name);
  return failure('requirements-unsupported', `${what} has nothing to install on ${platform}: no wheel and no source`, {
    diagnostics: askers.flatMap((one) => diagnosticOf(one, 'requirement-platform', `${one.text} lacks ${platform}`)),
    next:
      askers.some((one) => one.hashes.length > 0) === true
        ? `allow the hashes of the ${platform} files too, or choose another version of ${compiled.name}`
        : `choose a version of ${compiled.name} that has files for ${platforms.join(' and ')}`,
  });
}

function sourceName(asker: string, sources: ReadonlyMap<string, string>): string {
  const file = /^-[rc] (.*)$/.exec(asker)?.[1];
  return file === undefined ? asker : (sources.get(file) ?? file);
}

/** A diagnostic at a requirement's place; none when it has no place. */
export function diagnosticOf(requirement: Requirement, code: string, message: string): Diagnostic[] {
  return requirement.place === undefined ? [] : [{ severity: 'error', code, message, ...requirement.place }];
}
