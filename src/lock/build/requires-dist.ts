import { normalisedName } from '../../formats/package-name.ts';

/**
 * The requirements that a package's metadata asks for (`Requires-Dist`), with those of the wanted extras (normalised): the conditions on
 * extras are taken out, all others stay. Pure.
 */
export function requirementsOfExtras(requires: readonly string[], extras: readonly string[]): readonly string[] {
  return requires.flatMap((line) => {
    const [requirement = '', marker] = split(line);
    if (marker === undefined) return [requirement];
    const kept = withoutExtra(marker, extras);
    if (kept === undefined) return [];
    return [kept === '' ? requirement : `${requirement} ; ${kept}`];
  });
}

/** The requirement and its marker: `;` in an address stands without spaces. */
function split(line: string): readonly [string, string?] {
  const at = line.includes('@') ? line.search(/\s;/) : line.indexOf(';');
  return at < 0 ? [line.trim()] : [line.slice(0, at).trim(), line.slice(line.indexOf(';', at) + 1).trim()];
}

// Backends write `extra == 'x'`, alone or as the last (or first) part of an `and`.
const condition = /extra\s*==\s*(["'])([^"']*)\1/;

/** The marker without its condition on an extra; undefined when the extra is not wanted. */
function withoutExtra(marker: string, extras: readonly string[]): string | undefined {
  const [whole, , name = ''] = condition.exec(marker) ?? [];
  if (whole === undefined) return marker;
  if (!extras.includes(normalisedName(name))) return undefined;
  return marker
    .replace(whole, '')
    .trim()
    .replace(/^and\s+|\s+and$/g, '')
    .trim();
}
