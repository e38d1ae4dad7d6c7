import type { Severity } from '../../core/diagnostic.ts';
import type { Finding, Location, Skipped } from '../../doctor/finding.ts';
import type { Baseline } from '../../doctor/baseline.ts';
import type { Declaration, LocatedDeclaration } from '../../doctor/declaration.ts';
import type { DoctorReport } from '../../doctor/doctor-report.ts';

/** Raised when a field changes its meaning or goes; new fields do not raise it. */
const schemaVersion = 1;

/** The report as scripts get it: one JSON object of `parity doctor --reporter json`, and what the API's `doctor` gives. */
export interface DoctorJson {
  readonly type: 'doctor';
  readonly schemaVersion: typeof schemaVersion;
  readonly summary: {
    readonly errors: number;
    readonly warnings: number;
    readonly notes: number;
    readonly ignored: number;
    readonly fixable: number;
    readonly files: number;
  };
  /** Each project's baselines: the versions that its declarations are compared with. */
  readonly held: readonly {
    readonly project: string;
    readonly subject: string;
    readonly version: string;
    readonly from: Baseline['from'];
    readonly location?: LocationJson;
  }[];
  readonly findings: readonly FindingJson[];
  /** Every declared version that was read. */
  readonly declarations: readonly DeclarationJson[];
  readonly skipped: readonly Skipped[];
}

/** One declared version. Its field names are published: they do not follow the names in the code. */
export interface DeclarationJson extends Pick<Declaration, 'subject' | 'role' | 'scheme' | 'how' | 'condition'> {
  /** In the scheme's language; null when reading the file does not resolve it. */
  readonly value: string | null;
  /** Why there is no value. */
  readonly undecided?: string;
  /** The characters at `location`. */
  readonly said: string;
  readonly location: Omit<LocationJson, 'message'>;
}

/** One finding. */
export interface FindingJson {
  readonly rule: string;
  readonly severity: Severity;
  readonly confidence: Finding['confidence'];
  readonly subject: string;
  /** The project's folder relative to the repository's top. */
  readonly project: string;
  readonly message: string;
  readonly declared: string | null;
  readonly locked: string | null;
  readonly observed: string | null;
  readonly location: LocationJson | null;
  readonly related: readonly LocationJson[];
  readonly hint: string;
  readonly fixable: boolean;
}

/** A place in the repository: the file relative to its top, lines and columns 1-based, the end exclusive. */
export interface LocationJson {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly message: string;
}

/** The report in its published form: `schemaVersion`, `summary`, `findings` and all `declarations`. */
export function doctorJson(report: DoctorReport): DoctorJson {
  const { counts, findings, declarations, skipped, baselines } = report;
  return {
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
    held: [...baselines].flatMap(([project, subjects]) =>
      [...subjects].map(([subject, { version, from, place }]) => ({
        project,
        subject,
        version,
        from,
        ...(place === undefined ? {} : { location: locationJson({ ...place, note: place.how }) }),
      })),
    ),
    findings: findings.map(findingJson),
    declarations: declarations.map(declarationJson),
    skipped,
  };
}

function declarationJson(declaration: LocatedDeclaration): DeclarationJson {
  const { path, span, raw: said, subject, role, scheme, value, unresolved: undecided, how, condition } = declaration;
  return {
    subject,
    role,
    scheme,
    value: value ?? null,
    ...(undecided === undefined ? {} : { undecided }),
    said,
    how,
    ...(condition === undefined ? {} : { condition }),
    location: { file: path, ...span },
  };
}

function findingJson(finding: Finding): FindingJson {
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

function locationJson({ path, span, note }: Pick<Location, 'path' | 'span' | 'note'>): LocationJson {
  const { line, column, endLine, endColumn } = span;
  return { file: path, line, column, endLine, endColumn, message: note };
}
