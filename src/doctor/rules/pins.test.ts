import { describe, expect, it } from 'vitest';
import { briefFindings, lockOf } from '../../../test/support/audit.ts';
import { pinDiffers } from './pin-differs.ts';
import { placesDisagree } from './places-disagree.ts';
import { rangeExcludes } from './range-excludes.ts';

const lock = lockOf({ python: '3.11.2', node: '24.9.0', black: '25.9.0', mypy: '1.18.2', sqlalchemy: '2.0.23' });
const hooks = (rev: string): string =>
  `repos:\n  - repo: https://github.com/psf/black\n    rev: ${rev}\n    hooks: [{ id: black }]\n`;
const workflow = (steps: string): string =>
  `on: push\njobs:\n  lint:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`;

describe('PD001, a pin names another version than the one that is locked', () => {
  it('and not what a toolchain with a name has, in CI or in parity.yaml', () => {
    const files = {
      'parity.yaml':
        'version: 1\ntoolchain: { python: "3.11" }\ntoolchains:\n  new: { python: "3.13", tools: [black==26.1.0] }\n',
      '.github/workflows/ci.yml': workflow(
        '      - uses: actions/setup-python@v5\n        with: { python-version: "3.13" }\n      - run: pip install black==26.1.0 mypy==1.10.0\n',
      ),
    };
    const toolchains = new Map([['new', lockOf({ python: '3.13.5', black: '26.1.0' })]]);
    expect(briefFindings(pinDiffers, { files, lock, toolchains }).map(([place]) => place)).toEqual([
      '.github/workflows/ci.yml:8:44',
    ]);
    expect(briefFindings(pinDiffers, { files, lock }).map(([place]) => place)).toEqual([
      '.github/workflows/ci.yml:8:31',
      'parity.yaml:4:39',
      '.github/workflows/ci.yml:8:44',
      '.github/workflows/ci.yml:7:34',
      'parity.yaml:4:19',
    ]);
  });

  it('compares what the package itself depends on, where that is pinned, and no range of it', () => {
    const files = {
      'pyproject.toml': '[project]\nname = "x"\nversion = "1"\ndependencies = ["black==1.2.3", "mypy>=1"]\n',
      'lib/pyproject.toml': '[tool.poetry.dependencies]\npython = "^3.11"\nmypy = "1.10.0"\n',
      'old/setup.cfg': '[options]\ninstall_requires =\n  black==1.2.5\n',
      'tool/pyproject.toml': '[build-system]\nrequires = ["mypy==1.9.0"]\n',
    };
    expect(briefFindings(pinDiffers, { files, lock }).map(([place, message]) => [place, message])).toEqual([
      ['old/setup.cfg:3:8', '[options] install_requires pins ==1.2.5, the lock has 25.9.0'],
      ['pyproject.toml:4:23', '[project] dependencies pins ==1.2.3, the lock has 25.9.0'],
      ['lib/pyproject.toml:3:9', '[tool.poetry.dependencies] pins 1.10.0, the lock has 1.18.2'],
    ]);
    const two = { 'pyproject.toml': files['pyproject.toml'], 'requirements.txt': 'black==1.2.4\n' };
    expect(briefFindings(pinDiffers, { files: two }).map(([place]) => place)).toHaveLength(1);
  });

  it('finds it in every kind of place, and knows how to say the locked version there', () => {
    const files = {
      '.pre-commit-config.yaml': hooks('24.1.0'),
      '.python-version': '3.12.1\n',
      '.github/workflows/ci.yml': workflow(
        '      - uses: actions/setup-python@v5\n        with: { python-version: "3.12" }\n      - run: pip install mypy==1.10.0\n',
      ),
      'core/requirements.txt': 'SQLAlchemy[asyncio]==2.0.20  # the pool\n',
    };
    expect(briefFindings(pinDiffers, { files, lock })).toEqual([
      [
        '.pre-commit-config.yaml:3:10',
        'rev of psf/black pins 24.1.0, the lock has 25.9.0',
        'parity doctor --fix   makes it 25.9.0; the other way round: change parity.yaml, then parity lock',
        '24.1.0 → 25.9.0',
      ],
      [
        '.github/workflows/ci.yml:8:30',
        'pip install pins ==1.10.0, the lock has 1.18.2',
        'parity doctor --fix   makes it 1.18.2; the other way round: change parity.yaml, then parity lock',
        '==1.10.0 → ==1.18.2',
      ],
      [
        'core/requirements.txt:1:20',
        'a requirement pins ==2.0.20, the lock has 2.0.23',
        'parity doctor --fix   makes it 2.0.23; the other way round: change parity.yaml, then parity lock',
        '==2.0.20 → ==2.0.23',
      ],
      [
        '.github/workflows/ci.yml:7:34',
        'python-version of actions/setup-python pins 3.12, the lock has 3.11.2',
        'parity doctor --fix   makes it 3.11.2; the other way round: change parity.yaml, then parity lock',
        '3.12 → 3.11',
      ],
      [
        '.python-version:1:1',
        '.python-version pins 3.12.1, the lock has 3.11.2',
        'parity doctor --fix   makes it 3.11.2; the other way round: change parity.yaml, then parity lock',
        '3.12.1 → 3.11.2',
      ],
    ]);
  });

  it('sends what parity.yaml says the other way: the lock moves', () => {
    const files = { 'parity.yaml': 'version: 1\ntoolchain:\n  python: "3.12"\n  tools: [black==25.1.0]\n' };
    expect(briefFindings(pinDiffers, { files, lock })).toEqual([
      [
        'parity.yaml:4:16',
        'toolchain.tools pins ==25.1.0, the lock has 25.9.0',
        'parity lock   moves the lock to what parity.yaml says',
      ],
      [
        'parity.yaml:3:12',
        'toolchain.python pins 3.12, the lock has 3.11.2',
        'parity lock   moves the lock to what parity.yaml says',
      ],
    ]);
  });

  it('sends what package.json says of its package manager the other way, too', () => {
    const files = { 'package.json': '{ "packageManager": "npm@10.9.3", "engines": { "npm": "^10.9" } }' };
    const hint =
      'parity lock   moves the lock to what package.json says, where toolchain.npm of parity.yaml says nothing else';
    expect(briefFindings(pinDiffers, { files, lock })).toEqual([
      ['package.json:1:26', 'packageManager pins 10.9.3, the lock has 11.6.0', hint],
    ]);
    expect(briefFindings(rangeExcludes, { files, lock })).toEqual([
      ['package.json:1:56', 'engines.npm asks for ^10.9, the lock has 11.6.0', hint],
    ]);
  });

  it('takes a beginning of the locked version for the locked version, and ranges and lines for other Pythons for no pins', () => {
    const files = {
      '.python-version': '3.11\n',
      '.nvmrc': 'v24\n',
      'requirements.txt':
        'black==22.1.0 ; python_version < "3.9"\nblack==25.9.0 ; python_version >= "3.9"\nmypy>=1,<2\n',
    };
    expect(briefFindings(pinDiffers, { files, lock })).toEqual([]);
  });

  it('holds a repository without a lock against the pin that most of its files share', () => {
    const files = {
      '.pre-commit-config.yaml': hooks('24.1.0'),
      'requirements-dev.txt': 'black==25.1.0\n',
      'docs/requirements.txt': 'black==25.1.0\n',
      'requirements.txt': 'django==5.0\n',
      'worker/requirements.txt': 'django==4.2\n',
    };
    expect(briefFindings(pinDiffers, { files })).toEqual([
      [
        '.pre-commit-config.yaml:3:10',
        'rev of psf/black pins 24.1.0, requirements-dev.txt:1 has 25.1.0',
        'say in parity.yaml which is right (parity init writes one): parity doctor --fix then rewrites the others',
        'requirements-dev.txt:1:6',
      ],
    ]);
  });
});

