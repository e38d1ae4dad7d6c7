import type { ToolDiagnostic } from '../../core/tool-diagnostic.ts';
import { adviceLines } from '../remedy-lines.ts';
import { plainFailureLines, formatPlace } from '../plain-failure.ts';
import { describeStepEnd } from '../words.ts';
import type { ReportedStep, RunReport } from './run-report.ts';

/**
 * The run as JUnit XML, in the form that Jenkins and GitLab share: a suite for each step, in it a case for the step itself and one for each
 * test that failed in it. A step that could not be finished is an error; a run that could not go on is a suite of its own.
 */
export function junitReport(report: RunReport): string {
  const suites = [
    ...(report.finished.failure === undefined ? [] : [failureSuite(report)]),
    ...report.steps.map((step) => suiteOf(step, report)),
  ];
  const sum = (of: (suite: Suite) => number): number => suites.reduce((all, suite) => all + of(suite), 0);
  const totals = {
    name: 'parity',
    tests: sum(({ cases }) => cases.length),
    failures: sum((suite) => countOf(suite, 'failure')),
    errors: sum((suite) => countOf(suite, 'error')),
    time: seconds(report.finished.durationMs),
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', totals, suites.map(writeSuite).join(''))}`;
}

interface Suite {
  readonly name: string;
  readonly durationMs: number;
  readonly timestamp: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}

interface Case {
  readonly name: string;
  readonly className: string;
  readonly durationMs: number;
  /** None for one that passed. */
  readonly ended?: {
    readonly how: 'failure' | 'error' | 'skipped';
    readonly message: string;
    readonly type?: string;
    readonly text: string;
  };
  readonly output?: string;
}

function suiteOf({ planned, finished, startedMs, excerpt }: ReportedStep, { startedAt }: RunReport): Suite {
  const base = {
    name: planned.name,
    timestamp: timestamp(Date.parse(startedAt) + (startedMs ?? 0)),
    properties: { command: planned.run, cwd: planned.cwd },
  };
  const itself = { name: planned.name, className: 'parity', durationMs: finished?.durationMs ?? 0 };
  if (finished === null) {
    const ended = { how: 'skipped', message: 'the run ended before', text: '' } as const;
    return { ...base, durationMs: 0, cases: [{ ...itself, ended }] };
  }
  const { outcome, durationMs, diagnostics } = finished;
  const printed = excerpt.lines.join('\n');
  const tests = outcome === 'failed' ? diagnostics.filter(({ test }) => test !== undefined).map(caseOf) : [];
  if (outcome === 'passed' || outcome === 'cached')
    return { ...base, durationMs, cases: [{ ...itself, ...(printed === '' ? {} : { output: printed }) }] };
  const lost = finished.reason === 'environment-lost' || finished.reason === 'service';
  const how = outcome === 'failed' ? 'failure' : lost ? 'error' : 'skipped';
  const other = diagnostics.filter(({ test, severity }) => test === undefined && severity === 'error').map(oneLine);
  const text = [other, adviceLines(finished).map(({ text: line }) => line), printed === '' ? [] : [printed]]
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n');
  const message = describeStepEnd(finished);
  const ended = { how, message, ...(how === 'failure' ? { type: finished.reason ?? 'exit-code' } : {}), text } as const;
  return { ...base, durationMs, cases: [{ ...itself, ended }, ...tests] };
}

/** A test of pytest's by its node ID, named as pytest's own reports name it: `core/tests/test_cart.py::TestCart::test_total[1]`. */
function caseOf(one: ToolDiagnostic): Case {
  const node = one.test ?? '';
  const bracket = node.indexOf('[');
  const path = bracket < 0 ? node : node.slice(0, bracket);
  const [file = '', ...names] = path.split('::');
  const module = file.replace(/\.py$/, '').split('/').join('.');
  const name = `${names.at(-1) ?? 'collection'}${bracket < 0 ? '' : node.slice(bracket)}`;
  const place = formatPlace(one);
  return {
    name,
    className: [module, ...names.slice(0, -1)].join('.'),
    durationMs: 0,
    ended: {
      how: 'failure',
      message: one.message.split('\n')[0] ?? '',
      ...(one.code === null ? {} : { type: one.code }),
      text: [...(place === '' ? [] : [place]), one.message].join('\n'),
    },
  };
}

function failureSuite({ finished, startedAt }: RunReport): Suite {
  const { failure, durationMs } = finished;
  const interrupted = failure?.reason === 'interrupted';
  return {
    name: 'parity',
    durationMs,
    timestamp: timestamp(Date.parse(startedAt)),
    properties: {},
    cases: [
      {
        name: 'run',
        className: 'parity',
        durationMs,
        ended: {
          how: interrupted ? 'skipped' : 'error',
          message: failure?.message ?? '',
          ...(failure === undefined ? {} : { type: failure.reason }),
          text: failure === undefined ? '' : plainFailureLines(failure).join('\n'),
        },
      },
    ],
  };
}

function oneLine(one: ToolDiagnostic): string {
  const place = formatPlace(one);
  return `${place === '' ? '' : `${place}: `}${one.message} (${one.tool}${one.code === null ? '' : ` ${one.code}`})`;
}

function writeSuite(suite: Suite): string {
  const { name, durationMs, timestamp: begun, properties, cases } = suite;
  const attributes = {
    name,
    tests: cases.length,
    failures: countOf(suite, 'failure'),
    errors: countOf(suite, 'error'),
    skipped: countOf(suite, 'skipped'),
    time: seconds(durationMs),
    timestamp: begun,
  };
  const named = Object.entries(properties).map(([key, value]) => element('property', { name: key, value }, ''));
  const propertiesElement = named.length === 0 ? '' : element('properties', {}, named.join(''));
  return element('testsuite', attributes, `${propertiesElement}${cases.map(writeCase).join('')}`);
}

function writeCase({ name, className, durationMs, ended, output }: Case): string {
  const { how = '', message = '', type, text = '' } = ended ?? {};
  const failureElement =
    ended === undefined ? '' : textElement(how, { message, ...(type === undefined ? {} : { type }) }, text);
  const printed = output === undefined ? '' : textElement('system-out', {}, output);
  return element('testcase', { name, classname: className, time: seconds(durationMs) }, `${failureElement}${printed}`);
}

function countOf({ cases }: Suite, how: 'failure' | 'error' | 'skipped'): number {
  return cases.filter(({ ended }) => ended?.how === how).length;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** Without a fraction and a zone, as the XSD of Ant has it; UTC. */
function timestamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}

function element(name: string, attributes: Readonly<Record<string, string | number>>, content: string): string {
  const start = opening(name, attributes);
  return content === '' ? `<${start}/>\n` : `<${start}>\n${content}</${name}>\n`;
}

function textElement(name: string, attributes: Readonly<Record<string, string | number>>, text: string): string {
  const start = opening(name, attributes);
  return text === '' ? `<${start}/>\n` : `<${start}>${escaped(text)}</${name}>\n`;
}

function opening(name: string, attributes: Readonly<Record<string, string | number>>): string {
  return [
    name,
    ...Object.entries(attributes).map(([key, value]) => `${key}="${escapedAttribute(String(value))}"`),
  ].join(' ');
}

// What XML 1.0 has no way to write, shown as pytest's reports show it.
// oxlint-disable-next-line no-control-regex
const unwritable = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u0084\u0086-\u009F\uFFFE\uFFFF]|\p{Surrogate}/gu;

function escaped(text: string): string {
  return text
    .replace(
      unwritable,
      (character) => `#x${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}

// A parser makes spaces of line ends and tabs in attributes.
function escapedAttribute(text: string): string {
  return escaped(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}
