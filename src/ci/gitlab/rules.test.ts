import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { evaluateRule } from './rules.ts';

const variables: Readonly<Record<string, string | null>> = { SOURCE: 'push', BRANCH: 'a-change', EMPTY: '', TAG: null };
const holds = (text: string): boolean | string => {
  const { truth, why } = evaluateRule(text, (name) => variables[name]);
  return truth ?? `? ${why}`;
};

it.each<[string, boolean | string]>([
  ['$SOURCE == "push"', true],
  ["$SOURCE != 'push'", false],
  ['$BRANCH', true],
  ['$EMPTY', false],
  ['$TAG', false],
  ['$TAG == null && $BRANCH != null', true],
  ['$EMPTY == ""', true],
  ['$BRANCH =~ /^a-/', true],
  ['$BRANCH =~ /^A-/i', true],
  ['$BRANCH !~ /^release\\/.*$/', true],
  ['$TAG =~ /v/', false],
  ['$SOURCE == "web" || $BRANCH && ($TAG || $SOURCE == "push")', true],
  ['!$TAG', true],
  ['$OTHER', "? $OTHER is set by GitLab or in the project's settings"],
  ['$OTHER && $TAG', false],
  ['$OTHER || $BRANCH', true],
  ['$OTHER && $BRANCH', "? $OTHER is set by GitLab or in the project's settings"],
  ['${SOURCE} == "push"', true],
  ['$SOURCE ==', '? it is no expression ($SOURCE ==)'],
  ['exists()', '? it is no expression (exists())'],
  ['', '? it is no expression ()'],
  ['$BRANCH =~ /[/', '? the pattern /[/ is not understood'],
])('%s', (text, truth) => {
  expect(holds(text)).toBe(truth);
});

it('never throws, whatever the text', () => {
  const pieces = fc.constantFrom('$SOURCE', '"a"', '/a/', '==', '=~', '&&', '||', '(', ')', '!', 'null', ' ', 'x');
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 20 }).map((all) => all.join('')),
      (text) => void holds(text),
    ),
    { numRuns: 2_000 },
  );
});