it('PD001 holds a repository without a lock against its parity.yaml first of all', () => {
  const files = {
    'parity.yaml': 'version: 1\ntoolchain: { tools: [black==25.9.0] }\n',
    'requirements-dev.txt': 'black==24.1.0\n',
    'docs/requirements.txt': 'black==24.1.0\n',
  };
  expect(briefFindings(pinDiffers, { files }).map(([at, message]) => [at, message])).toEqual([
    ['docs/requirements.txt:1:6', 'a requirement pins ==24.1.0, parity.yaml:2 has 25.9.0'],
    ['requirements-dev.txt:1:6', 'a requirement pins ==24.1.0, parity.yaml:2 has 25.9.0'],
  ]);
});

describe('PD002, a range that does not admit the locked version', () => {
  it('finds it among requirements, floors and libraries', () => {
    const files = {
      'requirements.txt': 'mypy<1.18\n',
      'pyproject.toml': '[project]\nname = "shop"\nrequires-python = ">=3.12"\ndependencies = ["sqlalchemy>=2.1"]\n',
      'package.json': '{ "engines": { "node": "^22" } }\n',
    };
    expect(briefFindings(rangeExcludes, { files, lock })).toEqual([
      [
        'package.json:1:25',
        'engines.node asks for ^22, the lock has 24.9.0',
        'make it admit 24.9.0; the other way round: change parity.yaml, then parity lock',
      ],
      [
        'requirements.txt:1:5',
        'a requirement asks for <1.18, the lock has 1.18.2',
        'make it admit 1.18.2; the other way round: change parity.yaml, then parity lock',
      ],
      [
        'pyproject.toml:4:28',
        '[project] dependencies asks for >=2.1, the lock has 2.0.23',
        'make it admit 2.0.23; the other way round: change parity.yaml, then parity lock',
      ],
      [
        'pyproject.toml:3:20',
        '[project] requires-python asks for >=3.12, the lock has 3.11.2',
        'make it admit 3.11.2; the other way round: change parity.yaml, then parity lock',
      ],
    ]);
  });

  it('is no drift for a range that admits it', () => {
    const files = {
      'pyproject.toml': '[project]\nname = "shop"\nrequires-python = ">=3.9"\ndependencies = ["sqlalchemy>=1.4,<3"]\n',
      'package.json': '{ "engines": { "node": ">=20" } }\n',
    };
    expect(briefFindings(rangeExcludes, { files, lock })).toEqual([]);
  });
});

describe('PD003, two places that disagree', () => {
  it('shows the place that the lock agrees with, and where the others are', () => {
    const files = {
      '.pre-commit-config.yaml': hooks('24.1.0'),
      'requirements.txt': 'black==25.9.0\n',
      'docs/requirements.txt': 'black==25.9.0\n',
    };
    expect(briefFindings(placesDisagree, { files, lock })).toEqual([
      [
        'requirements.txt:1:6',
        '==25.9.0 here, but 24.1.0 at .pre-commit-config.yaml:3',
        'parity doctor --fix   makes the others say the same',
        '.pre-commit-config.yaml:3:10',
      ],
    ]);
  });

  it('needs two places: one that differs from the lock alone is PD001', () => {
    expect(briefFindings(placesDisagree, { files: { '.pre-commit-config.yaml': hooks('24.1.0') }, lock })).toEqual([]);
  });
});
