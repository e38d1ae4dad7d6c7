import { cut, rangeInSource, rangeOf, type MappedText } from '../formats/mapped-text.ts';
import { normalisedName } from '../formats/package-name.ts';
import type { Declaration } from './declaration.ts';
import type { MappedRequirementContext } from './mapped-requirement.ts';
import { gitTag } from './requirement.ts';

/**
 * What an address that names its package by `#egg=` declares: the version of its git tag (`…@v1.2#egg=name`), or that it is unresolved. Undefined for
 * any other text.
 */
export function eggDeclaration(mapped: MappedText, context: MappedRequirementContext): Declaration | undefined {
  const { source, whole, role, how } = context;
  const egg = /^(?:-e\s*|--editable[\s=]+)?(\S+?:\S*?[#&]egg=([\w.-]+))/.exec(mapped.text);
  if (egg?.[1] === undefined || egg[2] === undefined) return undefined;
  const start = egg[0].length - egg[1].length;
  const base = { subject: `pypi:${normalisedName(egg[2])}`, role, scheme: 'pep440', how } as const;
  const tag = gitTag(egg[1]);
  if (tag !== undefined) {
    const range = rangeOf(cut(mapped, start + tag.at, start + tag.at + tag.version.length));
    if (range !== undefined) return { ...base, ...rangeInSource(source, ...range), value: `==${tag.version}` };
  }
  const range = rangeOf(cut(mapped, start, egg[0].length)) ?? whole;
  const origin = /^(?:git\+|git:|ssh:)/.test(egg[1]) ? 'git' : 'an address';
  return { ...base, ...rangeInSource(source, ...range), value: undefined, unresolved: `installed from ${origin}` };
}
