import { expect, test } from 'vitest';
import { fixCommand } from './fix-command.ts';

test.each<[string, string | undefined]>([
  ['black --check .', 'black .'],
  ['python -m black --check --diff -l 100 "src dir"', 'python -m black -l 100 "src dir"'],
  ['ruff format --check src tests', 'ruff format src tests'],
  ['isort --check-only --profile black src', 'isort --profile black src'],
  ['ruff check --output-format=github .', 'ruff check --fix .'],
  ['ruff check --fix .', undefined],
  ['black .', undefined],
  ['mypy src', undefined],
  ['black --check . && isort --check .', undefined],
  ['PYTHONPATH=. black --check .', undefined],
])('%s: %s', (script, fix) => {
  expect(fixCommand(script)).toBe(fix);
});
