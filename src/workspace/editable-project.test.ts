import { describe, expect, test } from 'vitest';
import { editableProject } from './editable-project.ts';

function files(tree: Record<string, string>): (path: string) => string | undefined {
  return (path) => tree[path];
}

describe('editableProject', () => {
  test('a src layout with scripts, plugins, extras and a static version', () => {
    const pyproject = [
      '[project]',
      'name = "Shop-Core"',
      'version = "1.2"',
      'dependencies = ["attrs>=23"]',
      '[project.optional-dependencies]',
      'dev = ["tomli; python_version < \'3.11\'"]',
      '[project.scripts]',
      'shop = "shop_core.cli:main"',
      '[project.entry-points.pytest11]',
      'shop = "shop_core.plugin"',
    ].join('\n');
    expect(editableProject(pyproject, files({ 'src/shop_core/__init__.py': '' }))).toEqual({
      name: 'shop_core',
      version: '1.2',
      importRoots: ['src'],
      scripts: { shop: 'shop_core.cli:main' },
      distInfo: {
        METADATA: [
          'Metadata-Version: 2.1',
          'Name: Shop-Core',
          'Version: 1.2',
          'Requires-Dist: attrs>=23',
          'Provides-Extra: dev',
          "Requires-Dist: tomli; (python_version < '3.11') and extra == 'dev'",
          '',
        ].join('\n'),
        'entry_points.txt': '[console_scripts]\nshop = shop_core.cli:main\n\n[pytest11]\nshop = shop_core.plugin\n',
        INSTALLER: 'parity\n',
        'top_level.txt': 'shop_core\n',
      },
    });
  });

  test.each([
    [
      'hatch names the file',
      '[tool.hatch.version]\npath = "app/about.py"',
      { 'app/__init__.py': '', 'app/about.py': "__version__ = '3.1'" },
      '3.1',
    ],
    [
      'setuptools names an attribute',
      '[tool.setuptools.dynamic]\nversion = {attr = "app.meta.V"}',
      { 'app/__init__.py': '', 'app/meta.py': 'VERSION: str = "4.0"' },
      '4.0',
    ],
    [
      'setuptools names a file',
      '[tool.setuptools.dynamic]\nversion = {file = ["VERSION"]}',
      { 'app/__init__.py': '', VERSION: '5.1\n' },
      '5.1',
    ],
    ['flit reads the package', '', { 'app/__init__.py': '__version__ = "6"' }, '6'],
    ['only the build backend knows', '', { 'app/__init__.py': '' }, '0.0.0+parity'],
  ])('a dynamic version: %s', (_, more, tree, version) => {
    const pyproject = `[project]\nname = "app"\ndynamic = ["version"]\n${more}\n`;
    expect(editableProject(pyproject, files(tree))).toMatchObject({ version, importRoots: ['.'] });
  });

  test('a folder that setuptools is told to search', () => {
    const pyproject = '[project]\nname = "x"\nversion = "1"\n[tool.setuptools.packages.find]\nwhere = ["lib"]\n';
    expect(editableProject(pyproject, files({}))?.importRoots).toEqual(['lib']);
  });

  test('a poetry project', () => {
    const pyproject = '[tool.poetry]\nname = "old"\nversion = "0.3"\n[tool.poetry.scripts]\nold = "old:run"\n';
    expect(editableProject(pyproject, files({ 'old/__init__.py': '' }))).toMatchObject({
      name: 'old',
      version: '0.3',
      importRoots: ['.'],
      scripts: { old: 'old:run' },
    });
  });

  test('no project, or no TOML, is none', () => {
    expect(editableProject('[tool.black]\nline-length = 100\n', files({}))).toBeUndefined();
    expect(editableProject('[project\n', files({}))).toBeUndefined();
  });
});
