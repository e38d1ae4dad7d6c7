import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import {
  ended,
  interrupted,
  lost,
  mixedRun,
  plan,
  planless,
  reportOf,
  runs,
  said,
  unopened,
} from '../../../test/support/reported-runs.ts';
import { stepFinished } from '../../../test/support/run-events.ts';
import type { RunEvent } from '../../pipeline/events.ts';
import { junitReport } from './junit.ts';
import { sarifReport } from './sarif.ts';

const fixture = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../test/fixtures/${path}`, import.meta.url)), 'utf8');

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
