import { readMarker, type Marker } from '../formats/marker.ts';
import { poetrySpecifier } from '../formats/poetry-specifier.ts';
import { admitsVersion } from '../formats/version-specifier.ts';

/** What a marker's names mean where parity runs: CPython on Linux. Names that depend on the machine or the install are left out. */
const known: Readonly<Record<string, string>> = {
  sys_platform: 'linux',
  platform_system: 'Linux',
  os_name: 'posix',
  implementation_name: 'cpython',
  platform_python_implementation: 'CPython',
};

/**
 * Whether an environment marker (PEP 508) holds for a Python on Linux; undefined when it can't be told: an unknown name, an `extra`,
 * no marker at all. The Python may be partial (`3.11`).
 */
export function markerHolds(marker: string, python: string): boolean | undefined {
  // poetry's way to say it: `>=3.9`, `^3.11`.
  if (/^[<>=~^!][^"']*$/.test(marker.trim())) {
    const specifier = poetrySpecifier(marker);
    return specifier === undefined ? undefined : admitsVersion(specifier, python);
  }
  return truthOf(readMarker(marker), python);
}

function truthOf(marker: Marker, python: string): boolean | undefined {
  if (marker.kind === 'unclear') return undefined;
  if (marker.kind === 'or') return anyOf(marker.parts.map((part) => truthOf(part, python)));
  if (marker.kind === 'and') return not(anyOf(marker.parts.map((part) => not(truthOf(part, python)))));
  const { name, operator: op, value: literal } = marker;
  if (name === 'python_version') return admitsVersion(`${op}${literal}`, python.split('.').slice(0, 2).join('.'));
  if (name === 'python_full_version')
    return /^\d+\.\d+\.\d/.test(python) ? admitsVersion(`${op}${literal}`, python) : undefined;
  const value = known[name];
  if (value === undefined) return undefined;
  return op === '==' ? value === literal : op === '!=' ? value !== literal : undefined;
}

function anyOf(values: readonly (boolean | undefined)[]): boolean | undefined {
  if (values.includes(true)) return true;
  return values.includes(undefined) ? undefined : false;
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}
