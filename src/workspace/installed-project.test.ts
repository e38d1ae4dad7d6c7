import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installableProject, installEntries } from './installed-project.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parity install-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('a package gets a .pth file, its metadata and its console scripts', async () => {
  mkdirSync(join(dir, 'src/shop'), { recursive: true });
  writeFileSync(join(dir, 'src/shop/__init__.py'), '__version__ = "2.5"\n');
  const pyproject =
    '[build-system]\nrequires = ["flit_core"]\n[project]\nname = "shop"\ndynamic = ["version"]\n[project.scripts]\nshop = "shop.cli:app.run"\n';
  writeFileSync(join(dir, 'pyproject.toml'), pyproject);
  const project = installableProject(dir, '3.11.2');
  expect(project).toEqual({ pyproject, python: '3.11' });
  const entries = await installEntries(project ?? { pyproject: '', python: '' }, dir, '/workspace/sub');
  const site = '/opt/parity/lib/python3.11/site-packages';
  expect(entries.map(({ path, mode }) => [path, mode])).toEqual([
    [`${site}/__editable__.shop.pth`, 0o644],
    [`${site}/shop-2.5.dist-info/METADATA`, 0o644],
    [`${site}/shop-2.5.dist-info/entry_points.txt`, 0o644],
    [`${site}/shop-2.5.dist-info/INSTALLER`, 0o644],
    [`${site}/shop-2.5.dist-info/top_level.txt`, 0o644],
    ['/opt/parity/bin/shop', 0o755],
  ]);
  expect(entries[0]).toMatchObject({ data: '/workspace/sub/src\n' });
  expect(entries.at(-1)).toMatchObject({
    data: "#!/opt/parity/bin/python\nimport sys\nfrom shop.cli import app\n\nif __name__ == '__main__':\n    sys.exit(app.run())\n",
  });
});

test('a folder without a package: settings only, or no pyproject.toml at all', async () => {
  expect(installableProject(dir, '3.11.2')).toBeUndefined();
  writeFileSync(join(dir, 'pyproject.toml'), '[project]\nname = "scripts"\n[tool.black]\n');
  expect(installableProject(dir, '3.11.2')).toBeUndefined();
});
