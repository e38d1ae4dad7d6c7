import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeMountPoints, removeEmptyMountPoints, volumeFolders } from './mount-points.ts';

let dir: string;

beforeEach(() => {
  dir = join(realpathSync(mkdtempSync(join(tmpdir(), 'parity-points-'))), 'it’s a "repo"');
  mkdirSync(dir);
});

afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

const step = (volumes: readonly string[], cwd = '.'): Parameters<typeof volumeFolders>[0][number] => {
  return { name: 'ui', cwd, volumes };
};

test('folders of all steps, relative to the project, each once', () => {
  const steps = [step(['node_modules', './dist/'], 'core/ui'), step(['node_modules'], 'core/ui'), step(['.venv'])];
  expect(volumeFolders(steps)).toEqual({
    ok: true,
    value: [{ path: '.venv' }, { path: 'core/ui/dist' }, { path: 'core/ui/node_modules' }],
  });
});

test.each(['..', '/abs', '.', '../x', 'a/../..', '.git', '.git/objects'])('%s is refused', (volume) => {
  expect(volumeFolders([step([volume])])).toMatchObject({
    ok: false,
    error: {
      reason: 'config-invalid',
      message: `step "ui": the volume "${volume}" is not a folder inside the project`,
    },
  });
});

test('mount points are made, and removed again only where nothing came into them', async () => {
  const folders = [{ path: 'a/b/c' }, { path: 'kept' }];
  expect(await makeMountPoints(dir, folders)).toEqual({ ok: true, value: undefined });
  expect(await makeMountPoints(dir, folders)).toEqual({ ok: true, value: undefined });
  writeFileSync(join(dir, 'kept', 'file'), '');
  await removeEmptyMountPoints(dir, folders);
  expect(existsSync(join(dir, 'a', 'b', 'c'))).toBe(false);
  expect(existsSync(join(dir, 'kept', 'file'))).toBe(true);
});

test('a file, a link, and a link out of the project are not mounted on', async () => {
  writeFileSync(join(dir, 'file'), '');
  mkdirSync(join(dir, '..', 'outside'));
  symlinkSync('../outside', join(dir, 'out'));
  mkdirSync(join(dir, 'real'));
  symlinkSync('real', join(dir, 'link'));
  for (const path of ['file', 'file/below', 'out', 'out/below', 'link'])
    expect(await makeMountPoints(dir, [{ path }]), path).toMatchObject({ ok: false });
  expect(existsSync(join(dir, '..', 'outside', 'below'))).toBe(false);
  expect(await makeMountPoints(dir, [{ path: 'link/below' }])).toEqual({ ok: true, value: undefined });
});
