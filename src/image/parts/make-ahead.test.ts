import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { baseReference } from '../../base/base-reference.ts';
import { contextTar } from '../../base/context-tar.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import type { Digest } from '../../core/digest.ts';
import { createFakeEngine, type FakeEngine, type FakeProcess } from '../../engine/fake/fake-engine.ts';
import type { KnownPackages, LockedPythonPackage } from '../../lock/lock.ts';
import { readRecipe } from '../recipe.ts';
import { makePartsAhead, type PartsMadeAhead } from './make-ahead.ts';
import { expectedParts, findPart } from './part-cache.ts';
import { partsOf } from './parts.ts';

const digest: Digest = `sha256:${'1'.repeat(64)}`;
const base = { kind: 'registry', image: 'python:3.11-slim-bookworm', digest } as const;
const platform = 'linux/amd64';
const locked = (name: string): LockedPythonPackage => ({ name, version: '1.0', hashes: [digest], via: ['uv.lock'] });
const known: KnownPackages = {
  base,
  system: { 'linux/amd64': [], 'linux/arm64': [] },
  python: { version: '3.11.2', packages: [locked('black'), { ...locked('slow'), sdist: true }, locked('zope')] },
  index: { extraIndexUrls: [], findLinks: [] },
};
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parity-ahead-'));
  vi.stubEnv('PARITY_CACHE_DIR', join(dir, 'cache'));
  // Neither pip nor npm has to be asked.
  for (const name of ['UV_DEFAULT_INDEX', 'UV_INDEX', 'NPM_CONFIG_REGISTRY']) vi.stubEnv(name, 'https://a.test/');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

async function configOf(text = ''): Promise<Config> {
  const configPath = join(dir, 'parity.yaml');
  writeFileSync(configPath, `version: 1\n${text}pipeline: [{ name: one, run: "true" }]\n`);
  const config = await loadConfig({ dir, configPath });
  if (!config.ok) throw new Error(config.error.message);
  return config.value;
}

/** An engine with the base, whose containers make every part that they are asked for, or end with another exit code. */
function engineThatMakes(exitCode = 0): FakeEngine {
  const make = async (process: FakeProcess): Promise<void> => {
    const names = process.argv.slice(5);
    const files = names.map((name) => ({ path: `parity-parts/${name}/opt/parity/${name}.txt`, data: name }));
    await engine.putArchive(process.containerId, '/', contextTar([{ path: 'parity-parts', data: '' }, ...files]));
    process.exit(exitCode);
  };
  const engine = createFakeEngine({
    images: { [baseReference(base, platform)]: {} },
    start: (process) => void make(process),
  });
  return engine;
}

async function ahead(
  engine: FakeEngine,
  more: { config?: Config; signal?: AbortSignal } = {},
): Promise<PartsMadeAhead | undefined> {
  const { config = await configOf(), signal = new AbortController().signal } = more;
  return await makePartsAhead({
    engine,
    projectDir: dir,
    config,
    platform,
    known,
    onProgress: () => undefined,
    signal,
  });
}

/** The parts of the image by name. */
async function keys(): Promise<Readonly<Record<string, Digest>>> {
  const recipe = await readRecipe(dir, await configOf());
  if (!recipe.ok) throw new Error(recipe.error.message);
  const platforms = { 'linux/amd64': { image: null }, 'linux/arm64': { image: null } };
  const lock = { version: 1, parity: '', inputs: {}, uv: { version: '', hashes: [] }, platforms, ...known } as const;
  return Object.fromEntries(
    partsOf(lock, platform, recipe.value)
      .flat()
      .map(({ name, key }) => [name, key]),
  );
}

it('makes the environment and the packages that have wheels, and whoever looks for one finds that it is being made', async () => {
  const engine = engineThatMakes();
  const made = await ahead(engine);
  const of = await keys();
  const expected = Object.keys(of).filter((name) => expectedParts(of[name] ?? digest) !== undefined);
  expect(expected.toSorted()).toEqual(['python/black', 'python/zope', 'venv']);
  const files = await expectedParts(of['python/black'] ?? digest);
  expect(readFileSync(files?.get(of['python/black'] ?? digest) ?? '', 'latin1')).toContain(
    'opt/parity/python/black.txt',
  );
  await made?.ended;
  expect(engine.state.containers).toEqual([]);
  expect(expectedParts(of['venv'] ?? digest)).toBeUndefined();
  expect(await findPart(of['venv'] ?? digest)).toBeDefined();
  // The next one has them.
  expect(await ahead(engine)).toBeUndefined();
});

it('leaves to the assembly what fails', async () => {
  const engine = engineThatMakes(1);
  const made = await ahead(engine);
  const of = await keys();
  expect(await expectedParts(of['venv'] ?? digest)).toEqual(new Map());
  await made?.ended;
  expect(engine.state.containers).toEqual([]);
  expect(await findPart(of['venv'] ?? digest)).toBeUndefined();
});

it('ends with its container when there will be no lock', async () => {
  const stop = new AbortController();
  const engine = createFakeEngine({ images: { [baseReference(base, platform)]: {} }, start: () => stop.abort() });
  const made = await ahead(engine, { signal: stop.signal });
  await made?.ended;
  expect(engine.calls.map(({ method }) => method)).toContain('startContainer');
  expect(engine.state.containers).toEqual([]);
});

it('makes nothing for a project with a recipe of its own', async () => {
  writeFileSync(join(dir, 'Dockerfile.parity'), 'FROM scratch\n');
  const config = await configOf('image: { dockerfile: Dockerfile.parity }\n');
  const engine = engineThatMakes();
  expect(await ahead(engine, { config })).toBeUndefined();
  expect(engine.calls).toEqual([]);
});
