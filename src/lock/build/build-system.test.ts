import { describe, expect, it } from 'vitest';
import { readBuildSystem, type BuildFiles, type BuildSystem } from './build-system.ts';

function read(files: Partial<BuildFiles>): BuildSystem | undefined {
  return readBuildSystem({ pyproject: undefined, setupPy: undefined, setupCfg: undefined, ...files });
}

const system = (requires: string, backend: string): string =>
  `[build-system]\nrequires = [${requires}]\nbuild-backend = "${backend}"\n`;

describe('how a project is built', () => {
  it('is what [build-system] says, with what the backend asks for an editable build', () => {
    const pyproject = `${system('"hatchling>=1.20"', 'hatchling.build')}[project]\nname = "My.Shop"\n`;
    expect(read({ pyproject })).toEqual({
      name: 'my-shop',
      requires: ['hatchling>=1.20', 'editables~=0.3'],
      span: { line: 2, column: 12, endLine: 2, endColumn: 31 },
      backend: 'hatchling.build',
      backendPath: [],
      isDeclared: true,
      isFromGit: false,
      hasExtensions: false,
    });
  });

  it('is setuptools for a setup.py, a setup.cfg or metadata without a build system', () => {
    for (const files of [
      { setupPy: 'setup(\n  name="shop",\n)' },
      { setupCfg: '[metadata]\nname = shop\n' },
      { pyproject: '[project]\nname = "shop"\n' },
    ])
      expect(read(files)).toMatchObject({
        name: 'shop',
        requires: ['setuptools>=40.8.0', 'wheel'],
        backend: 'setuptools.build_meta:__legacy__',
        isDeclared: false,
      });
  });

  it.each([
    ['settings of tools only', { pyproject: '[tool.black]\nline-length = 100\n' }],
    ['uv says so', { pyproject: `${system('', 'x')}[tool.uv]\npackage = false\n` }],
    ['poetry says so', { pyproject: `${system('', 'x')}[tool.poetry]\npackage-mode = false\n` }],
    ['no TOML', { pyproject: '[build-system\n' }],
    ['tools in setup.cfg', { setupCfg: '[flake8]\nmax-line-length = 100\n' }],
  ])('is nothing: %s', (_, files) => {
    expect(read(files)).toBeUndefined();
  });

  it.each([
    ['setuptools_scm', { pyproject: system('"setuptools", "setuptools_scm[toml]>=6"', 'setuptools.build_meta') }],
    ['hatch-vcs', { pyproject: system('"hatchling", "hatch-vcs"', 'hatchling.build') }],
    ['pdm', { pyproject: `${system('"pdm-backend"', 'pdm.backend')}[tool.pdm.version]\nsource = "scm"\n` }],
    ['versioneer', { setupPy: 'import versioneer\nsetup(version=versioneer.get_version())\n' }],
    ['pbr', { setupPy: 'setup(setup_requires=["pbr"], pbr=True)\n' }],
  ])('has its version from git: %s', (_, files) => {
    expect(read(files)?.isFromGit).toBe(true);
  });

  it.each([
    ['setup.py', { setupPy: 'setup(ext_modules=[Extension("a", ["a.c"])])\n' }],
    [
      'pyproject',
      { pyproject: `${system('"setuptools"', 'setuptools.build_meta')}[[tool.setuptools.ext-modules]]\nname = "a"\n` },
    ],
    ['meson', { pyproject: system('"meson-python"', 'mesonpy') }],
  ])('needs a compiler: %s', (_, files) => {
    expect(read(files)).toMatchObject({ hasExtensions: true, isFromGit: false });
  });
});
