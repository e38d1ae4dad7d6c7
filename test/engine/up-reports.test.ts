import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { packageRoot } from '../../src/core/paths.ts';
import type { ToolDiagnostic } from '../../src/core/tool-diagnostic.ts';
import { engineTest } from '../support/engine-test.ts';
import { lockedProject } from '../support/locked-project.ts';
import { annotations, place } from '../support/told-runs.ts';
import { parity, startParity, type Ended } from '../support/parity.ts';

const { address, engine, folder, references, test } = engineTest();
const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60' };
const tools = join(packageRoot(), 'test/fixtures/tools');

const run = (dir: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  parity(args, { cwd: dir, env: { ...env, ...more } });

/** A repository with the bad sources, and steps that print what the tools said of them. */
async function recordedProject(pipeline: string): Promise<string> {
  const dir = folder('a shop ü');
  cpSync(join(tools, 'sources'), dir, { recursive: true });
  cpSync(join(tools, 'recorded'), join(dir, 'said'), { recursive: true });
  references.add(await lockedProject(engine, dir, pipeline));
  return dir;
}

describe('what failing steps said', () => {
  test('is annotated where the code is, summed up, and written as all four reports', async () => {
    const dir =
      await recordedProject(`  - { name: format, run: "cat said/black/diff.txt >&2; exit 1", fix: black core/ }
  - { name: lint, cwd: core, run: "cat ../said/flake8/pylint-format.txt; exit 1" }
  - { name: types, run: "cat said/mypy/pretty-color.txt; exit 1" }
  - { name: tests, run: "cat said/pytest/default.txt; echo '::error::not mine'; exit 1" }
  - { name: ui, run: "(cd ui && cat ../said/tsc/pretty.txt); exit 2" }
  - { name: fine, run: "echo core/pricing.py:7:1: W605 an old way" }
  - { name: after, run: "true", needs: [ui] }
`);
    const reports = ['junit=out/junit.xml', 'sarif=out/parity.sarif', 'html=out/run.html', 'receipt=out/receipt.json'];
    const summary = join(dir, 'summary.md');
    const { code, stdout } = await run(dir, ['up', ...reports.flatMap((each) => ['--report', each])], {
      GITHUB_ACTIONS: 'true',
      GITHUB_STEP_SUMMARY: summary,
    });
    expect(code).toBe(1);
    expect(annotations(stdout)).toEqual([
      '::error title=black (format),file=core/unformatted.py::would be reformatted%0ARun: black core/',
      "::error title=flake8 F401 (lint),file=core/unformatted.py,line=1::'os' imported but unused",
      '::error title=mypy import-not-found (types),file=core/typed.py,line=5,col=1::Cannot find implementation or library stub for module named "untyped_package"%0ASee https://mypy.readthedocs.io/en/stable/running_mypy.html#missing-imports',
      '::error title=pytest core/tests/test_pricing.py%3A%3Atest_needs_a_basket (tests),file=core/tests/conftest.py,line=6::RuntimeError: no basket today',
      "::error title=tsc TS2307 (ui),file=ui/src/App.tsx,line=1,col=25::Cannot find module './Missing' or its corresponding type declarations.",
      "::error title=flake8 F401 (lint),file=core/unformatted.py,line=1::'sys' imported but unused",
      '::error title=mypy attr-defined (types),file=core/typed.py,line=6,col=1::Module "core" has no attribute "nothing_there"',
      '::error title=pytest core/tests/test_pricing.py%3A%3Atest_torn (tests),file=core/tests/conftest.py,line=12::OSError: could not clean up',
      "::error title=tsc TS2322 (ui),file=ui/src/App.tsx,line=5,col=9::Type 'string' is not assignable to type 'number'.",
      '::error title=flake8 E401 (lint),file=core/unformatted.py,line=1::multiple imports on one line',
      '::warning title=flake8 W605 (fine),file=core/pricing.py,line=7,col=1::an old way',
      '::warning title=pytest DeprecationWarning (tests),file=core/pricing.py,line=8::give a discount',
      '::notice title=mypy annotation-unchecked (types),file=core/typed.py,line=26,col=5::By default the bodies of untyped functions are not checked, consider using --check-untyped-defs',
      '::notice title=mypy (types),file=core/typed.py,line=31,col=17::Revealed type is "builtins.int"',
    ]);
    expect(stdout).toMatch(/\(\d+ more errors: GitHub shows ten of each kind\)/);
    const stopped = /::stop-commands::(\w+)\n(?:(?!::\1::)[^])*::error::not mine\n(?:(?!::\1::)[^])*::\1::\n/g;
    expect(stdout.match(stopped)?.length).toBe(2);
    expect(stdout.replace(stopped, '')).not.toContain('::error::not mine');
    expect(readFileSync(summary, 'utf8')).toContain('<code>ui/src/App.tsx:1:25</code> Cannot find module');

    const written = (name: string): string => readFileSync(join(dir, 'out', name), 'utf8');
    const checked = await validateXML({
      xml: { fileName: 'junit.xml', contents: written('junit.xml') },
      schema: {
        fileName: 'junit.xsd',
        contents: readFileSync(join(packageRoot(), 'test/fixtures/junit/junit.xsd'), 'utf8'),
      },
    });
    expect(checked.errors).toEqual([]);
    expect(written('junit.xml')).toMatch(/^<testsuites name="parity" tests="\d+" failures="\d+" errors="0"/m);
    expect(written('junit.xml')).toContain(
      '<testcase name="test_total" classname="core.tests.test_pricing.TestBasket"',
    );
    const { runs } = JSON.parse(written('parity.sarif')) as { runs: { tool: { driver: { name: string } } }[] };
    expect(runs.map(({ tool }) => tool.driver.name)).toEqual(['black', 'flake8', 'mypy', 'pytest', 'tsc']);
    const receipt = JSON.parse(written('receipt.json')) as {
      outcome: string;
      steps: { name: string; diagnostics: ToolDiagnostic[] }[];
    };
    expect(receipt.outcome).toBe('failed');
    const ui = receipt.steps.find(({ name }) => name === 'ui');
    expect(ui?.diagnostics.map(place)[0]).toBe('tsc ui/src/App.tsx:1:25');
    const page = written('run.html');
    expect(page).toContain('5 failed, 1 skipped, 1 passed');
    expect(page).toContain('core/tests/test_pricing.py::test_chained');
    expect(page).toContain('<dt>platform</dt>');
    expect(page + written('junit.xml') + written('parity.sarif')).not.toContain(dir);
  });

  test('hides secrets there, too', async () => {
    const dir = await recordedProject(
      `  - { name: leak, secrets: [DEPLOY_KEY], run: 'echo "core/pricing.py:7: error: token $DEPLOY_KEY  [misc]"; exit 1' }\n`,
    );
    const reports = ['junit=junit.xml', 'sarif=parity.sarif', 'html=run.html', 'receipt=receipt.json'];
    const args = ['up', ...reports.flatMap((each) => ['--report', each])];
    for (const reporter of ['json', 'github']) {
      const told = await run(dir, [...args, '--reporter', reporter], {
        DEPLOY_KEY: 'hunter2hunter2',
        GITHUB_STEP_SUMMARY: join(dir, 'summary.md'),
      });
      expect(told.code).toBe(1);
      expect(told.stdout).toContain('token ***');
      const files = ['junit.xml', 'parity.sarif', 'run.html', 'receipt.json'].map((name) =>
        readFileSync(join(dir, name), 'utf8'),
      );
      for (const text of files) expect(text).toContain('token ***');
      expect([told.stdout, told.stderr, ...files].join('\n')).not.toContain('hunter2');
    }
    expect(readFileSync(join(dir, 'summary.md'), 'utf8')).not.toContain('hunter2');
  });

  test('is known of a run that was interrupted, as far as it went', async () => {
    const dir = await recordedProject(`  - { name: lint, run: "cat said/flake8/default.txt; exit 1" }
  - { name: long, run: "echo begun; exec sleep 600" }
`);
    const args = [
      'up',
      '--jobs',
      '1',
      '--reporter',
      'json',
      '--report',
      'junit=junit.xml',
      '--report',
      'html=run.html',
    ];
    const { child, ended } = startParity(args, { cwd: dir, env });
    await new Promise<void>((resolve) => {
      let output = '';
      child.stdout?.on('data', (piece: string) => {
        output += piece;
        if (output.includes('"begun\\n"')) resolve();
      });
    });
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    const junit = readFileSync(join(dir, 'junit.xml'), 'utf8');
    expect(junit).toContain('<failure message="exit code 1" type="exit-code">core/broken.py:1:10: ');
    expect([...junit.matchAll(/<skipped message="([^"]*)"/g)].map(([, why]) => why)).toEqual([
      'interrupted',
      'interrupted',
    ]);
    expect(readFileSync(join(dir, 'run.html'), 'utf8')).toContain('<header class="banner cancelled">');
  });

  test('fails a run that passed when its report cannot be written after all', async () => {
    const dir = await recordedProject('  - { name: spoil, run: "rm -r out; echo in the way > out" }\n');
    mkdirSync(join(dir, 'out'));
    const { code, stdout, stderr } = await run(dir, ['up', '--report', 'html=out/run.html']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^1 passed in /m);
    expect(stderr).toMatch(/^error: the html report .*run\.html can't be written: /m);
  });
});
