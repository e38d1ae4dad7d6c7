import { readMarker, type Marker } from './marker.ts';
import { normalisedName } from './package-name.ts';
import { readVersion } from './version.ts';
import { admitsVersion } from './version-specifier.ts';

/** The values that markers compare with, by their PEP 508 names; `extras` and `dependency_groups` (PEP 751) are sets. */
export interface MarkerEnvironment {
  readonly values: Readonly<Record<string, string>>;
  /** Normalised names. */
  readonly extras: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

const versions = new Set(['python_version', 'python_full_version', 'implementation_version', 'platform_release']);

/**
 * Whether a marker holds in an environment; an empty one does. Versions compare by PEP 440, other values as texts. Undefined for a marker that
 * can't be told (an unknown name). Pure.
 */
export function evaluateMarker(text: string, environment: MarkerEnvironment): boolean | undefined {
  return text.trim() === '' ? true : holds(readMarker(text), environment);
}

function holds(marker: Marker, environment: MarkerEnvironment): boolean | undefined {
  if (marker.kind === 'comparison') return compares(marker.name, marker.operator, marker.value, environment);
  if (marker.kind === 'unclear') return contains(marker.text, environment);
  const parts = marker.parts.map((part) => holds(part, environment));
  const decisive = marker.kind === 'or';
  if (parts.includes(decisive)) return decisive;
  return parts.includes(undefined) ? undefined : !decisive;
}

function compares(
  name: string,
  operator: string,
  value: string,
  { values, extras }: MarkerEnvironment,
): boolean | undefined {
  if (name === 'extra') {
    const has = extras.has(normalisedName(value));
    return operator === '==' ? has : operator === '!=' ? !has : undefined;
  }
  const actual = values[name];
  if (actual === undefined) return undefined;
  if (versions.has(name) && readVersion(actual) !== undefined) {
    const admitted = admitsVersion(`${operator}${value}`, actual);
    if (admitted !== undefined) return admitted;
  }
  switch (operator) {
    case '==':
    case '===':
      return actual === value;
    case '!=':
      return actual !== value;
    case '<':
      return actual < value;
    case '<=':
      return actual <= value;
    case '>':
      return actual > value;
    case '>=':
      return actual >= value;
    default:
      return undefined;
  }
}

const membership =
  /^(?:(?<name>[a-z_]+)|"(?<a>[^"]*)"|'(?<b>[^']*)')\s+(?<not>not\s+)?in\s+(?:(?<set>[a-z_]+)|"(?<c>[^"]*)"|'(?<d>[^']*)')$/;

/** `sys_platform in "linux darwin"`, `"arm" in platform_machine`, `"cli" in extras`. */
function contains(text: string, environment: MarkerEnvironment): boolean | undefined {
  const groups = membership.exec(text.trim())?.groups;
  if (groups === undefined) return undefined;
  const part = groups['name'] === undefined ? (groups['a'] ?? groups['b']) : environment.values[groups['name']];
  if (part === undefined) return undefined;
  const turned = groups['not'] !== undefined;
  if (groups['set'] === 'extras') return environment.extras.has(normalisedName(part)) !== turned;
  if (groups['set'] === 'dependency_groups') return environment.groups.has(normalisedName(part)) !== turned;
  const whole = groups['set'] === undefined ? (groups['c'] ?? groups['d']) : environment.values[groups['set']];
  return whole === undefined ? undefined : whole.includes(part) !== turned;
}
