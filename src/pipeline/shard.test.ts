import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { step } from '../../test/support/steps.ts';
import type { StepConfig } from '../config/config.ts';
import { shardAdvice, shardSteps, shardVariables } from './shard.ts';

/** What each shard runs, the divided steps with a star. */
function division(plan: readonly StepConfig[], of: number): readonly string[] {
  return Array.from({ length: of }, (_, index) => {
    const { steps, divided } = shardSteps(plan, { index: index + 1, of });
    return steps.map(({ name }) => (divided.has(name) ? `${name}*` : name)).join(' ');
  });
}

describe('a pipeline over several machines', () => {
  test('the page’s: the tests are everywhere, the others dealt out, the UI’s steps together', () => {
    const plan = [
      step('format', { run: 'black --check core/' }),
      step('lint', { run: 'flake8 core/' }),
      step('types', { run: 'mypy --config-file mypy.ini core/' }),
      step('tests', { run: 'PYTHONPATH=$PWD pytest -q' }),
      step('ui-install', { run: 'npm ci' }),
      step('ui-types', { run: 'npx tsc --noEmit', needs: ['ui-install'] }),
      step('ui-build', { run: 'npm run build', needs: ['ui-install'] }),
    ];
    expect(division(plan, 1)).toEqual(['format lint types tests ui-install ui-types ui-build']);
    expect(division(plan, 2)).toEqual(['tests* ui-install ui-types ui-build', 'format lint types tests*']);
    expect(division(plan, 3)).toEqual(['tests* ui-install ui-types ui-build', 'format types tests*', 'lint tests*']);
  });

  test('what the tests need is on every machine; tests that others need stay whole, with them', () => {
    const install = step('install', { run: 'pip install .' });
    const tests = step('tests', { run: 'coverage run -m pytest', needs: ['install'] });
    expect(division([install, tests, step('a'), step('b')], 2)).toEqual(['install tests* a', 'install tests* b']);
    const report = step('report', { run: 'coverage report', needs: ['tests'] });
    expect(division([install, tests, report, step('a')], 2)).toEqual(['install tests report', 'a']);
  });

  test('more machines than parts leave some with nothing', () => {
    expect(division([step('a'), step('b')], 3)).toEqual(['a', 'b', '']);
  });

  // A step needs only steps before it, as a plan has them.
  const plans = fc
    .array(fc.record({ tests: fc.boolean(), needs: fc.array(fc.nat(30), { maxLength: 3 }) }), {
      minLength: 1,
      maxLength: 12,
    })
    .map((parts) =>
      parts.map(({ tests, needs }, at) =>
        step(`s${at}`, {
          run: tests ? 'pytest' : 'make',
          needs: [...new Set(needs.filter((need) => need < at).map((need) => `s${need}`))],
        }),
      ),
    );

  test('all of them together are the whole; nothing lacks what it needs; what is not for all is one machine’s', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 1, max: 5 }), (plan, of) => {
        const shards = Array.from({ length: of }, (_, index) => shardSteps(plan, { index: index + 1, of }));
        const union = new Set(shards.flatMap(({ steps }) => steps.map(({ name }) => name)));
        expect([...union].sort()).toEqual(plan.map(({ name }) => name).sort());
        const neededByDivided = new Set<string>();
        for (const { steps, divided } of shards) {
          const names = new Set(steps.map(({ name }) => name));
          for (const { needs } of steps) for (const need of needs) expect(names).toContain(need);
          expect(steps).toEqual(plan.filter(({ name }) => names.has(name)));
          expect(divided).toEqual(shards[0]?.divided);
          for (const name of divided) expect(names).toContain(name);
          const closure = [...divided];
          for (let name = closure.pop(); name !== undefined; name = closure.pop()) {
            neededByDivided.add(name);
            closure.push(...(plan.find((one) => one.name === name)?.needs ?? []));
          }
        }
        for (const { name } of plan) {
          const on = shards.filter(({ steps }) => steps.some((one) => one.name === name)).length;
          expect(on).toBe(neededByDivided.has(name) ? of : 1);
        }
      }),
    );
  });
});

describe('which commands run pytest', () => {
  const isDivided = (run: string): boolean => shardSteps([step('t', { run })], { index: 1, of: 2 }).divided.has('t');

  test.each([
    'pytest',
    'pytest -q tests/unit',
    'PYTHONPATH=. A=b pytest',
    './.venv/bin/pytest -x',
    'python -m pytest',
    'python3.11 -W error -m pytest -n 4',
    'python -m coverage run -m pytest',
    'coverage run --source core -m pytest -q',
    'poetry run pytest',
    'uv run --frozen --with pytest-xdist pytest -n auto',
    'uv run -- python -m pytest',
    'pipenv run py.test',
    'env -u HOME A=b pytest',
    'timeout -k 5 10m pytest',
    'xvfb-run -a pytest tests/gui',
    'cd core && pytest',
    '(cd core; pytest) && echo done',
    'mkdir -p out\nif true; then\n  pytest \\\n    -q\nfi',
  ])('%s', (run) => {
    expect(isDivided(run)).toBe(true);
  });

  test.each([
    'make test',
    'pip install pytest',
    'echo pytest',
    'python pytest',
    'python script.py -m pytest',
    'uv pip install pytest',
    'uv run make pytest',
    'uv run',
    'timeout 5',
    'coverage report',
    'mypy -m pytest',
    '# pytest',
    "bash -c 'pytest'",
    'pytest --cov=core --cov-fail-under=90',
    'coverage run -m pytest && coverage report --fail-under 90',
    'PYTEST_ADDOPTS=-q pytest',
    '',
  ])('not so: %s', (run) => {
    expect(isDivided(run)).toBe(false);
  });
});

test('a divided step’s own variables stay, with parity’s beside them', () => {
  expect(shardVariables({ A: 'b' }, { index: 2, of: 3 })).toEqual({
    A: 'b',
    PARITY_SHARD: '2/3',
    PYTEST_ADDOPTS: '-p parity_shard',
    PYTHONPATH: '/parity/pytest',
  });
  expect(shardVariables({ PYTHONPATH: '.:lib', PYTEST_ADDOPTS: '-x' }, { index: 1, of: 2 })).toMatchObject({
    PYTEST_ADDOPTS: '-x -p parity_shard',
    PYTHONPATH: '.:lib:/parity/pytest',
  });
});

test.each([
  ['FAIL Required test coverage of 90% not reached. Total coverage: 45.00%', 1],
  ['Coverage failure: total of 45 is less than fail-under=90', 1],
  ['1 failed, 3 passed', 0],
])('%s', (tail, lines) => {
  expect(shardAdvice(tail)).toHaveLength(lines);
});
