import { describe, expect, it } from 'vitest';
import { auditOf } from '../../../test/support/audit.ts';
import type { StepConfig } from '../../config/config.ts';
import { invocationOf } from '../commands/invocation.ts';
import { runRules } from '../run-rules.ts';
import { configDiffers } from './config-differs.ts';
import { flagsDiffer } from './flags-differ.ts';
import { pathsDiffer } from './paths-differ.ts';
import { stepMissing } from './step-missing.ts';
import { failureIgnored } from './failure-ignored.ts';

const rules = [stepMissing, flagsDiffer, pathsDiffer, configDiffers, failureIgnored];

function steps(...runs: readonly (string | readonly [run: string, cwd: string])[]): readonly StepConfig[] {
  return runs.map((one, index) => {
    const [run, cwd] = typeof one === 'string' ? [one, '.'] : one;
    const span = { line: index + 2, column: 5, endLine: index + 2, endColumn: 9 };
    return {
      name: `step${index + 1}`,
      run,
      cwd,
      env: {},
      passEnv: [],
      secrets: [],
      needs: [],
      volumes: [],
      network: 'none',
      span,
    };
  });
}

const workflow = (...runs: readonly string[]): string =>
  `on: push\njobs:\n  lint:\n    runs-on: ubuntu-latest\n    steps:\n${runs.map((run) => `      - run: ${run}\n`).join('')}`;

/** Rule, place and message of what CI's commands and these steps part in. */
function parted(
  files: Readonly<Record<string, string>>,
  pipeline: readonly StepConfig[] | undefined,
): readonly string[] {
  const audit = auditOf({ files, ...(pipeline === undefined ? {} : { pipeline }) });
  return runRules([audit], { rules, ignored: new Map() }).findings.map(
    ({ rule, location, message }) => `${rule} ${location?.path}:${location?.span.line} ${message}`,
  );
}

const ci = '.github/workflows/ci.yml';

describe('CI beside the pipeline', () => {
  it('is the same however it is wrapped, ordered, abbreviated and chattered about', () => {
    const files = {
      [ci]: workflow(
        'uv run black --check --diff -l 100 ./core/ --color',
        'python -m flake8 core --count --statistics --show-source',
        'poetry run mypy --config-file mypy.ini --pretty core/ ',
        'coverage run -m pytest -x -q --cov=core --cov-report=xml tests/unit',
        'npx --yes tsc --noEmit -p core/admin_ui',
        'pip install black && git diff --exit-code',
      ),
    };
    const pipeline = steps(
      'black core --line-length=100 --check',
      'flake8 core/',
      'mypy core --config-file=mypy.ini',
      'pytest tests',
      'cd core/admin_ui && npx tsc --noEmit --project .',
    );
    expect(parted(files, pipeline)).toEqual([]);
  });

  it('is the same when steps run it by make, just, tox, nox, npm or pre-commit', () => {
    const files = {
      [ci]: workflow('flake8 core', 'mypy core', 'pytest core', 'black --check core', 'npx eslint core', 'pylint core'),
      Makefile: 'all: lint\n\nlint: style\n\tflake8 core\nstyle:\n\t$(MAKE) types\ntypes:\n\tmypy core\n',
      justfile: 'default: tests\ntests:\n    pytest core\n',
      'tox.ini': '[testenv:format]\ncommands = black --check core\n',
      'package.json': '{"scripts":{"lint":"npm run js","js":"eslint core"}}',
      'noxfile.py': 'import nox\n\n@nox.session\ndef lint(session):\n    session.run("pylint", "core")\n',
    };
    expect(parted(files, steps('make', 'just', 'tox -e format', 'npm run lint', 'nox -s lint'))).toEqual([]);
    // What a target runs is compared as if the step ran it itself.
    expect(
      parted({ ...files, [ci]: workflow('flake8 core scripts', 'mypy --strict core') }, steps('make lint')),
    ).toEqual([
      'PD022 .github/workflows/ci.yml:6 CI (lint) runs `flake8 core scripts`, the step step1 runs `make lint`',
      'PD021 .github/workflows/ci.yml:7 CI (lint) runs `mypy --strict core`, the step step1 runs `make lint`',
    ]);
  });

  it('parts by a missing step, options, paths and the config file', () => {
    const files = {
      [ci]: workflow(
        'pylint core',
        'black --check core scripts',
        'flake8 --max-line-length=100 core',
        'mypy --config-file ci/mypy.ini core',
        'npm run build',
      ),
    };
    const pipeline = steps('black --check core', 'flake8 core', 'mypy --config-file mypy.ini core');
    expect(parted(files, pipeline)).toEqual([
      'PD022 .github/workflows/ci.yml:7 CI (lint) runs `black --check core scripts`, the step step1 runs `black --check core`',
      'PD021 .github/workflows/ci.yml:8 CI (lint) runs `flake8 --max-line-length=100 core`, the step step2 runs `flake8 core`',
      'PD023 .github/workflows/ci.yml:9 CI (lint) runs `mypy --config-file ci/mypy.ini core`, the step step3 runs `mypy --config-file mypy.ini core`',
      'PD020 .github/workflows/ci.yml:10 CI (lint) runs `npm run build`, no step does',
      'PD020 .github/workflows/ci.yml:6 CI (lint) runs `pylint core`, no step does',
    ]);
  });

  it('looks through tox, make, npm scripts and pre-commit, where CI calls them', () => {
    const files = {
      [ci]: workflow('tox -e lint', 'make types', 'npm run lint', 'pre-commit run --all-files'),
      'tox.ini': '[testenv:lint]\ncommands = flake8 --max-complexity 8 core\n[testenv:docs]\ncommands = pylint docs\n',
      Makefile: 'types:\n\tmypy --strict core\n',
      'package.json': '{ "scripts": { "lint": "eslint src --max-warnings 0" } }\n',
      '.pre-commit-config.yaml':
        'repos:\n  - repo: https://github.com/psf/black\n    rev: 25.9.0\n    hooks: [{ id: black, args: [--check, -l, "120"] }]\n',
    };
    const pipeline = steps('flake8 core', 'mypy core', 'npx eslint src', 'black --check .');
    expect(parted(files, pipeline)).toEqual([
      'PD021 .pre-commit-config.yaml:4 pre-commit (black) runs `black --check -l 120`, the step step4 runs `black --check .`',
      'PD021 package.json:1 npm (lint) runs `eslint src --max-warnings 0`, the step step3 runs `npx eslint src`',
      'PD021 tox.ini:2 tox (lint) runs `flake8 --max-complexity 8 core`, the step step1 runs `flake8 core`',
      'PD021 Makefile:2 make (types) runs `mypy --strict core`, the step step2 runs `mypy core`',
    ]);
  });

  it('says nothing of what it can not tell, and nothing without a pipeline that people wrote', () => {
    const files = { [ci]: workflow('flake8 $TARGETS', 'pytest ${{ matrix.args }}', 'black core', 'black --version') };
    expect(parted(files, steps('flake8 core', 'pytest'))).toEqual([]);
    expect(parted({ [ci]: workflow('pylint core') }, undefined)).toEqual([]);
  });
});

