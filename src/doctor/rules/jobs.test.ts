import { describe, expect, it } from 'vitest';
import { briefFindings, lockOf } from '../../../test/support/audit.ts';
import { floatsInCi } from './floats-in-ci.ts';
import { jobsContradict } from './jobs-contradict.ts';

const ci = '.github/workflows/ci.yml';
const job = (name: string, ...runs: readonly string[]): string =>
  `  ${name}:\n    runs-on: ubuntu-latest\n    steps:\n${runs.map((run) => `      - ${run}\n`).join('')}`;
const workflow = (...jobs: readonly string[]): string => `on: push\njobs:\n${jobs.join('')}`;

describe('PD017, what floats in what CI installs', () => {
  const install = workflow(job('tests', 'run: pip install -r requirements-dev.txt', 'run: pytest'));

  it('names the tools and plug-ins with a range that has no end, once a file', () => {
    const files = {
      'requirements-dev.txt':
        '-r requirements-more.txt\npytest==8.4.2\npytest-asyncio>=0.23\nhypothesis\nflask>=3\nmypy>=1,<2\nblack~=25.1\n',
      'requirements-more.txt': 'types-PyYAML>=6\n',
      'requirements-docs.txt': 'pytest-sphinx>=1\n',
      [ci]: install,
    };
    expect(briefFindings(floatsInCi, { files })).toEqual([
      [
        'requirements-dev.txt:3:15',
        'pytest-asyncio>=0.23 floats, and CI (tests) installs whatever is newest that day; so do hypothesis',
        'pin it (pytest-asyncio==VERSION), compile the file (uv pip compile), or let CI run parity up',
        'requirements-dev.txt:4:1',
      ],
      [
        'requirements-more.txt:1:13',
        'types-pyyaml>=6 floats, and CI (tests) installs whatever is newest that day',
        'pin it (types-pyyaml==VERSION), compile the file (uv pip compile), or let CI run parity up',
      ],
    ]);
  });

  it('in extras and groups of pyproject.toml that CI installs, unless a lock file says which', () => {
    const files = {
      'pyproject.toml':
        '[project.optional-dependencies]\ntest = ["pytest>=8"]\ndocs = ["black"]\n[dependency-groups]\nlint = ["ruff"]\n',
      [ci]: workflow(job('tests', "run: pip install -e '.[test]' --group lint")),
    };
    expect(briefFindings(floatsInCi, { files }).map(([at, said]) => `${at} ${said}`)).toEqual([
      'pyproject.toml:2:16 pytest>=8 floats, and CI (tests) installs whatever is newest that day; so do ruff',
    ]);
    const entry = (name: string): string => `[[package]]\nname = "${name}"\nversion = "9.0.0"\n`;
    const locked = { ...files, 'uv.lock': `version = 1\n${entry('pytest')}${entry('ruff')}` };
    expect(briefFindings(floatsInCi, { files: locked })).toEqual([]);
  });

  it('is content with constraints, and leaves alone what CI does not install', () => {
    const files = {
      'requirements-dev.txt': 'pytest-asyncio>=0.23\n',
      'constraints.txt': 'pytest-asyncio==0.24.0\n',
      [ci]: install,
    };
    expect(briefFindings(floatsInCi, { files })).toEqual([]);
    expect(briefFindings(floatsInCi, { files: { 'requirements-dev.txt': 'pytest-asyncio\n' } })).toEqual([]);
  });
});

describe('PD027, jobs that want different things', () => {
  const files = {
    'services/api/requirements.txt': 'packaging==24.2\npytest==8.4.2\n',
    'services/worker/requirements.txt': 'pytest==8.4.2\npackaging==23.2\n',
    [ci]: workflow(
      job('api', '{ working-directory: services/api, run: pip install -r requirements.txt }'),
      job('worker', 'run: cd services/worker && uv pip install --requirement=requirements.txt'),
    ),
  };

  it('names both pins, and what can be done', () => {
    expect(briefFindings(jobsContradict, { files })).toEqual([
      [
        'services/worker/requirements.txt:2:10',
        "CI (worker) installs packaging==23.2, CI (api) packaging==24.2 (services/api/requirements.txt:1): one toolchain can't hold both",
        'parity init gives each a toolchain of its own; or give services/api and services/worker a parity.yaml each (parity init there): then each has its own lock',
        'services/api/requirements.txt:1:10',
      ],
    ]);
  });

  it('and not what one job installs together, what agrees, or what a lock holds', () => {
    const together = workflow(
      job(
        'all',
        'run: pip install -r services/api/requirements.txt',
        'run: pip install -r services/worker/requirements.txt',
      ),
    );
    expect(briefFindings(jobsContradict, { files: { ...files, [ci]: together } })).toEqual([]);
    const range = { ...files, 'services/worker/requirements.txt': 'packaging>=23\n' };
    expect(briefFindings(jobsContradict, { files: range })).toEqual([]);
    expect(briefFindings(jobsContradict, { files, lock: lockOf({ packaging: '24.2' }) })).toEqual([]);
  });
});
