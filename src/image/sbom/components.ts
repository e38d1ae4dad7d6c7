import { PackageURL } from 'packageurl-js';
import { compareBytes } from '../../core/digest.ts';
import type { Platform } from '../../core/platform.ts';
import { isObject, readJson, shaped, type UnknownObject } from '../../core/json.ts';
import { normalisedName } from '../../formats/package-name.ts';
import type { Lock, LockedPythonPackage } from '../../lock/lock.ts';
import type { MetadataFile } from './metadata-files.ts';

/** One package that an image holds. */
export interface Component {
  readonly kind: 'deb' | 'pypi' | 'npm';
  readonly name: string;
  readonly version: string;
  /** https://github.com/package-url/purl-spec */
  readonly purl: string;
  /** What the package says of its licence, as it says it. */
  readonly license?: string;
  readonly supplier?: string;
  readonly homepage?: string;
  /** Of the archive that it was installed from, where the lock has one. */
  readonly hash?: { readonly algorithm: 'SHA-256' | 'SHA-512'; readonly hex: string };
}

/** The packages that an image's own records name, with the lock's hashes, sorted by purl. */
export function componentsOf(files: readonly MetadataFile[], lock: Lock, platform: Platform): readonly Component[] {
  const all = files.flatMap(({ path, text }): readonly Component[] => {
    if (path === 'var/lib/dpkg/status') return debianComponents(text, files, lock, platform);
    if (path.endsWith('/METADATA')) return pythonComponent(text, lock);
    if (path.endsWith('/package.json')) return npmComponent(text, lock, platform);
    return [];
  });
  const node = nodeComponent(lock, platform);
  const byPurl = new Map([...all, ...node].map((component) => [component.purl, component]));
  return [...byPurl.values()].sort((a, b) => compareBytes(a.purl, b.purl));
}

/** https://www.debian.org/doc/debian-policy/ch-controlfields.html */
function debianComponents(
  status: string,
  files: readonly MetadataFile[],
  lock: Lock,
  platform: Platform,
): readonly Component[] {
  const release = files.find(({ path }) => path.endsWith('os-release'))?.text ?? '';
  const id = /^VERSION_ID="?([^"\n]+)/m.exec(release)?.[1];
  const locked = [...(lock.base.kind === 'debian' ? lock.base.packages[platform] : []), ...lock.system[platform]];
  const hashes = new Map(locked.map(({ name, version, sha256 }) => [`${name} ${version}`, sha256]));
  return status.split(/\n\n+/).flatMap((stanza) => {
    const field = (name: string): string | undefined => new RegExp(`^${name}: *(.+)$`, 'm').exec(stanza)?.[1]?.trim();
    const [name, version, arch] = [field('Package'), field('Version'), field('Architecture')];
    if (name === undefined || version === undefined || field('Status')?.endsWith(' installed') !== true) return [];
    const qualifiers = {
      ...(arch === undefined ? {} : { arch }),
      ...(id === undefined ? {} : { distro: `debian-${id}` }),
    };
    const hex = hashes.get(`${name} ${version}`);
    return [
      {
        kind: 'deb' as const,
        name,
        version,
        purl: new PackageURL('deb', 'debian', name, version, qualifiers, undefined).toString(),
        ...optional('supplier', field('Maintainer')),
        ...optional('homepage', field('Homepage')),
        ...(hex === undefined ? {} : { hash: { algorithm: 'SHA-256' as const, hex } }),
      },
    ];
  });
}

/** https://packaging.python.org/specifications/core-metadata */
function pythonComponent(metadata: string, lock: Lock): readonly Component[] {
  const head = metadata.replace(/\r\n/g, '\n').split('\n\n', 1)[0] ?? '';
  const field = (name: string): string | undefined => new RegExp(`^${name}: *(.+)$`, 'im').exec(head)?.[1]?.trim();
  const [written, version] = [field('Name'), field('Version')];
  if (written === undefined || version === undefined) return [];
  const name = normalisedName(written);
  const classifier = /^Classifier: License :: (?:OSI Approved :: )?(.+)$/im.exec(head)?.[1]?.trim();
  const packages = [...lock.python.packages, ...(lock.python.build?.packages ?? [])];
  const locked = packages.find((each) => each.name === name && each.version === version);
  const [only, ...others] = locked?.hashes ?? [];
  return [
    {
      kind: 'pypi',
      name,
      version,
      purl: new PackageURL('pypi', undefined, name, version, qualifiersOf(locked?.source), undefined).toString(),
      ...optional('license', field('License-Expression') ?? field('License') ?? classifier),
      ...optional('supplier', field('Author') ?? field('Author-email')),
      ...optional('homepage', field('Home-page')),
      ...(only === undefined || others.length > 0 || locked?.source?.commit !== undefined
        ? {}
        : { hash: { algorithm: 'SHA-256', hex: only.slice(7) } }),
    },
  ];
}

/** Where a package is from that no index has (https://github.com/package-url/purl-spec: vcs_url, download_url). */
function qualifiersOf(source: LockedPythonPackage['source']): Record<string, string> | undefined {
  if (source === undefined) return undefined;
  return source.commit === undefined ? { download_url: source.url } : { vcs_url: `git+${source.url}@${source.commit}` };
}

function npmComponent(text: string, lock: Lock, platform: Platform): readonly Component[] {
  const said = parsed(text);
  const [whole, version] = [said['name'], said['version']];
  if (typeof whole !== 'string' || typeof version !== 'string' || version === '') return [];
  const license = said['license'];
  const { pnpm, yarn, bun } = lock.node?.managers ?? {};
  const managers = [lock.node?.npm, pnpm, yarn, bun?.platforms[platform]];
  const locked = managers.find((each) => each?.name === whole && each.version === version);
  return [
    {
      kind: 'npm',
      name: whole,
      version,
      purl: npmPurl(whole, version),
      ...(typeof license === 'string' ? { license } : {}),
      ...(locked === undefined ? {} : { hash: sha512(locked.integrity) }),
    },
  ];
}

/** Node itself keeps no record of its own: the lock's package that it came from is named. */
function nodeComponent({ node }: Lock, platform: Platform): readonly Component[] {
  if (node === undefined) return [];
  const { name: whole, version, integrity } = node.platforms[platform];
  const purl = npmPurl(whole, version);
  return [{ kind: 'npm', name: whole, version, purl, license: 'MIT', hash: sha512(integrity) }];
}

function npmPurl(name: string, version: string): string {
  const slash = name.lastIndexOf('/');
  const scope = slash < 0 ? undefined : name.slice(0, slash);
  return new PackageURL('npm', scope, name.slice(slash + 1), version, undefined, undefined).toString();
}

/** A subresource integrity as hexadecimal digits. */
function sha512(integrity: string): { readonly algorithm: 'SHA-512'; readonly hex: string } {
  return { algorithm: 'SHA-512', hex: Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex') };
}

function parsed(text: string): UnknownObject {
  return readJson(text, shaped(isObject)) ?? {};
}

function optional<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined || value === '' || value === 'UNKNOWN' ? {} : ({ [key]: value } as { [P in K]: string });
}
