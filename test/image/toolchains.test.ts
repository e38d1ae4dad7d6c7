import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { Lock } from '../../src/lock/lock.ts';
import { engineTest } from '../support/engine-test.ts';
import { commit, git } from '../support/git-repo.ts';
import { parity, type Ended } from '../support/parity.ts';
import { addFiles } from '../support/repo.ts';

const { address, engine, folder, references, test: it } = engineTest();
const cache = mkdtempSync(join(tmpdir(), 'parity-toolchains-'));
afterAll(() => {
  rmSync(cache, { recursive: true, force: true });
});

const run = (dir: string, ...args: readonly string[]): Promise<Ended> =>
  parity(args, { cwd: dir, env: { DOCKER_HOST: address, PARITY_CACHE_DIR: cache } });

function lockOf(dir: string): Lock {
  return JSON.parse(readFileSync(join(dir, 'parity.lock.json'), 'utf8')) as Lock;
}

/** Objects of a type among the lines of `--reporter json`. */
function objects(stdout: string, type: string): readonly Readonly<Record<string, unknown>>[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter((each) => each['type'] === type);
}

const says = (python: string, attrs: string): string =>
  JSON.stringify(
    `python -c "import sys, attr; print(sys.version_info[:2], attr.__version__); assert sys.version_info[:2] == (${python.replace('.', ', ')}) and attr.__version__ == '${attrs}'"`,
  );

const config = `version: 1
toolchain: { python: "3.11", tools: [attrs==23.1.0], requirements: [] }
toolchains:
  new: { python: "3.13", tools: [attrs==25.3.0] }
  docs: { requirements: [docs.txt] }
pipeline:
  - { name: old, run: ${says('3.11', '23.1.0')} }
  - { name: new, toolchain: new, run: ${says('3.13', '25.3.0')} }
  - { name: docs, toolchain: docs, run: ${says('3.11', '24.2.0')} }
  - { name: fill, toolchain: new, volumes: [made], run: "python -V > made/python" }
  - { name: read, toolchain: new, needs: [fill], volumes: [made], run: "grep -F 'Python 3.13' made/python" }
  - { name: other, needs: [fill], volumes: [made], run: "test ! -e made/python" }
`;

it(
  'toolchains that differ have locks, images and containers of their own, over one workspace',
  { timeout: 900_000 },
  async () => {
    const dir = folder('toolchains');
    mkdirSync(dir, { recursive: true });
    git(dir, 'init', '-q', '-b', 'main');
    addFiles(dir, { 'parity.yaml': config, 'docs.txt': 'attrs==24.2.0\n' });
    commit(dir);

    const built = await run(dir, 'build', '--reporter', 'json');
    expect(built.code, built.stderr).toBe(0);
    const images = objects(built.stdout, 'build');
    expect(images.map(({ toolchain = null }) => toolchain)).toEqual([null, 'new', 'docs']);
    expect(new Set(images.map(({ imageId }) => imageId)).size).toBe(3);
    for (const { reference } of images) references.add(String(reference));

    const lock = lockOf(dir);
    const { new: newer, docs } = lock.toolchains ?? {};
    const attrs = (of: Pick<Lock, 'python'> | undefined): readonly (string | undefined)[] => [
      of?.python.version.slice(0, 4),
      of?.python.packages.find(({ name }) => name === 'attrs')?.version,
    ];
    expect([lock, newer, docs].map(attrs)).toEqual([
      ['3.11', '23.1.0'],
      ['3.13', '25.3.0'],
      ['3.11', '24.2.0'],
    ]);
    // What is the same is there once, and its layers are shared.
    expect([newer?.base === undefined, docs?.base, docs?.uv, docs?.system]).toEqual([
      false,
      undefined,
      undefined,
      undefined,
    ]);
    const layers = await Promise.all(images.map(async ({ reference }) => await layersOf(String(reference))));
    expect(layers[2]?.[0]).toBe(layers[0]?.[0]);
    expect(layers[1]?.[0]).not.toBe(layers[0]?.[0]);

    const up = await run(dir, 'up', '--frozen', '--reporter', 'json', '--report', `receipt=${cache}/receipt.json`);
    expect(
      objects(up.stdout, 'step-finished')
        .map(({ step, outcome }) => `${String(step)} ${String(outcome)}`)
        .sort(),
      up.stdout + up.stderr,
    ).toEqual(['docs', 'fill', 'new', 'old', 'other', 'read'].map((name) => `${name} passed`));
    const receipt = JSON.parse(readFileSync(join(cache, 'receipt.json'), 'utf8')) as Readonly<Record<string, unknown>>;
    const ids = images.map(({ imageId }) => imageId);
    expect(receipt).toMatchObject({
      image: { id: ids[0] },
      toolchains: { new: { id: ids[1] }, docs: { id: ids[2] } },
      steps: expect.arrayContaining([expect.objectContaining({ name: 'docs', toolchain: 'docs' })]) as unknown,
    });
    const again = await run(dir, 'up', '--frozen', '--reporter', 'json');
    expect(new Set(objects(again.stdout, 'step-finished').map(({ outcome }) => outcome))).toEqual(new Set(['cached']));

    const status = await run(dir, 'status', '--reporter', 'json');
    expect(objects(status.stdout, 'status')[0]).toMatchObject({
      image: { locked: ids[0], present: ids[0] },
      toolchains: { new: { locked: ids[1], present: ids[1] }, docs: { locked: ids[2], present: ids[2] } },
    });
    const inNew = await run(dir, 'run', '--toolchain', 'new', '--', 'python', '-V');
    expect([inNew.code, inNew.stdout.slice(0, 11)], inNew.stderr).toEqual([0, 'Python 3.13']);
    const nowhere = await run(dir, 'run', '--toolchain', 'nwe', '--', 'true');
    expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('did you mean new?')]);
    const doctor = await run(dir, 'doctor', '--reporter', 'json');
    expect(JSON.parse(doctor.stdout), doctor.stdout).toMatchObject({ summary: { errors: 0 } });

    // Another pin of one moves that one alone.
    writeFileSync(join(dir, 'docs.txt'), 'attrs==24.1.0\n');
    const stale = await run(dir, 'up', '--frozen', 'docs');
    expect([stale.code, stale.stderr]).toEqual([2, expect.stringContaining('docs.txt (docs) changed')]);
    const locked = await run(dir, 'lock');
    expect(locked.stdout, locked.stderr).toContain('~ attrs (docs) 24.2.0 → 24.1.0');
    const moved = lockOf(dir);
    expect({ ...moved, toolchains: { ...moved.toolchains, docs } }).toEqual({ ...lock, parity: moved.parity });

    // A toolchain that is named no more, and one that the lock has not yet.
    writeFileSync(
      join(dir, 'parity.yaml'),
      config.replaceAll('docs: {', 'site: {').replace('toolchain: docs', 'toolchain: site'),
    );
    const renamed = await run(dir, 'lock', '--check');
    expect([renamed.code, renamed.stdout]).toEqual([
      1,
      'parity.lock.json is stale:\n  toolchains.site appeared\n  toolchains.docs vanished\nRun: parity lock\n',
    ]);
  },
);

async function layersOf(reference: string): Promise<readonly string[]> {
  const found = await engine.inspectImage(reference);
  if (!found.ok || found.value === undefined) throw new Error(`no image ${reference}`);
  return found.value.layers;
}
