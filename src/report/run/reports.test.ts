import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { failingRun, stepFinished, stepOutput } from '../../../test/support/run-events.ts';
import { failure } from '../../core/failure.ts';
import type { ToolDiagnostic } from '../../core/tool-diagnostic.ts';
import type { RunEvent } from '../../pipeline/events.ts';
import { htmlReport } from './html.ts';
import { junitReport } from './junit.ts';
import { listenToRun, type RunReport } from './run-report.ts';
import { sarifReport } from './sarif.ts';

const fixture = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../test/fixtures/${path}`, import.meta.url)), 'utf8');

/** The report of a run that began at a fixed time; each event came 100 ms after the one before. */
function reportOf(events: readonly RunEvent[]): RunReport {
  let now = Date.UTC(2026, 10, 25, 18, 0, 0);
  const listener = listenToRun(() => now);
  for (const event of events) {
    now += 100;
    listener.hear(event);
  }
  const report = listener.report(undefined);
  if (report === undefined) throw new Error('the run has no end');
  return report;
}

const said = (more: Partial<ToolDiagnostic>): ToolDiagnostic => ({
  tool: 'mypy',
  code: 'assignment',
  severity: 'error',
  message: 'Incompatible default',
  file: 'core/models.py',
  line: 12,
  column: null,
  ...more,
});

const plan = (...steps: readonly [name: string, run: string][]): RunEvent => ({
  type: 'run-started',
  steps: steps.map(([name, run]) => ({ name, run, needs: [], cwd: '.' })),
  project: '/home/me/shop',
  configSource: 'parity.yaml',
  jobs: 2,
});

const ended = (more: Partial<Extract<RunEvent, { type: 'run-finished' }>> = {}): RunEvent => ({
  type: 'run-finished',
  outcome: 'failed',
  imageId: 'sha256:abc',
  durationMs: 6200,
  counts: { passed: 1, failed: 2, cached: 0, skipped: 1, cancelled: 0 },
  ...more,
});

/** Types fail, a test fails, lint passes with a warning, ui is not run. */
const mixedRun: readonly RunEvent[] = [
  plan(['types', 'mypy core/'], ['tests', 'pytest -q'], ['lint', 'flake8 core & "ui"'], ['ui', 'npx tsc']),
  { type: 'step-started', step: 'types', command: 'mypy core/' },
  stepOutput('types', 'core/models.py:12: error: Incompatible default  [assignment]\n'),
  stepFinished('types', {
    outcome: 'failed',
    exitCode: 1,
    durationMs: 2300,
    diagnostics: [said({})],
    next: ['Run: mend'],
  }),
  { type: 'step-started', step: 'tests', command: 'pytest -q' },
  stepOutput('tests', Buffer.from('a\u001B[31m red\u001B[0m <b>&amp; \u0001\uFFFE ]]> ü 漢\n')),
  stepFinished('tests', {
    outcome: 'failed',
    exitCode: 1,
    durationMs: 900,
    diagnostics: [
      said({
        tool: 'pytest',
        code: 'AssertionError',
        message: 'assert "<a>" == 1\n\tvertical \u000B and \uD800 alone',
        file: 'core/tests/test_cart.py',
        line: 7,
        test: 'core/tests/test_cart.py::TestCart::test_total[x.y::z]',
      }),
    ],
  }),
  { type: 'step-started', step: 'lint', command: 'flake8' },
  stepOutput('lint', 'fine\n'),
  stepFinished('lint', { diagnostics: [said({ tool: 'flake8', code: 'W605', severity: 'warning' })] }),
  stepFinished('ui', { outcome: 'skipped', exitCode: null, durationMs: 0, reason: 'needs', because: 'types' }),
  ended(),
];

const lost: readonly RunEvent[] = [
  plan(['types', 'mypy core/']),
  { type: 'step-started', step: 'types', command: 'mypy' },
  stepFinished('types', { outcome: 'cancelled', exitCode: null, reason: 'environment-lost', durationMs: 10 }),
  ended({ failure: failure('environment-lost', 'the container is gone', { detail: 'EOF', next: 'parity up' }) }),
];
const unopened: readonly RunEvent[] = [
  plan(['types', 'mypy core/']),
  ended({ imageId: null, failure: failure('engine-not-running', 'no engine') }),
];
const interrupted: readonly RunEvent[] = [
  plan(['types', 'mypy core/']),
  stepFinished('types', { outcome: 'cancelled', exitCode: null, reason: 'interrupted', durationMs: 10 }),
  ended({ outcome: 'cancelled', failure: failure('interrupted', 'interrupted') }),
];
const planless: readonly RunEvent[] = [ended({ imageId: null, failure: failure('usage', 'no step is called `x`') })];
const runs = { mixedRun, failingRun, lost, unopened, interrupted, planless };

describe('the JUnit report', () => {
  it('has a suite for each step and a case for each test that failed', () => {
    expect(junitReport(reportOf(mixedRun))).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="parity" tests="5" failures="3" errors="0" time="6.200">
<testsuite name="types" tests="1" failures="1" errors="0" skipped="0" time="2.300" timestamp="2026-11-25T18:00:00">
<properties>
<property name="command" value="mypy core/"/>
<property name="cwd" value="."/>
</properties>
<testcase name="types" classname="parity" time="2.300">
<failure message="exit code 1" type="exit-code">core/models.py:12: Incompatible default (mypy assignment)

Run: mend

core/models.py:12: error: Incompatible default  [assignment]</failure>
</testcase>
</testsuite>
<testsuite name="tests" tests="2" failures="2" errors="0" skipped="0" time="0.900" timestamp="2026-11-25T18:00:00">
<properties>
<property name="command" value="pytest -q"/>
<property name="cwd" value="."/>
</properties>
<testcase name="tests" classname="parity" time="0.900">
<failure message="exit code 1" type="exit-code">a red &lt;b&gt;&amp;amp; #xFFFE ]]&gt; ü 漢</failure>
</testcase>
<testcase name="test_total[x.y::z]" classname="core.tests.test_cart.TestCart" time="0.000">
<failure message="assert &quot;&lt;a&gt;&quot; == 1" type="AssertionError">core/tests/test_cart.py:7
assert "&lt;a&gt;" == 1
\tvertical #x0B and #xD800 alone</failure>
</testcase>
</testsuite>
<testsuite name="lint" tests="1" failures="0" errors="0" skipped="0" time="0.400" timestamp="2026-11-25T18:00:00">
<properties>
<property name="command" value="flake8 core &amp; &quot;ui&quot;"/>
<property name="cwd" value="."/>
</properties>
<testcase name="lint" classname="parity" time="0.400">
<system-out>fine</system-out>
</testcase>
</testsuite>
<testsuite name="ui" tests="1" failures="0" errors="0" skipped="1" time="0.000" timestamp="2026-11-25T18:00:00">
<properties>
<property name="command" value="npx tsc"/>
<property name="cwd" value="."/>
</properties>
<testcase name="ui" classname="parity" time="0.000">
<skipped message="needs types, which did not pass"/>
</testcase>
</testsuite>
</testsuites>
`);
  });

  it.each(Object.entries(runs))('is what the XSD accepts: %s', async (_, run) => {
    const checked = await validateXML({
      xml: { fileName: 'junit.xml', contents: junitReport(reportOf(run)) },
      schema: { fileName: 'junit.xsd', contents: fixture('junit/junit.xsd') },
    });
    expect(checked.errors).toEqual([]);
    expect(checked.valid).toBe(true);
  });

  it('tells a run that could not go on as an error, one that was stopped as skipped', () => {
    const endings = (run: readonly RunEvent[]): string[] =>
      [...junitReport(reportOf(run)).matchAll(/<(error|failure|skipped) message="([^"]*)"/g)].map(
        ([, how, why]) => `${how} ${why}`,
      );
    expect({
      lost: endings(lost),
      unopened: endings(unopened),
      interrupted: endings(interrupted),
      planless: endings(planless),
    }).toEqual({
      lost: ['error the container is gone', 'error its environment went away'],
      unopened: ['error no engine', 'skipped the run ended before'],
      interrupted: ['skipped interrupted', 'skipped interrupted'],
      planless: ['error no step is called `x`'],
    });
  });
});

