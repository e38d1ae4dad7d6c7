import type { DoctorReport } from '../../doctor/doctor-report.ts';
import type { Finding, Location } from '../../doctor/finding.ts';
import { parityDriver, sarifLocation, sarifLog } from '../sarif.ts';

/**
 * The report as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/os), as GitHub's code scanning takes it: files relative to the
 * repository's top (`SRCROOT`), columns in UTF-16 units. Findings without a place in the repository (host, engine) name no file.
 */
export function doctorSarif(report: DoctorReport): string {
  const { rules, findings } = report;
  const driver = {
    ...parityDriver('parity doctor'),
    rules: rules.map(({ id, name, severity, sentence }) => ({
      id,
      name: pascal(name),
      shortDescription: { text: sentence },
      defaultConfiguration: { level: severity },
    })),
  };
  const results = findings.map((finding) =>
    resultOf(
      finding,
      rules.findIndex(({ id }) => id === finding.rule),
    ),
  );
  return sarifLog([{ driver, results }]);
}

function resultOf(finding: Finding, ruleIndex: number): Record<string, unknown> {
  const { rule, severity, message, hint, location, related, topic, confidence } = finding;
  return {
    ruleId: rule,
    ruleIndex,
    level: severity,
    message: { text: `${message}. ${hint}` },
    locations: location === undefined ? [] : [locationOf(location)],
    ...(related.length === 0
      ? {}
      : { relatedLocations: related.map((each, id) => ({ id, ...locationOf(each), message: { text: each.note } })) }),
    // What it is about and what was said there: stays the same when lines move.
    partialFingerprints: { 'parityFinding/v1': [rule, topic, location?.path ?? '', location?.raw ?? ''].join('|') },
    properties: { subject: topic, confidence },
  };
}

function locationOf({ path, span }: Location): Readonly<Record<string, unknown>> {
  return sarifLocation(path, {
    startLine: span.line,
    startColumn: span.column,
    endLine: span.endLine,
    endColumn: span.endColumn,
  });
}

function pascal(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
