import { describe, expect, it } from 'vitest';
import { briefFindings, lockOf } from '../../../test/support/audit.ts';
import { endOfLife } from './end-of-life.ts';
import { floats } from './floats.ts';
import { unpinnedInCi } from './unpinned-in-ci.ts';

const lock = lockOf({ black: '25.9.0', mypy: '1.18.2', node: '24.9.0' });
const job = (step: string): string =>
  `on: push\njobs:\n  lint:\n    runs-on: ubuntu-latest\n    steps:\n      - ${step}\n`;

describe('PD004, a range that moves on while others pin', () => {
  it('names the pin that the range could part from', () => {
    const files = { 'requirements-dev.txt': 'black>=25\nmypy\n', 'requirements.txt': 'black==25.9.0\n' };
    expect(briefFindings(floats, { files, lock })).toEqual([
      [
        'requirements-dev.txt:1:6',
        'a requirement takes >=25, requirements.txt:1 pins ==25.9.0',
        'pin 25.9.0 here, too',
        'requirements.txt:1:6',
      ],
    ]);
  });

  it('is content where another file says which version the range comes down to', () => {
    const files = {
      'requirements.in': 'black\n',
      'requirements.txt': 'black==25.9.0\n',
      'dev-requirements.txt': 'mypy>=1\n',
      'constraints.txt': 'mypy==1.18.2\n',
      '.pre-commit-config.yaml':
        'repos:\n  - repo: https://github.com/pre-commit/mirrors-mypy\n    rev: v1.18.2\n    hooks: [{ id: mypy }]\n',
    };
    expect(briefFindings(floats, { files, lock })).toEqual([]);
  });
});

describe('PD005, a tool that CI installs at any version', () => {
  it('finds pip, pipx and the action alike, and leaves other files and other packages alone', () => {
    const files = {
      '.github/workflows/ci.yml': job('run: |\n          pip install black wheel\n          pipx run mypy src\n'),
      'requirements.txt': 'black\n',
    };
    expect(briefFindings(unpinnedInCi, { files, lock })).toEqual([
      [
        '.github/workflows/ci.yml:7:23',
        'pip install takes whatever black is newest that day',
        'write black==25.9.0, or run it by parity up',
      ],
      [
        '.github/workflows/ci.yml:8:20',
        'pipx run takes whatever mypy is newest that day',
        'write mypy==1.18.2, or run it by parity up',
      ],
    ]);
  });

  it('is content with constraints', () => {
    const files = {
      '.github/workflows/ci.yml': job('run: pip install -c constraints.txt black'),
      'constraints.txt': 'black==25.9.0\n',
    };
    expect(briefFindings(unpinnedInCi, { files, lock })).toEqual([]);
  });
});

describe('PD006, what gets no fixes any more', () => {
  const files = {
    '.github/workflows/ci.yml': `on: push
jobs:
  tests:
    runs-on: ubuntu-latest
    strategy: { matrix: { python: ["3.9", "3.13"] } }
    steps:
      - uses: actions/setup-python@v5
        with: { python-version: "\${{ matrix.python }}" }
`,
    '.nvmrc': '20\n',
    '.python-version': '3.11.4\n',
  };
  it('names the day, by the calendar of the audit', () => {
    expect(briefFindings(endOfLife, { files, today: '2026-11-24' })).toEqual([
      [
        '.nvmrc:1:1',
        'Node 20 (.nvmrc) has had no security fixes since 2026-04-30',
        'move to a supported version, or drop it',
      ],
      [
        '.github/workflows/ci.yml:5:37',
        'Python 3.9 (python-version of actions/setup-python) has had no security fixes since 2025-10-31',
        'move to a supported version, or drop it',
      ],
    ]);
    expect(briefFindings(endOfLife, { files, today: '2025-10-30' })).toEqual([]);
  });
});