describe('the SARIF report', () => {
  const ajv = new Ajv({ strict: false, unicodeRegExp: false });
  formats.default(ajv);
  const accepts = ajv.compile(JSON.parse(fixture('sarif/sarif-schema-2.1.0.json')) as object);

  it.each(Object.entries(runs))('is what the OASIS schema of 2.1.0 accepts: %s', (_, run) => {
    expect(accepts(JSON.parse(sarifReport(reportOf(run)))), JSON.stringify(accepts.errors)).toBe(true);
  });

  it('has a run for each tool, what found nothing included', () => {
    const { runs: made } = JSON.parse(sarifReport(reportOf(mixedRun))) as {
      runs: { tool: { driver: { name: string } }; automationDetails: unknown; results: unknown[] }[];
    };
    expect(made.map(({ tool, results }) => [tool.driver.name, results.length])).toEqual([
      ['flake8', 1],
      ['mypy', 1],
      ['pytest', 1],
    ]);
    expect(made[1]).toEqual({
      tool: {
        driver: { name: 'mypy', rules: [{ id: 'mypy/assignment', shortDescription: { text: 'mypy/assignment' } }] },
      },
      automationDetails: { id: 'parity/mypy/' },
      columnKind: 'utf16CodeUnits',
      originalUriBaseIds: { SRCROOT: { description: { text: 'The top of the repository.' } } },
      results: [
        {
          ruleId: 'mypy/assignment',
          ruleIndex: 0,
          level: 'error',
          message: { text: 'Incompatible default' },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: 'core/models.py', uriBaseId: 'SRCROOT' },
                region: { startLine: 12 },
              },
            },
          ],
          partialFingerprints: { 'parityDiagnostic/v1': 'mypy/assignment|core/models.py|Incompatible default' },
        },
      ],
    });
    const { runs: clean } = JSON.parse(
      sarifReport(
        reportOf([
          plan(['all', 'black --check . && python -m mypy core']),
          { type: 'step-started', step: 'all', command: 'black' },
          stepFinished('all'),
          ended({ outcome: 'passed' }),
        ]),
      ),
    ) as typeof made extends (infer T)[] ? { runs: T[] } : never;
    expect(clean.map(({ tool, results }) => [tool.driver.name, results])).toEqual([
      ['black', []],
      ['mypy', []],
    ]);
  });

  it('tells two of the same words in a file apart, and leaves out what has no place', () => {
    const diagnostics = [said({}), said({ line: 40 }), said({ file: null, line: null })];
    const made = sarifReport(
      reportOf([plan(['types', 'mypy']), stepFinished('types', { outcome: 'failed', diagnostics }), ended()]),
    );
    expect([...made.matchAll(/"parityDiagnostic\/v1": "(.*)"/g)].map(([, print]) => print)).toEqual([
      'mypy/assignment|core/models.py|Incompatible default',
      'mypy/assignment|core/models.py|Incompatible default|1',
    ]);
  });
});

