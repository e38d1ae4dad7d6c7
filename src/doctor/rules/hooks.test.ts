import { describe, expect, it } from 'vitest';
import { briefFindings, lockOf } from '../../../test/support/audit.ts';
import { configDiffers } from './config-differs.ts';
import { hookEnvironment } from './hook-environment.ts';
import { pinDiffers } from './pin-differs.ts';

const hooks = (repo: string, rev: string, hook: string): string =>
  `repos:\n  - repo: https://github.com/${repo}\n    rev: ${rev}\n    hooks:\n      - ${hook}\n`;
const workflow = (...steps: readonly string[]): string =>
  `on: push\njobs:\n  lint:\n    runs-on: ubuntu-latest\n    steps:\n${steps.map((step) => `      - ${step}\n`).join('')}`;
const ci = '.github/workflows/ci.yml';
const config = '.pre-commit-config.yaml';

describe('PD023, a hook that finds another config than CI', () => {
  const files = {
    [config]: hooks('psf/black-pre-commit-mirror', '25.9.0', '{ id: black }'),
    'pyproject.toml': '[tool.black]\nline-length = 110\n',
    'services/billing/pyproject.toml': '[tool.black]\nline-length = 79\n',
    [ci]: workflow('{ working-directory: services/billing, run: black --check . }', 'run: black --check tools'),
  };
  const hint =
    'give the hook `exclude: ^services/billing/` and a second one `files: ^services/billing/` with its own config, or keep one config at the top';

  it('runs from the top over all files, CI in a folder with its own', () => {
    expect(briefFindings(configDiffers, { files })).toEqual([
      [
        `${config}:5:15`,
        'pre-commit (black) runs black from the top with pyproject.toml (line-length 110), CI (lint) runs it in services/billing with services/billing/pyproject.toml (line-length 79): they want different things of the files there',
        hint,
        `${ci}:6:53 services/billing/pyproject.toml:2:15 pyproject.toml:2:15`,
      ],
    ]);
  });

  it('by the paths that black is given, by the folder that flake8 and mypy run in', () => {
    const others = {
      [config]:
        hooks('pycqa/flake8', '7.3.0', '{ id: flake8 }') + hooks('psf/black', '25.9.0', '{ id: black }').slice(7),
      'setup.cfg': '[flake8]\nmax-line-length = 100\n',
      'ui/.flake8': '[flake8]\nmax-line-length = 79\n',
      'ui/pyproject.toml': '[tool.black]\nline-length = 79\n',
      [ci]: workflow('run: black --check ui/a.py ui/b', 'run: flake8 ui', 'run: cd ui && flake8'),
    };
    expect(briefFindings(configDiffers, { files: others }).map(([, message]) => message)).toEqual([
      'pre-commit (black) runs black from the top with its defaults (no line-length), CI (lint) runs it in ui with ui/pyproject.toml (line-length 79): they want different things of the files there',
      'pre-commit (flake8) runs flake8 from the top with setup.cfg (max-line-length 100), CI (lint) runs it in ui with ui/.flake8 (max-line-length 79): they want different things of the files there',
    ]);
  });

  it.each([
    ['two configs that say the same', { ...files, 'pyproject.toml': files['services/billing/pyproject.toml'] }],
    ['a hook for some files', { ...files, [config]: files[config].replace('id: black', 'id: black, files: ^tools/') }],
    [
      'a hook that names its config',
      { ...files, [config]: files[config].replace('id: black', 'id: black, args: [--config, a.toml]') },
    ],
    [
      'CI that names its config',
      {
        ...files,
        [ci]: workflow('{ working-directory: services/billing, run: black --config ../../pyproject.toml --check . }'),
      },
    ],
    ['a hook without settings in either place', { [config]: files[config], [ci]: files[ci] }],
  ])('%s: nothing', (_, same) => {
    expect(briefFindings(configDiffers, { files: same })).toEqual([]);
  });
});

describe("PD026, a hook's own environment", () => {
  const mypy = {
    [config]: hooks('pre-commit/mirrors-mypy', 'v1.18.2', 'id: mypy'),
    'pyproject.toml':
      '[tool.mypy]\nplugins = ["pydantic.mypy", "tools/plugin.py"]\n[dependency-groups]\ndev = ["mypy==1.18.2", "types-PyYAML==6.0.12"]\n',
    [ci]: workflow('run: mypy'),
  };

  it('lacks what mypy loads and the stubs that CI has', () => {
    expect(briefFindings(hookEnvironment, { files: mypy })).toEqual([
      [
        `${config}:5:13`,
        "the hook mypy's own environment has neither pydantic (mypy loads the plug-in pydantic.mypy) nor types-pyyaml, which CI's has",
        "add to the hook: additional_dependencies: [pydantic, types-pyyaml], at CI's versions",
      ],
    ]);
    const lock = lockOf({ mypy: '1.18.2', 'pandas-stubs': '2.3.0' });
    const given = `${mypy[config]}        additional_dependencies: [pydantic==2.11.9, types-PyYAML==6.0.12]\n`;
    expect(
      briefFindings(hookEnvironment, { files: { ...mypy, [config]: given }, lock }).map(([, said]) => said),
    ).toEqual(["the hook mypy's own environment has no pandas-stubs, which CI's has"]);
  });

  const flake8 = {
    [config]: hooks(
      'pycqa/flake8',
      '7.3.0',
      'id: flake8\n        additional_dependencies: [flake8-bugbear==23.12.2, flake8-comprehensions==3.16.0]',
    ),
    'requirements-dev.txt': 'flake8==7.3.0\nflake8-bugbear==24.12.12\npep8-naming==0.15.1\n',
    [ci]: workflow('run: pip install -r requirements-dev.txt', 'run: flake8 shop'),
  };

  it('has plug-ins that CI has not, and lacks others', () => {
    expect(briefFindings(hookEnvironment, { files: flake8 })).toEqual([
      [
        `${config}:6:81`,
        'only the hook flake8 has flake8-comprehensions: CI does not install it',
        'add flake8-comprehensions==3.16.0 to what CI installs, or take it from the hook',
      ],
      [
        `${config}:5:13`,
        "the hook flake8's own environment has no pep8-naming, which CI's has",
        "add to the hook: additional_dependencies: [pep8-naming], at CI's versions",
      ],
    ]);
    const lock = lockOf({ flake8: '7.3.0', 'flake8-bugbear': '24.12.12', 'pep8-naming': '0.15.1' });
    expect(briefFindings(hookEnvironment, { files: flake8, lock })[0]?.slice(1)).toEqual([
      'only the hook flake8 has flake8-comprehensions: neither CI nor the lock has it',
      'add flake8-comprehensions==3.16.0 to what CI installs (then: parity lock), or take it from the hook',
    ]);
  });

  it('and other versions of a plug-in are a pin that differs, without a lock, too', () => {
    expect(briefFindings(pinDiffers, { files: flake8 }).map(([at, said]) => `${at} ${said}`)).toEqual([
      `${config}:6:49 additional_dependencies of flake8 pins ==23.12.2, requirements-dev.txt:2 has 24.12.12`,
    ]);
  });

  it.each([
    ['where pre-commit is all that runs the tool', { ...flake8, [ci]: workflow('run: pre-commit run --all-files') }],
    [
      'of a local hook that runs what is installed',
      { ...mypy, [config]: 'repos:\n  - repo: local\n    hooks: [{ id: mypy, entry: mypy, language: system }]\n' },
    ],
  ])('%s: nothing', (_, files) => {
    expect(briefFindings(hookEnvironment, { files })).toEqual([]);
  });
});
