import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect } from 'vitest';
import { packageRoot } from '../../src/core/paths.ts';
import { engineTest } from '../support/engine-test.ts';
import { git } from '../support/environment.ts';
import { parity, type Ended } from '../support/parity.ts';
import { annotations, diagnosticsOf, place } from '../support/told-runs.ts';

const { address, folder, makeProject, test } = engineTest();

/** Runs parity with a cache folder beside the repository. */
const run = (dir: string, ...args: readonly string[]): Promise<Ended> => {
  const own = { PARITY_CACHE_DIR: process.env['PARITY_CACHE_DIR'] ?? join(dirname(dir), 'c'), HOME: dirname(dir) };
  return parity(args, { cwd: dir, env: { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60', ...own } });
};

describe('the shop, with its real tools', () => {
  test('each failing tool’s line is an annotation at the right place', async () => {
    const dir = folder('shop');
    cpSync(join(packageRoot(), 'examples/shop'), dir, {
      recursive: true,
      filter: (path) => !/(?:^|\/)(?:node_modules|dist|\.venv|parity\.lock\.json)$/.test(path),
    });
    spawnSync('git', ['init', '-q'], { cwd: dir });
    const pricing = join(dir, 'core/services/pricing.py');
    const before = readFileSync(pricing, 'utf8').split('\n').length;
    appendFileSync(pricing, '\n\ndef half( amount: int = None) -> int:\n    return undefined_name // 2\n');
    writeFileSync(
      join(dir, 'core/tests/test_broken.py'),
      'from core.services import pricing\n\n\ndef test_pricing_is_broken() -> None:\n    assert pricing.__name__ == "prices"\n',
    );
    appendFileSync(join(dir, 'core/admin_ui/src/money.ts'), "\nexport const wrong: number = 'text';\n");
    const { code, stdout, stderr } = await run(dir, 'up', '--reporter', 'json', '--report', 'sarif=parity.sarif');
    expect(code, stderr).toBe(1);
    const row = before + 2;
    const money = readFileSync(join(dir, 'core/admin_ui/src/money.ts'), 'utf8').split('\n').length - 1;
    expect(new Set(diagnosticsOf(stdout).map(place))).toEqual(
      new Set([
        'black core/services/pricing.py:null:null',
        `flake8 core/services/pricing.py:${row}:10`,
        `flake8 core/services/pricing.py:${row + 1}:12`,
        `mypy core/services/pricing.py:${row}:null`,
        `mypy core/services/pricing.py:${row + 1}:null`,
        'pytest core/tests/test_broken.py:5:null',
        `tsc core/admin_ui/src/money.ts:${money}:14`,
      ]),
    );
    const told = await run(dir, 'up', '--reporter', 'github');
    expect(annotations(told.stdout).filter((line) => line.includes('title=tsc'))).toEqual([
      `::error title=tsc TS2322 (ui-types),file=core/admin_ui/src/money.ts,line=${money},col=14::Type 'string' is not assignable to type 'number'.`,
    ]);
  }, 600_000);

  test('the example’s own UI: what TypeScript and Vite miss is the file, by its path from the top', async () => {
    const ui = 'core/admin_ui';
    const forgotten = `${ui}/src/components/OrderTable.tsx`;
    const example = join(packageRoot(), 'examples', 'shop');
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: example,
      encoding: 'utf8',
    });
    const dir = await makeProject(
      `  - { name: ui-install, cwd: ${ui}, run: npm ci, network: full, volumes: [node_modules] }
  - { name: ui-types, needs: [ui-install], cwd: ${ui}, run: node_modules/.bin/tsc --noEmit }
  - { name: ui-build, needs: [ui-install], run: (cd ${ui} && npm run build) }
`,
      {
        files: Object.fromEntries(
          files.split('\0').flatMap((path) => (path === '' ? [] : [[path, readFileSync(join(example, path), 'utf8')]])),
        ),
        commit: true,
      },
    );
    const first = await run(dir, 'up');
    expect(first, first.stdout + first.stderr).toMatchObject({ code: 0 });
    git(dir, 'rm', '-q', '--cached', forgotten);
    git(dir, 'commit', '-qm', 'forgotten');
    expect(await run(dir, 'up')).toMatchObject({ code: 0 });
    const { code, stdout, stderr } = await run(dir, 'preflight', '--reporter', 'json');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const said = new Map(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string; step: string; next: readonly string[] })
        .flatMap(({ type, step, next }) => (type === 'step-finished' ? [[step, next[0]]] : [])),
    );
    const sentence = `${forgotten} exists here but is not committed: git add ${forgotten}`;
    expect(Object.fromEntries(said)).toEqual({ 'ui-install': undefined, 'ui-types': sentence, 'ui-build': sentence });
    // Before anything is installed, too.
    const early = `${ui}/src/App.tsx:2:29 imports ./components/OrderTable: ${sentence}`;
    expect(stdout.slice(0, stdout.indexOf('"type":"step-started"'))).toContain(JSON.stringify(early));
  });
});