it('PD024 finds a check whose failure is lost in a pipe, by what the shell does', () => {
  const lines = [
    '      - run: pytest -q | tee plain.log',
    '      - { shell: bash, run: pytest -q | tee strict.log }',
    '      - { shell: sh, run: mypy core | tee sh.log }',
    "      - { shell: 'bash -o pipefail {0}', run: mypy core | tee custom.log }",
    '      - run: |',
    '          set -euo pipefail',
    '          flake8 core | tee set.log',
    '      - run: |',
    '          flake8 core | tee status.log',
    '          exit "${PIPESTATUS[0]}"',
    '      - run: git ls-files | xargs black --check',
  ];
  const head = workflow().trimEnd();
  const files = {
    [ci]: `${head}\n${lines.join('\n')}\n`,
    '.gitlab-ci.yml': 'test:\n  script: [pytest | tee log]\n',
    Makefile: 'lint:\n\tpylint core | tee log\n',
  };
  const pipeline = steps('pytest -q | tee log', 'set +o pipefail\npytest -q | tee log', 'mypy core; flake8 core');
  expect(parted(files, pipeline).filter((line) => line.startsWith('PD024'))).toEqual([
    'PD024 .github/workflows/ci.yml:8 lint runs mypy with `| tee` and no pipefail: its failure counts for nothing',
    'PD024 Makefile:2 lint runs pylint with `| tee` and no pipefail: its failure counts for nothing',
    'PD024 .github/workflows/ci.yml:6 lint runs pytest with `| tee` and no pipefail: its failure counts for nothing',
    'PD024 parity.yaml:3 the step step2 runs pytest with `| tee` and no pipefail: its failure counts for nothing',
  ]);
});

it('PD024 finds checks that can not fail, in CI and in the pipeline itself', () => {
  const files = {
    [ci]: workflow('mypy core || true', 'flake8 --exit-zero core', 'echo hello || true'),
    Makefile: 'lint:\n\t-black --check core\n',
  };
  expect(parted(files, steps('pytest -q || echo no matter', 'mypy core', 'flake8 core'))).toEqual([
    'PD024 Makefile:2 lint runs black with `a leading -`: it can not fail',
    'PD024 .github/workflows/ci.yml:7 lint runs flake8 with `--exit-zero`: it can not fail',
    'PD024 .github/workflows/ci.yml:6 lint runs mypy with `|| true`: it can not fail',
    'PD024 parity.yaml:2 the step step1 runs pytest with `|| echo no matter`: it can not fail',
  ]);
});

describe('a command line in the form in which it is compared', () => {
  it.each([
    [
      'black -l100 -S --check a b',
      { tool: 'black', paths: ['a', 'b'], flags: ['--line-length=100', '--skip-string-normalization'] },
    ],
    ['black .', undefined],
    ['ruff check --fix src', { tool: 'ruff check', paths: ['src'], flags: ['--fix'] }],
    ['ruff format --check', { tool: 'ruff format', paths: ['.'], flags: [] }],
    ['uvx ruff@0.5.0 check', { tool: 'ruff check', paths: ['.'], flags: [] }],
    ['pipx run --spec black==25.9.0 black --check x', { tool: 'black', paths: ['x'], flags: [] }],
    ['hatch run test:pytest -k "not slow"', { tool: 'pytest', paths: ['.'], flags: ['-k=not slow'] }],
    ['mypy -p shop', { tool: 'mypy', paths: [], flags: ['--package=shop'] }],
    ['pytest -n auto --dist loadfile -vv -ra', { tool: 'pytest', paths: ['.'], flags: [] }],
    ['pytest --cov-fail-under=90', { tool: 'pytest', paths: ['.'], flags: ['--cov-fail-under=90'] }],
    ['isort --profile black --check-only src', { tool: 'isort', paths: ['src'], flags: ['--profile=black'] }],
    ['pip install black', undefined],
    ['', undefined],
  ])('%s', (command, expected) => {
    expect(invocationOf(command)).toEqual(expected);
  });
});
