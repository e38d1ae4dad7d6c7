import type { Platform } from '../../core/platform.ts';
import { machineOf } from './compile.ts';

/** What decides which wheels fit: CPython on a glibc. */
export interface WheelTarget {
  readonly platform: Platform;
  /** Exact, `3.11.2`. */
  readonly pythonVersion: string;
  /** Major and minor version, `2.36`. */
  readonly glibc: string;
}

/**
 * Whether a wheel's file name says that it fits CPython on this platform, by the compatibility tags of PEP 425, 513, 571, 599 and 600; false for
 * what is no wheel's name. Pure.
 */
export function wheelFits(fileName: string, target: WheelTarget): boolean {
  const [pythons, abis, systems] =
    /^[^-]+-[^-]+(?:-\d[^-]*)?-([^-]+)-([^-]+)-([^-]+)\.whl$/.exec(fileName)?.slice(1) ?? [];
  if (pythons === undefined || abis === undefined || systems === undefined) return false;
  return (
    systems.split('.').some((system) => system === 'any' || isOfSystem(system, target)) &&
    pythons.split('.').some((python) => abis.split('.').some((abi) => isOfPython(python, abi, target)))
  );
}

/** `cp311` with its own interface or none, an older `cp3x` with the stable one, `py3` and `py311` or older with none. */
function isOfPython(python: string, abi: string, { pythonVersion }: WheelTarget): boolean {
  const [major = '', minor = ''] = pythonVersion.split('.');
  const match = /^(cp|py)(\d)(\d*)$/.exec(python);
  if (match === null || match[2] !== major) return false;
  const [, implementation, , least] = match;
  const isOlder = Number(least) <= Number(minor);
  if (implementation === 'py') return abi === 'none' && (least === '' || isOlder);
  if (least === '') return false;
  if (abi === 'abi3') return isOlder;
  return least === minor && (abi === 'none' || abi === `cp${major}${minor}`);
}

// The names that came before manylinux_<glibc>.
const glibcNames: Readonly<Record<string, string>> = {
  manylinux1: '2.5',
  manylinux2010: '2.12',
  manylinux2014: '2.17',
};

function isOfSystem(system: string, { platform, glibc }: WheelTarget): boolean {
  const machine = machineOf(platform);
  if (!system.endsWith(`_${machine}`)) return false;
  const name = system.slice(0, -machine.length - 1);
  if (name === 'linux') return true;
  const needed = glibcNames[name] ?? /^manylinux_(\d+_\d+)$/.exec(name)?.[1]?.replace('_', '.');
  if (needed === undefined) return false;
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number);
  return neededMajor === major && neededMinor <= minor;
}
