import { compareBytes } from '../../core/digest.ts';
import type { LockedDebianPackage } from '../locked-base.ts';

/**
 * Reads apt's `--print-uris` lines (`'address' name_version_arch.deb size SHA256:hash`) into packages, sorted by name.
 * Throws on a line without a SHA-256: apt was told to print it.
 */
export function packagesOfUris(text: string, requested: readonly string[] = []): LockedDebianPackage[] {
  const packages: LockedDebianPackage[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const match = /^'[^']*' ([^_ ]+)_([^_ ]+)_[^_ ]+\.deb \d+ SHA256:([0-9a-f]{64})$/.exec(line.trim());
    if (match === null) throw new Error(`apt printed a line that is not an address with a SHA-256: ${line}`);
    const name = decodeURIComponent(match[1] ?? '');
    packages.push({
      name,
      version: decodeURIComponent(match[2] ?? ''),
      sha256: match[3] ?? '',
      ...(requested.includes(name) ? { requested: true as const } : {}),
    });
  }
  return packages.sort((a, b) => compareBytes(a.name, b.name));
}

/** apt preferences that hold each package at its version, also when that is a downgrade. */
export function pinPreferences(packages: readonly LockedDebianPackage[]): string {
  return packages
    .map(({ name, version }) => `Package: ${name}\nPin: version ${version}\nPin-Priority: 1001\n`)
    .join('\n');
}
