import { describe, expect, it } from 'vitest';
import { readCommands, parseStepOutput } from './parse-step-output.ts';

describe('where a step’s commands go', () => {
  it.each([
    ['flake8 core', []],
    ['(cd core/admin_ui && npm ci && npm run build)', ['core/admin_ui']],
    ['cd core; cd admin_ui\nnpx tsc', ['core', 'admin_ui', 'core/admin_ui']],
    ['npm --prefix ui run build', ['ui']],
    ['make -C core lint', ['core']],
    ['cd "$ROOT" && tsc', []],
    ['yarn --cwd=ui build', ['ui']],
  ])('%s', (run, folders) => {
    expect(readCommands(run).folders).toEqual(folders);
  });

  it('names its tools whatever starts them', () => {
    const { words } = readCommands('uv run ruff check . && ./node_modules/.bin/eslint src | tee log; python -m flake8');
    expect(['ruff', 'eslint', 'flake8'].filter((tool) => words.has(tool))).toEqual(['ruff', 'eslint', 'flake8']);
  });
});

describe('what tools said in a step', () => {
  it('stands where the tool ran', () => {
    const said = parseStepOutput({
      step: { run: '(cd core/admin_ui && npx tsc --noEmit)' },
      cwd: '/workspace/shop',
      text: "src/App.tsx(3,18): error TS2307: Cannot find module './Missing'.\n",
      passed: false,
      isFile: (path) => path === 'shop/core/admin_ui/src/App.tsx',
    });
    expect(said).toEqual({
      leftOut: 0,
      diagnostics: [
        {
          tool: 'tsc',
          code: 'TS2307',
          severity: 'error',
          message: "Cannot find module './Missing'.",
          file: 'shop/core/admin_ui/src/App.tsx',
          line: 3,
          column: 18,
        },
      ],
    });
  });

  it('is a warning at most when the step passed', () => {
    const text = 'core/a.py:1:1: F401 unused\n';
    const { diagnostics } = parseStepOutput({
      step: { run: 'flake8 --exit-zero' },
      cwd: '/workspace',
      text,
      passed: true,
    });
    expect(diagnostics.map(({ severity }) => severity)).toEqual(['warning']);
  });
});
