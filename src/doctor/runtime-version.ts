import { validRange } from 'semver';
import type { Declaration } from './declaration.ts';

/** Node's long-term releases by name (https://github.com/nodejs/Release/blob/main/CODENAMES.md). */
const codenames: Readonly<Record<string, string>> = {
  argon: '4',
  boron: '6',
  carbon: '8',
  dubnium: '10',
  erbium: '12',
  fermium: '14',
  gallium: '16',
  hydrogen: '18',
  iron: '20',
  jod: '22',
  krypton: '24',
};

/** What a value says, in the language of its scheme; exactly one of `value` and `unresolved`. */
export type RuntimeVersion = Pick<Declaration, 'scheme' | 'value'> & { readonly unresolved?: string };

/**
 * How CI systems, version managers and images name a Python or a Node: `3.11`, `v24.9.0`, `20.x`, `^20`, `lts/iron`, `3.14-dev`. Other
 * Pythons (`pypy3.10`) and names that move (`lts/*`, `latest`) are unresolved.
 */
export function runtimeVersion(subject: 'python' | 'node', version: string): RuntimeVersion {
  const text = version.trim().replace(/^(?:c?python|node)[-@]?(?=\d)/, '');
  const why = (unresolved: string): RuntimeVersion => ({ scheme: 'prefix', value: undefined, unresolved });
  const series = /^lts[/-](\w+)$/.exec(text)?.[1];
  const named = series === undefined ? undefined : codenames[series.toLowerCase()];
  if (subject === 'node' && named !== undefined) return { scheme: 'prefix', value: named };
  // `3.14t` is the free-threaded build, `3.15-dev` the newest of a series.
  const prefix = /^v?(\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?)(?:\.[xX*]|t|-dev|t-dev)*$/.exec(text)?.[1];
  // `3` and `3.x` name no Python: every minor version is one of its own.
  if (subject === 'python' && prefix !== undefined && !prefix.includes('.'))
    return { scheme: 'semver', value: `${prefix}.x` };
  if (prefix !== undefined) return { scheme: 'prefix', value: prefix };
  if (/[$]|\{\{|%\(/.test(text)) return why(`a variable (${version.trim()})`);
  if (subject === 'python' && /^(?:pypy|graalpy|graalvm|jython|mini|ana|conda)/i.test(text))
    return why(`another Python (${text})`);
  if (/\d/.test(text) && /^[\d\s.xX*<>=~^|,&-]+$/.test(text) && validRange(text.replaceAll(',', ' ')) !== null)
    return { scheme: 'semver', value: text.replaceAll(',', ' ') };
  return why(`a name that moves, or no version (${text})`);
}
