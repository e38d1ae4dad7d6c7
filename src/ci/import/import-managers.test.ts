import { expect, it } from 'vitest';
import type { ManagerWish } from '../../config/config.ts';
import { importManagers, type ManagerFacts } from './import-managers.ts';

const place = (
  line: number,
): { file: string; span: { line: number; column: number; endLine: number; endColumn: number } } => ({
  file: 'ci.yml',
  span: { line, column: 1, endLine: line, endColumn: 2 },
});
const none = { files: [], projects: [], tools: [], system: [], refused: [], byManager: false };
const wish = (name: ManagerWish['name'], version: string, key: string): ManagerWish => ({
  name,
  version,
  file: 'package.json',
  key,
});

function told(facts: Partial<ManagerFacts>): unknown {
  const { wishes, decisions, leftOut } = importManagers({
    jobs: [],
    installs: [],
    commands: [],
    detected: [],
    ...facts,
  });
  return [
    ...wishes.map(
      ({ name, version, file, line }) => `${name} ${version} of ${file}${line === undefined ? '' : `:${line}`}`,
    ),
    ...decisions.map(({ subject, choice, why }) => `${subject} ${choice}: ${why}`),
    ...leftOut.map(({ what, why }) => `- ${what}: ${why}`),
  ];
}

const setUp = (id: string, line: number, said: string): ManagerFacts['jobs'][number] => ({
  id,
  setUp: [{ name: 'pnpm', version: { place: place(line), said, how: 'version of pnpm/action-setup' } }],
});
const setUpBun = (line: number, said: string): ManagerFacts['jobs'][number] => ({
  id: 'a',
  setUp: [{ name: 'bun', version: { place: place(line), said, how: 'bun-version of oven-sh/setup-bun' } }],
});
const install = (name: ManagerWish['name'], said: string): ManagerFacts['installs'][number] => ({
  install: { ...none, managers: [{ name, said }] },
  place: place(3),
  job: 'a',
});

it.each<[what: string, facts: Partial<ManagerFacts>, lines: readonly string[]]>([
  ['nothing', { commands: [{ words: ['npm', 'ci'], place: place(4) }] }, []],
  [
    'what the repository says, where CI says nothing',
    { detected: [wish('npm', '^10', 'engines.npm')] },
    ['npm ^10 of package.json', 'npm ^10: package.json: engines.npm'],
  ],
  [
    'the pnpm of an action, in place of the one for the lock file',
    { jobs: [setUp('a', 7, 'v9')], detected: [wish('pnpm', '10', 'lockfileVersion')] },
    ['pnpm 9 of ci.yml:7', 'pnpm 9: ci.yml:7: version of pnpm/action-setup'],
  ],
  [
    'packageManager before any pnpm that CI installs, since it binds pnpm itself',
    { jobs: [setUp('a', 7, '9')], detected: [wish('pnpm', '9.15.4', 'packageManager')] },
    ['pnpm 9.15.4 of package.json', 'pnpm 9.15.4: package.json: packageManager'],
  ],
  [
    'the npm that CI installs, whatever packageManager says',
    { installs: [install('npm', '11.6.0')], detected: [wish('npm', '10.9.3', 'packageManager')] },
    ['npm 11.6.0 of ci.yml:3', 'npm 11.6.0: ci.yml:3: npm@11.6.0'],
  ],
  [
    "the bun of an action, which packageManager doesn't bind",
    { jobs: [setUpBun(7, '1.2.3')], detected: [wish('bun', '1.1.0', 'packageManager')] },
    ['bun 1.2.3 of ci.yml:7', 'bun 1.2.3: ci.yml:7: bun-version of oven-sh/setup-bun'],
  ],
  [
    'any bun where a step calls one and nothing says which',
    { commands: [{ words: ['bunx', 'tsc'], place: place(4) }] },
    ['bun latest of ci.yml:4', 'bun latest: a step runs it, and nothing says which one'],
  ],
  [
    'one pnpm of several',
    { jobs: [setUp('a', 7, '9'), setUp('b', 9, '8')] },
    ['pnpm 9 of ci.yml:7', 'pnpm 9: ci.yml:7: version of pnpm/action-setup', '- pnpm 8: the image has one pnpm, 9'],
  ],
  [
    'no pnpm that nobody can tell',
    { jobs: [setUp('a', 7, 'next')] },
    ['- pnpm next: `next` is no version of a package manager'],
  ],
  [
    'the Yarn of CI’s machines where a step calls one',
    { commands: [{ words: ['yarn', 'lint'], place: place(4) }] },
    ['yarn 1 of ci.yml:4', 'yarn 1: a step runs it, and nothing says which one'],
  ],
])('an import has %s', (_, facts, lines) => {
  expect(told(facts)).toEqual(lines);
});
