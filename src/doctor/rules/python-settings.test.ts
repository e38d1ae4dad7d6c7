import { describe, expect, it } from 'vitest';
import { briefFindings, lockOf } from '../../../test/support/audit.ts';
import { supportLacks } from './support-lacks.ts';
import { targetAbove } from './target-above.ts';
import { targetBelow } from './target-below.ts';

const lock = lockOf({ python: '3.11.2' });
const settings = (black: string, mypy: string, more = ''): string =>
  `${more}[tool.black]\ntarget-version = [${black}]\n[tool.mypy]\npython_version = "${mypy}"\n`;

describe('PD007, a target newer than the locked Python', () => {
  it('takes a list of targets by its oldest', () => {
    const files = {
      'pyproject.toml': settings('"py311", "py312"', '3.12'),
      'api/pyproject.toml': settings('"py312"', '3.11'),
    };
    expect(briefFindings(targetAbove, { files, lock })).toEqual([
      [
        'api/pyproject.toml:2:20',
        '[tool.black] target-version is for Python 3.12, the lock has 3.11.2',
        'set it to 3.11, or lock the newer Python (toolchain.python)',
      ],
      [
        'pyproject.toml:4:19',
        '[tool.mypy] python_version is for Python 3.12, the lock has 3.11.2',
        'set it to 3.11, or lock the newer Python (toolchain.python)',
      ],
    ]);
  });
});

describe('PD008, a target older than the locked Python', () => {
  it('is drift where nothing says that the older Python is supported', () => {
    expect(briefFindings(targetBelow, { files: { 'pyproject.toml': settings('"py39"', '3.10') }, lock })).toEqual([
      [
        'pyproject.toml:2:20',
        '[tool.black] target-version is for Python 3.9, the lock has 3.11.2',
        'set it to 3.11, or say in requires-python that 3.9 is supported',
      ],
      [
        'pyproject.toml:4:19',
        '[tool.mypy] python_version is for Python 3.10, the lock has 3.11.2',
        'set it to 3.11, or say in requires-python that 3.10 is supported',
      ],
    ]);
  });

  it('is meant where requires-python admits it', () => {
    const files = {
      'pyproject.toml': settings('"py39"', '3.10', '[project]\nname = "shop"\nrequires-python = ">=3.9"\n'),
    };
    expect(briefFindings(targetBelow, { files, lock })).toEqual([]);
  });
});

describe('PD009, a list that leaves the locked version out', () => {
  const matrix = (versions: string): string => `on: push
jobs:
  tests:
    runs-on: ubuntu-latest
    strategy: { matrix: { python: [${versions}] } }
    steps:
      - uses: actions/setup-python@v5
        with: { python-version: "\${{ matrix.python }}" }
`;
  it('finds it', () => {
    expect(
      briefFindings(supportLacks, { files: { '.github/workflows/ci.yml': matrix('"3.12", "3.13"') }, lock }),
    ).toEqual([
      [
        '.github/workflows/ci.yml:5:37',
        'python-version of actions/setup-python lists 3.12, 3.13, the lock has 3.11.2',
        'add the locked version to the list',
      ],
    ]);
  });

  it('is content when one of them is the locked one', () => {
    expect(
      briefFindings(supportLacks, { files: { '.github/workflows/ci.yml': matrix('"3.11", "3.13"') }, lock }),
    ).toEqual([]);
  });
});
