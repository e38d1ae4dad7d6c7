import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { auditOf, lockOf } from '../../../test/support/audit.ts';
import { makeReport, type DoctorReport } from '../../doctor/doctor-report.ts';
import { rules } from '../../doctor/rules.ts';
import { doctorAnnotations } from './github.ts';
import { doctorJson } from './json.ts';
import { doctorSarif } from './sarif.ts';
import { doctorText } from './text.ts';

const files = {
  '.pre-commit-config.yaml':
    'repos:\n  - repo: https://github.com/psf/black\n    rev: 24.1.0\n    hooks: [{ id: black }]\n',
  'core/requirements.txt': 'black==25.9.0\nmypy>=1.10\n',
  'core/päth, 100%/requirements.txt': 'mypy==1.18.2\n',
};

function reportOf(): DoctorReport {
  const audit = auditOf({
    files,
    lock: lockOf({ black: '25.9.0', mypy: '1.18.2' }),
    observed: { skipped: [{ what: 'the image', reason: 'not built yet: parity build' }] },
  });
  const ignored = new Map([['.', [{ rule: 'PD003', path: 'core/*.txt', reason: 'one is enough for this test' }]]]);
  return makeReport({ audits: [audit], rules, ignored, files: 3, skipped: [] });
}

describe('the report of parity doctor', () => {
  it('as text: by subject, the places, the next command', () => {
    expect(doctorText(reportOf())).toBe(`black  locked 25.9.0
  error    .pre-commit-config.yaml:3:10: rev of psf/black pins 24.1.0, the lock has 25.9.0 PD001
  → parity doctor --fix   makes it 25.9.0; the other way round: change parity.yaml, then parity lock

mypy  locked 1.18.2
  warning  core/requirements.txt:2:5: a requirement takes >=1.10, core/päth, 100%/requirements.txt:1 pins ==1.18.2 PD004
  → pin 1.18.2 here, too

not looked at: the image (not built yet: parity build)

1 error, 1 warning; 3 declaring files read, 1 ignored by parity.yaml
next: parity doctor --fix   rewrites 1 pin`);
  });

  it('as text when nothing drifts', () => {
    const audit = auditOf({ files: { 'requirements.txt': 'black==25.9.0\n' }, lock: lockOf({ black: '25.9.0' }) });
    const report = makeReport({ audits: [audit], rules, ignored: new Map(), files: 1, skipped: [] });
    expect(doctorText(report)).toBe('nothing drifts; 1 declaring file read');
  });

  it('as one JSON object', () => {
    const { findings, summary, ...rest } = JSON.parse(JSON.stringify(doctorJson(reportOf()))) as Record<
      string,
      unknown
    >;
    expect({ summary, schemaVersion: rest['schemaVersion'], type: rest['type'] }).toEqual({
      type: 'doctor',
      schemaVersion: 1,
      summary: { errors: 1, warnings: 1, notes: 0, ignored: 1, fixable: 1, files: 3 },
    });
    expect(findings).toEqual([
      {
        rule: 'PD001',
        severity: 'error',
        confidence: 'high',
        subject: 'pypi:black',
        project: '.',
        message: 'rev of psf/black pins 24.1.0, the lock has 25.9.0',
        declared: '24.1.0',
        locked: '25.9.0',
        observed: null,
        location: {
          file: '.pre-commit-config.yaml',
          line: 3,
          column: 10,
          endLine: 3,
          endColumn: 16,
          message: 'rev of psf/black',
        },
        related: [],
        hint: 'parity doctor --fix   makes it 25.9.0; the other way round: change parity.yaml, then parity lock',
        fixable: true,
      },
      {
        rule: 'PD004',
        severity: 'warning',
        confidence: 'high',
        subject: 'pypi:mypy',
        project: '.',
        message: 'a requirement takes >=1.10, core/päth, 100%/requirements.txt:1 pins ==1.18.2',
        declared: '>=1.10',
        locked: '1.18.2',
        observed: null,
        location: {
          file: 'core/requirements.txt',
          line: 2,
          column: 5,
          endLine: 2,
          endColumn: 11,
          message: 'a requirement',
        },
        related: [
          {
            file: 'core/päth, 100%/requirements.txt',
            line: 1,
            column: 5,
            endLine: 1,
            endColumn: 13,
            message: 'a requirement',
          },
        ],
        hint: 'pin 1.18.2 here, too',
        fixable: false,
      },
    ]);
  });

  it('as SARIF that the OASIS schema of 2.1.0 accepts', () => {
    const schema = fileURLToPath(new URL('../../../test/fixtures/sarif/sarif-schema-2.1.0.json', import.meta.url));
    const ajv = new Ajv({ strict: false, unicodeRegExp: false });
    formats.default(ajv);
    const accepts = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')) as object);
    const sarif = JSON.parse(doctorSarif(reportOf())) as { runs: { results: unknown[] }[] };
    expect(accepts(sarif), JSON.stringify(accepts.errors)).toBe(true);
    expect(accepts({ ...sarif, version: '2.0' })).toBe(false);
    expect(sarif.runs[0]?.results[1]).toEqual({
      ruleId: 'PD004',
      ruleIndex: 3,
      level: 'warning',
      message: {
        text: 'a requirement takes >=1.10, core/päth, 100%/requirements.txt:1 pins ==1.18.2. pin 1.18.2 here, too',
      },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'core/requirements.txt', uriBaseId: 'SRCROOT' },
            region: { startLine: 2, startColumn: 5, endLine: 2, endColumn: 11 },
          },
        },
      ],
      relatedLocations: [
        {
          id: 0,
          physicalLocation: {
            artifactLocation: { uri: 'core/p%C3%A4th%2C%20100%25/requirements.txt', uriBaseId: 'SRCROOT' },
            region: { startLine: 1, startColumn: 5, endLine: 1, endColumn: 13 },
          },
          message: { text: 'a requirement' },
        },
      ],
      partialFingerprints: { 'parityFinding/v1': 'PD004|pypi:mypy|core/requirements.txt|>=1.10' },
      properties: { subject: 'pypi:mypy', confidence: 'high' },
    });
  });

  it('as GitHub annotations, escaped as the runner reads them', () => {
    expect(doctorAnnotations(reportOf())).toBe(
      [
        '::error title=parity doctor PD001,file=.pre-commit-config.yaml,line=3,endLine=3,col=10,endColumn=16::rev of psf/black pins 24.1.0, the lock has 25.9.0%0Aparity doctor --fix   makes it 25.9.0; the other way round: change parity.yaml, then parity lock',
        '::warning title=parity doctor PD004,file=core/requirements.txt,line=2,endLine=2,col=5,endColumn=11::a requirement takes >=1.10, core/päth, 100%25/requirements.txt:1 pins ==1.18.2%0Apin 1.18.2 here, too',
      ].join('\n'),
    );
  });
});
