import type { DoctorReport } from '../../doctor/doctor-report.ts';
import { annotation } from '../github/workflow-commands.ts';

/** The findings as GitHub's workflow commands, a line each: annotations at their places. Empty when there are none. */
export function doctorAnnotations({ findings }: DoctorReport): string {
  return findings
    .map(({ severity, rule, message, hint, location }) => {
      const { path, span } = location ?? {};
      return annotation(severity === 'note' ? 'notice' : severity, `${message}\n${hint}`, {
        title: `parity doctor ${rule}`,
        ...(path === undefined ? {} : { file: path }),
        ...(span === undefined
          ? {}
          : { line: span.line, endLine: span.endLine, col: span.column, endColumn: span.endColumn }),
      });
    })
    .join('\n');
}
