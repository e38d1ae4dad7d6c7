import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recallConfig } from './known-config.ts';
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
    expect(await recallConfig(Buffer.from(text), dir)).toBeUndefined();
    const first = await load();
    expect(first.ok).toBe(true);
    expect(await recallConfig(Buffer.from(text), dir)).toBeDefined();
    expect(await load()).toEqual(first);
  });

  it('knows nothing of other bytes, and still sees a folder that has gone', async () => {
    writeFileSync(path(), text);
    await load();
    expect(await recallConfig(Buffer.from(`${text}# more\n`), dir)).toBeUndefined();
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
