import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cachedConfig } from './config-cache.ts';
import { loadConfig } from './load.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parity-known-'));
  vi.stubEnv('PARITY_CACHE_DIR', join(dir, 'cache'));
  mkdirSync(join(dir, 'ui'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

const text = `version: 1
toolchain: { python: "3.11", node: "24", tools: [], requirements: [] }
pipeline:
  - { name: build, cwd: ui, run: make, env: { A: 1 }, timeout: 2m }
`;
const path = (): string => join(dir, 'parity.yaml');
const load = (): ReturnType<typeof loadConfig> => loadConfig({ dir, configPath: path() });

describe('recallConfig', () => {
  it('gives the second reading what the first one found', async () => {
    writeFileSync(path(), text);
    expect(await cachedConfig(Buffer.from(text), dir)).toBeUndefined();
    const first = await load();
    expect(first.ok).toBe(true);
    expect(await cachedConfig(Buffer.from(text), dir)).toBeDefined();
    expect(await load()).toEqual(first);
  });

  it('knows nothing of other bytes, and still sees a folder that has gone', async () => {
    writeFileSync(path(), text);
    await load();
    expect(await cachedConfig(Buffer.from(`${text}# more\n`), dir)).toBeUndefined();
    rmSync(join(dir, 'ui'), { recursive: true });
    expect(await load()).toMatchObject({
      ok: false,
      error: { diagnostics: [{ code: 'missing-folder', span: { line: 4, column: 25 } }] },
    });
  });

  it('reads a parity.yaml anew when what was kept is broken', async () => {
    writeFileSync(path(), text);
    const first = await load();
    for (const name of readdirSync(join(dir, 'cache', 'configs')))
      writeFileSync(join(dir, 'cache', 'configs', name), '{"config":');
    expect(await load()).toEqual(first);
  });
});

describe('recallDetected', () => {
  // A listing of its own: without one, the files would be walked with the cache among them.
  const detected = (files: readonly string[]): ReturnType<typeof loadConfig> =>
    loadConfig({ dir }, { listing: () => Promise.resolve(files) });
  const pythonOf = async (files: readonly string[]): Promise<string | undefined> => {
    const config = await detected(files);
    return config.ok ? config.value.toolchain.python : undefined;
  };
  const files = ['app.py', 'pyproject.toml'];
  const requirePython = (python: string): void =>
    writeFileSync(join(dir, 'pyproject.toml'), `[project]\nname = "a"\nrequires-python = "==${python}.*"\n`);

  it('gives the second look what the first one found, and whatever has changed since a look of its own', async () => {
    writeFileSync(join(dir, 'app.py'), 'x = 1\n');
    requirePython('3.11');
    const first = await detected(files);
    const kept = readdirSync(join(dir, 'cache', 'configs'));
    expect(kept).toHaveLength(1);
    expect(await detected(files)).toEqual(first);
    expect(await pythonOf(files)).toBe('3.11');
    // A change of content, and one of names alone.
    requirePython('3.12');
    expect(await pythonOf(files)).toBe('3.12');
    expect(await detected(['app.py', 'pyproject.toml', 'tests/test_app.py'])).not.toEqual(await detected(files));
    expect(readdirSync(join(dir, 'cache', 'configs'))).toHaveLength(3);
    for (const name of kept) writeFileSync(join(dir, 'cache', 'configs', name), '{"source":');
    requirePython('3.11');
    expect(await detected(files)).toEqual(first);
  });
});
