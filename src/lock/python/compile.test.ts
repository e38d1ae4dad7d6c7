import { expect, it } from 'vitest';
import { planCompile } from './compile.ts';

type Options = Parameters<typeof planCompile>[0];

/** The plan of a resolution that asks the default index for nothing, but for what is given. */
function planOf(given: Partial<Options>, extraIndexUrls: readonly string[] = []): ReturnType<typeof planCompile> {
  return planCompile({
    requirements: [],
    index: {
      extraIndexUrls,
      isBestOfAll: false,
      findLinks: [],
      addresses: [],
      noIndex: false,
      prereleases: false,
      noBinary: [],
      onlyBinary: [],
    },
    uvPath: 'uv',
    python: 'python3',
    pythonVersion: '3.11.2',
    previous: [],
    upgrade: false,
    ...given,
  });
}

it('asks no index for a package that is built here, whoever needs it', () => {
  const plan = planOf({
    requirements: [{ text: 'black', name: 'black', source: 'toolchain.tools', hashes: [], constraint: false }],
    builtHere: ['shop'],
  });
  // An override stands in for every requirement of that name; this one never applies.
  expect(plan.files['built-here.txt']).toBe("shop ; python_version < '0'\n");
  expect(plan.stages[0]?.[0]?.argv.join(' ')).toContain('--override built-here.txt');
});

it('gives uv a file also where nothing is asked for', () => {
  const plan = planOf({});
  expect(plan.files['lock.txt']).toBe('');
  expect(plan.stages).toHaveLength(1);
  expect(plan.stages[0]?.map(({ argv }) => argv.includes('lock.txt'))).toEqual([true, true]);
});

it('asks the index that a lock file has a package from before any other, and the default one for the rest', () => {
  const place = { file: 'uv.lock', span: { line: 1, column: 1, endLine: 1, endColumn: 2 } };
  const pin = (name: string) => ({ name, version: '1.0', hashes: [], file: 'uv.lock', place });
  const plan = planOf(
    {
      pins: [pin('ours'), pin('six'), pin('unknown')],
      indexOfPin: new Map([
        ['ours==1.0', 'https://a.example/simple'],
        ['six==1.0', ''],
      ]),
    },
    ['https://a.example/simple'],
  );
  const amd64 = (plan.stages[0] ?? []).filter(({ name }) => name.startsWith('linux/amd64')).map(({ argv }) => argv);
  expect(Object.entries(plan.files).filter(([name]) => name.startsWith('pins-'))).toEqual([
    ['pins-0.txt', 'ours==1.0\n'],
    ['pins-1.txt', 'six==1.0\n'],
    ['pins-2.txt', 'unknown==1.0\n'],
  ]);
  expect(amd64.map((argv) => argv.slice(0, 4))).toEqual([
    ['sh', '-c', 'UV_INDEX="$0 $PARITY_HOST_INDEX" exec "$@"', 'https://a.example/simple'],
    ['sh', '-c', 'UV_INDEX="$PARITY_HOST_INDEX" exec "$@"', 'sh'],
    ['uv', 'pip', 'compile', '--python'],
  ]);
  expect(amd64.map((argv) => argv.includes('unsafe-best-match'))).toEqual([false, false, true]);
  expect(plan.platformFiles['linux/amd64']).toEqual(
    ['', '-0', '-1', '-2'].map((group) => `pylock.x86_64${group}.toml`),
  );
});
