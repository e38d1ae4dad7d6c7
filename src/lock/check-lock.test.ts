import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../config/config.ts';
import { lockInputs } from './inputs.ts';
import type { Lock } from './lock.ts';
import { checkLock, compareInputs, describeChangedInputs, type ChangedInput } from './check-lock.ts';

const config: Config = {
  source: { kind: 'detected', notes: [] },
  toolchain: {
    python: '3.11',
    node: '24',
    tools: ['black==25.9.0', 'pytest'],
    requirements: ['requirements.txt', 'pyproject.toml'],
    system: [],
  },
  image: { base: 'auto' },
  services: [],
  cache: {},
  doctor: { ignore: [] },
  pipeline: [],
};
const pyproject = '[project]\nname = "shop"\ndependencies = ["flask"]\n[tool.black]\nline-length = 88\n';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'parity-'));
  process.env['PARITY_CACHE_DIR'] = join(dir, '.cache');
  await write('requirements.txt', 'redis==5.0.1\n-c limits.txt\n');
  await write('limits.txt', 'redis<6\n');
  await write('pyproject.toml', pyproject);
});
afterEach(async () => {
  delete process.env['PARITY_CACHE_DIR'];
  await rm(dir, { recursive: true, force: true });
});

async function write(name: string, text: string): Promise<void> {
  await writeFile(join(dir, name), text);
}

async function movedBy(change: () => Promise<void>, after: Config = config): Promise<readonly ChangedInput[]> {
  const before = await lockInputs(dir, config);
  await change();
  const now = await lockInputs(dir, after);
  if (!before.ok || !now.ok) throw new Error('the inputs could not be read');
  return compareInputs(before.value, now.value);
}

async function nothing(): Promise<void> {
  return;
}

describe('a lock is not stale', () => {
  it.each([
    ['line ends', 'requirements.txt', 'redis==5.0.1\r\n-c limits.txt\r\n'],
    ['comments and blank lines', 'requirements.txt', '# cache\nredis==5.0.1  # pinned\n\n-c limits.txt\n'],
    ['another table of pyproject.toml', 'pyproject.toml', pyproject.replace('88', '120')],
    ['a file that no source names', 'other.txt', 'flask\n'],
  ])('after a change of %s', async (_what, file, text) => {
    expect(await movedBy(() => write(file, text))).toEqual([]);
  });

  it('after tools change their order and spaces', async () => {
    const tools = ['pytest', 'black == 25.9.0'];
    expect(await movedBy(nothing, { ...config, toolchain: { ...config.toolchain, tools } })).toEqual([]);
  });
});

describe('a lock is stale', () => {
  it.each([
    ['requirements.txt', 'redis==5.0.2\n-c limits.txt\n'],
    ['limits.txt', 'redis<7\n'],
    ['pyproject.toml', pyproject.replace('flask', 'flask>=3')],
    ['pyproject.toml', pyproject.replace('dependencies', 'requires-python = ">=3.11"\ndependencies')],
  ])('when %s asks for something else', async (file, text) => {
    expect(await movedBy(() => write(file, text))).toEqual([{ input: file, change: 'changed' }]);
  });

  it('when an include comes and another goes', async () => {
    await write('extra.txt', 'httpx\n');
    const moved = await movedBy(() => write('requirements.txt', 'redis==5.0.1\n-r extra.txt\n'));
    expect(describeChangedInputs(moved)).toBe('extra.txt appeared, limits.txt vanished, requirements.txt changed');
  });

  it('when the toolchain changes, naming its part', async () => {
    const { node: _node, ...toolchain } = config.toolchain;
    const after = { ...config, toolchain: { ...toolchain, python: '3.12' }, image: { base: 'debian' } };
    expect(describeChangedInputs(await movedBy(nothing, after))).toBe(
      'image.base changed, toolchain.node vanished, toolchain.python changed',
    );
  });
});

describe('a lock that was found current', () => {
  const found = async (): Promise<string> => {
    const inputs = await lockInputs(dir, config);
    if (!inputs.ok) throw new Error(inputs.error.message);
    const lock = { inputs: inputs.value } as Lock;
    expect(await checkLock(lock, dir, config)).toEqual({ ok: true, value: { current: true, moved: [] } });
    return JSON.stringify(lock);
  };
  const again = async (lock: string): Promise<string> => {
    const status = await checkLock(JSON.parse(lock) as Lock, dir, config);
    return status.ok ? describeChangedInputs(status.value.moved) : (status.error.diagnostics?.[0]?.message ?? '');
  };

  it('is found current again, whatever does not matter changes', async () => {
    const lock = await found();
    expect(await again(lock)).toBe('');
    await write('limits.txt', '# ours\nredis<6\n');
    expect(await again(lock)).toBe('');
    expect(await again(lock)).toBe('');
  });

  it('is found stale as soon as an input moves, and current when it moves back', async () => {
    const lock = await found();
    await write('limits.txt', 'redis<7\n');
    expect(await again(lock)).toBe('limits.txt changed');
    await write('limits.txt', 'redis<6\n');
    expect(await again(lock)).toBe('');
    await rm(join(dir, 'limits.txt'));
    expect(await again(lock)).toBe('there is no file limits.txt');
  });

  it('is found stale when a file comes that was looked for in vain', async () => {
    await write('requirements.txt', '-e ./lib\n');
    await mkdir(join(dir, 'lib'));
    await write('lib/setup.cfg', '[options]\ninstall_requires = flask\n');
    const lock = await found();
    await write('lib/pyproject.toml', '[project]\nname = "lib"\ndependencies = ["django"]\n');
    expect(await again(lock)).toBe('lib/pyproject.toml appeared, lib/setup.cfg vanished');
  });
});
