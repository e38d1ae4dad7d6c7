import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { RunEvent } from '../../src/pipeline/events.ts';
import { engineTest } from '../support/engine-test.ts';
import { installPackage } from '../support/package.ts';
import { scratchFolder, scrubbedEnv } from '../support/parity.ts';

const { address, engine, test: it } = engineTest();

describe('the installed package in a repository that parity has never seen', () => {
  const home = scratchFolder();
  const repo = scratchFolder();
  let bin = '';

  const files = {
    'pyproject.toml': '[tool.pytest.ini_options]\npythonpath = ["src"]\n',
    'requirements.txt': 'packaging==24.1\n',
    'src/greeting/__init__.py': 'def greet(name: str) -> str:\n    return f"Hello, {name}!"\n',
    'tests/test_greeting.py':
      'from greeting import greet\n\n\ndef test_greet() -> None:\n    assert greet("Ada") == "Hello, Ada!"\n',
  };

  beforeAll(() => {
    ({ bin } = installPackage(home.dir));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(repo.dir, path)), { recursive: true });
      writeFileSync(join(repo.dir, path), text);
    }
    execFileSync('git', ['init', '--quiet'], { cwd: repo.dir });
  });
  afterAll(async () => {
    for (const container of await ours('container')) await engine.removeContainer(container);
    for (const volume of await ours('volume')) await engine.removeVolume(volume);
    const images = await engine.listImages([`dev.parity.project=${repo.dir}`]);
    if (images.ok) for (const { id } of images.value) await engine.removeImage(id, { force: true });
    repo.remove();
    home.remove();
  });

  async function ours(kind: 'container' | 'volume'): Promise<readonly string[]> {
    const label = [`dev.parity.project=${repo.dir}`];
    const listed = kind === 'container' ? await engine.listContainers(label) : await engine.listVolumes(label);
    if (!listed.ok) throw new Error(listed.error.message);
    return listed.value.map((one) => ('id' in one ? one.id : one.name));
  }

  function up(): { readonly status: number | null; readonly events: readonly RunEvent[] } {
    const { status, stdout, stderr } = spawnSync(bin, ['up', '--reporter', 'json'], {
      cwd: repo.dir,
      // A home and a cache folder of its own: nothing that this machine's parity left there helps.
      env: scrubbedEnv({ cwd: home.dir, env: { DOCKER_HOST: address, ...proxies() } }),
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    const lines = stdout.split('\n').filter((line) => line !== '');
    if (lines.length === 0) throw new Error(`parity said nothing on stdout, and on stderr: ${stderr}`);
    return { status, events: lines.map((line) => JSON.parse(line) as RunEvent) };
  }

  it('locks, builds and runs what it detects; then a failing test is exit code 1', () => {
    const first = up();
    const finished = first.events.filter((event) => event.type === 'step-finished');
    expect(finished).toMatchObject([{ step: 'tests', outcome: 'passed', exitCode: 0 }]);
    expect(first.events.at(-1)).toMatchObject({ type: 'run-finished', outcome: 'passed', counts: { passed: 1 } });
    expect(first.status).toBe(0);
    expect(readFileSync(join(repo.dir, 'parity.lock.json'), 'utf8')).toContain('"packaging"');
    expect(
      execFileSync('git', ['status', '--short', '--untracked-files=all'], { cwd: repo.dir, encoding: 'utf8' }),
    ).toBe(['parity.lock.json', ...Object.keys(files)].map((path) => `?? ${path}\n`).join(''));

    writeFileSync(join(repo.dir, 'src/greeting/__init__.py'), 'def greet(name: str) -> str:\n    return name\n');
    const second = up();
    expect(second.events.at(-1)).toMatchObject({ type: 'run-finished', outcome: 'failed', counts: { failed: 1 } });
    expect(second.status).toBe(1);
  });
});

/** What a network behind a proxy needs, wherever the tests run. */
function proxies(): Record<string, string> {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
