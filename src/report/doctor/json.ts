import type { Finding, Location } from '../../doctor/finding.ts';
import type { DoctorReport } from '../../doctor/report.ts';

/** Raised when a field changes its meaning or goes; new fields do not raise it. */
const schemaVersion = 1;

/** The report as one JSON object: `schemaVersion`, `summary`, `findings` and all `declarations`. */
export function doctorJson(report: DoctorReport): string {
  const { counts, findings, declarations, skipped, held } = report;
  return JSON.stringify({
    type: 'doctor',
    schemaVersion,
    summary: {
      errors: counts.error,
      warnings: counts.warning,
      notes: counts.note,
      ignored: counts.ignored,
      fixable: counts.fixable,
      files: counts.files,
    },
    held: [...held].flatMap(([project, subjects]) =>
      [...subjects].map(([subject, { version, from, place }]) => ({
        project,
        subject,
        version,
        from,
        ...(place === undefined ? {} : { location: locationJson({ ...place, note: place.how }) }),
      })),
    ),
    findings: findings.map(findingJson),
    declarations: declarations.map(({ path, span, said, subject, role, scheme, value, undecided, how, condition }) => ({
      subject,
      role,
      scheme,
      value: value ?? null,
      ...(undecided === undefined ? {} : { undecided }),
      said,
      how,
      ...(condition === undefined ? {} : { condition }),
      location: { file: path, ...span },
    })),
    skipped,
  });
}

function findingJson(finding: Finding): Record<string, unknown> {
  const { rule, severity, confidence, topic, project, message, declared, locked, observed, location, related, hint } =
    finding;
  return {
    rule,
    severity,
    confidence,
    subject: topic,
    project,
    message,
    declared: declared ?? null,
    locked: locked ?? null,
    observed: observed ?? null,
    location: location === undefined ? null : locationJson(location),
    related: related.map(locationJson),
    hint,
    fixable: finding.fix !== undefined,
  };
}

function locationJson({ path, span, note }: Pick<Location, 'path' | 'span' | 'note'>): Record<string, unknown> {
  const { line, column, endLine, endColumn } = span;
  return { file: path, line, column, endLine, endColumn, message: note };
}
