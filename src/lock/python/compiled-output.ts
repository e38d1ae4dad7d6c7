import { isDigest, type Digest } from '../../core/digest.ts';
import type { PackageSource } from '../requirements/package-source.ts';
import { readToml, TomlDocument } from '../../formats/toml.ts';

/** One package of `uv pip compile`'s output. */
export interface CompiledPackage {
  readonly name: string;
  /** Empty for one that comes from no index: PlatformPackage has it. */
  readonly version: string;
  readonly hashes: readonly Digest[];
  /** Package names and `-r FILE`, `-c FILE`. */
  readonly via: readonly string[];
}

/** Reads the requirements file that `uv pip compile --generate-hashes --annotation-style line` writes. Pure. */
export function parseCompiled(text: string): CompiledPackage[] {
  const packages: { name: string; version: string; hashes: Digest[]; via: string[] }[] = [];
  for (const line of text.split('\n')) {
    const start = /^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)/.exec(line);
    if (start !== null) packages.push({ name: start[1] ?? '', version: start[2] ?? '', hashes: [], via: [] });
    const addressed = /^([a-z0-9][a-z0-9._-]*) @ \S+/.exec(line)?.[1];
    if (addressed !== undefined) packages.push({ name: addressed, version: '', hashes: [], via: [] });
    const current = packages.at(-1);
    const hash = /--hash=(\S+)/.exec(line)?.[1];
    if (hash !== undefined && isDigest(hash)) current?.hashes.push(hash);
    const via = /\s# via (.*)$/.exec(line)?.[1];
    if (via !== undefined) current?.via.push(...via.split(', '));
  }
  return packages;
}

/** What one platform would install of a package: the wheels that fit it, and the source. */
export interface PlatformPackage {
  readonly name: string;
  readonly version: string;
  readonly wheels: readonly Digest[];
  readonly sdists: readonly Digest[];
  /** Present when it comes from no index. */
  readonly source?: PackageSource;
}

/** Reads the pylock.toml (PEP 751) that `uv pip compile --python-platform` writes; it lists fitting wheels only. Pure; throws for what is no TOML. */
export function parsePylock(text: string): PlatformPackage[] {
  const document = readToml(text);
  if (!(document instanceof TomlDocument)) throw new Error(`uv wrote no TOML: ${document.message}`);
  return records(document.root['packages']).map((entry) => {
    const version = member(entry, 'version');
    const archive = member(entry, 'archive');
    const source = sourceOf(member(entry, 'vcs') ?? archive);
    const isWheel = source?.url.endsWith('.whl') === true;
    return {
      name: String(member(entry, 'name')),
      version: typeof version === 'string' ? version : '',
      wheels: [...records(member(entry, 'wheels')), ...(isWheel ? [archive] : [])].flatMap(hashOf),
      sdists: hashOf(member(entry, 'sdist') ?? (isWheel ? undefined : archive)),
      ...(source === undefined ? {} : { source }),
    };
  });
}

function sourceOf(entry: unknown): PackageSource | undefined {
  const [url, commit, subdirectory] = ['url', 'commit-id', 'subdirectory'].map((key) => member(entry, key));
  if (typeof url !== 'string') return undefined;
  return {
    url: url.replace(/#.*$/, ''),
    ...(typeof commit === 'string' ? { commit } : {}),
    ...(typeof subdirectory === 'string' ? { subdirectory } : {}),
  };
}

function hashOf(distribution: unknown): Digest[] {
  const hash = `sha256:${String(member(member(distribution, 'hashes'), 'sha256'))}`;
  return isDigest(hash) ? [hash] : [];
}

function records(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && key in value
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
