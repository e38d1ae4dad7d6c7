import { posix } from 'node:path';
import type { Rule } from '../audit.ts';
import { groupBy } from '../group-by.ts';

/** PD019. */
export const lockNamesOtherRegistry: Rule = {
  id: 'PD019',
  name: 'lock-names-other-registry',
  severity: 'warning',
  sentence: 'A package-lock.json takes packages from another host than the registry in use, which CI may not reach.',
  check: ({ ui }) =>
    [...groupBy(ui.foreignSources, ({ path, host }) => `${path}\0${host}`).values()].flatMap((sources) => {
      const [first, ...others] = sources;
      if (first === undefined) return [];
      const { path, span, raw, name, host, isOwnMachine } = first;
      const more = others.length === 0 ? '' : ` and ${others.length} more`;
      return [
        {
          confidence: 'high',
          topic: 'file',
          message: `${posix.basename(path)} takes ${name}${more} from ${host}, ${isOwnMachine ? 'an address of one machine only' : 'which is not the registry in use'}`,
          declared: raw,
          location: { path, span, raw, note: `resolved of ${name}` },
          related: others.slice(0, 2).map((each) => ({
            path,
            span: each.span,
            raw: each.raw,
            note: `resolved of ${each.name}`,
          })),
          hint: `put the registry that CI uses in its place (npm config get registry)${isOwnMachine ? '' : `, or name ${host} in .npmrc if CI has it, too`}`,
        },
      ];
    }),
};
