import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Config } from './config.ts';
import { loadConfig } from './load.ts';
import { toolchainConfig, toolchainNames, toolchainsOf } from './toolchains.ts';

let dir = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parity-'));
  process.env['XDG_CACHE_HOME'] = join(dir, 'cache');
  writeFileSync(join(dir, 'requirements.txt'), 'pytest\n');
});

const head = 'version: 1\ntoolchain: { python: "3.10", tools: [], requirements: [requirements.txt] }\n';

async function load(text: string): ReturnType<typeof loadConfig> {
  writeFileSync(join(dir, 'parity.yaml'), text);
  return await loadConfig({ dir, configPath: join(dir, 'parity.yaml') }, { listing: () => Promise.resolve([]) });
}

async function configOf(text: string): Promise<Config> {
  const config = await load(text);
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  return config.value;
}

async function problemsOf(text: string): Promise<readonly string[]> {
  const config = await load(text);
  if (config.ok) throw new Error('no mistake was found');
  return (config.error.diagnostics ?? []).map(
    ({ code, message, hint, span }) => `${span.line}:${span.column} ${code}: ${message} (${hint ?? ''})`,
  );
}

const two = `${head}toolchains:
  lint: { python: "3.12", tools: [ruff] }
  ui: { node: "22", pnpm: "9" }
pipeline:
  - { name: ruff, toolchain: lint, run: ruff check . }
  - { name: ui, toolchain: ui, run: pnpm build }
  - { name: tests, run: pytest }
`;

test('a named toolchain holds what it names, and the Python of the default one where it names none', async () => {
  const config = await configOf(two);
  expect(config.toolchains).toEqual([
    { name: 'lint', python: '3.12', tools: ['ruff'], requirements: [], system: [] },
    {
      name: 'ui',
      python: '3.10',
      node: '22',
      managers: [{ name: 'pnpm', version: '9', file: 'parity.yaml', key: 'toolchains.ui.pnpm' }],
      tools: [],
      requirements: [],
      system: [],
    },
  ]);
  expect(config.toolchain).toEqual({ python: '3.10', tools: [], requirements: ['requirements.txt'], system: [] });
  expect(toolchainNames(config)).toEqual([undefined, 'lint', 'ui']);
  expect(toolchainsOf(config.pipeline)).toEqual(['lint', 'ui', undefined]);
  const lint = toolchainConfig(config, 'lint');
  expect(lint.toolchain).toMatchObject({ name: 'lint', python: '3.12' });
  expect(lint).not.toHaveProperty('toolchains');
  expect(toolchainConfig(config, undefined)).toEqual({ ...config, toolchains: undefined });
});

test('a config without named toolchains is its own view', async () => {
  const config = await configOf(`${head}pipeline: [{ name: tests, run: pytest }]\n`);
  expect(config).not.toHaveProperty('toolchains');
  expect(toolchainConfig(config, undefined)).toBe(config);
});

test.each<[string, string, readonly string[]]>([
  [
    'an unknown name, with the nearest',
    two.replace('toolchain: lint', 'toolchain: lnit'),
    [
      '4:3 unused-toolchain: no step uses the toolchain `lint` (say `toolchain: lint` at a step, or take it out)',
      '7:30 unknown-toolchain: no toolchain is called `lnit` (did you mean `lint`?)',
    ],
  ],
  [
    'a name where there are none',
    `${head}pipeline: [{ name: tests, toolchain: lint, run: pytest }]\n`,
    ['3:38 unknown-toolchain: no toolchain is called `lint` (there are no `toolchains`)'],
  ],
  [
    'a job with two of them',
    two.replaceAll('run:', 'job: all, run:').replace('name: tests, job: all', 'name: tests'),
    [
      '8:28 toolchains-of-job: the steps of job `all` share a machine, and this one names another toolchain (give it another `job`, or the same `toolchain`)',
    ],
  ],
  [
    'a package manager without Node',
    two.replace('node: "22", ', ''),
    ['5:9 missing-node: `ui` has pnpm, and no Node to run it (add `node: "24"` beside it)'],
  ],
  [
    'the name of the default one, and what is wrong inside',
    two.replaceAll('lint', 'default').replace('3.12', '2.7').replace('tools: [ruff]', 'toolz: [ruff]'),
    [
      '4:3 bad-toolchain-name: `default` is the one that steps have without naming it (write it as `toolchain:`, or choose another name)',
      '4:22 bad-python-version: `2.7` is no Python version that an image can have (one version, such as `python: "3.11"`)',
      '4:29 unknown-key: `toolchains.default` has no key `toolz` (did you mean `tools`?)',
    ],
  ],
])('%s is told at its place', async (_, text, expected) => {
  expect(await problemsOf(text)).toEqual(expected);
});