describe('the HTML report', () => {
  it('begins with the outcome and what failed, and loads nothing', async () => {
    const page = htmlReport(reportOf(mixedRun));
    const order = [
      '2 failed, 1 skipped, 1 passed in 6.2 s',
      'What failed',
      '<h3>types',
      '<h3>tests',
      '<h2>Steps',
      'What decided it',
    ];
    const at = order.map((part) => page.indexOf(part));
    expect(at.every((index) => index > 0)).toBe(true);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<(?:script|link|img|iframe)\b|\ssrc=|@import|url\(|https?:/);
    expect(page).toContain(
      '<li><span class="error">error</span> <code>core/models.py:12</code> Incompatible default <span class="dim">(mypy assignment)</span></li>',
    );
    expect(page).toContain('<details><summary>lint: output, 1 warning</summary>');
  });

  it('shows what tools print as text', () => {
    const page = htmlReport(reportOf(mixedRun));
    expect(page).toContain('a red &lt;b&gt;&amp;amp;');
    expect(page).not.toContain('<b>');
    expect(page).toContain('assert &quot;&lt;a&gt;&quot; == 1');
  });

  it.each(Object.entries(runs))('is well-formed, and every element is closed: %s', (_, run) => {
    const page = htmlReport(reportOf(run));
    const open: string[] = [];
    for (const [, slash, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
      if (name === 'meta') continue;
      if (slash === '') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });

  it('places each step in time', () => {
    const page = htmlReport(reportOf(mixedRun));
    const bars = [...page.matchAll(/left:([\d.]+)%;width:([\d.]+)%/g)].map(([, left, width]) => [left, width]);
    expect(bars).toEqual([
      ['3.23', '37.10'],
      ['8.06', '14.52'],
      ['12.90', '6.45'],
    ]);
  });

  it('says why a run could not go on', () => {
    expect(htmlReport(reportOf(lost))).toContain('<pre class="error">the container is gone\nEOF\nparity up</pre>');
    expect(htmlReport(reportOf(unopened))).toContain('<span class="waiting">not run</span>');
  });
});
