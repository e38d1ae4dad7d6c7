import type { RawDiagnostic, ToolOutput } from '../raw-diagnostic.ts';

// pytest-cov: FAIL Required test coverage of 99% not reached. Total coverage: 10.43%
const ofPytest = /^(?:FAIL |ERROR: )(Required test coverage of .+|Coverage failure: total of .+)$/;
// coverage report --fail-under=99: Coverage failure: total of 43 is less than fail-under=99
const failUnder = /^Coverage failure: (total of .+)$/;
// Coverage.py's own words for a report on nothing, or on a source that is gone.
const nothing = /^(No data to report\.|No data to combine|No source for code: '.+'\.?|Couldn't use data file .+)$/;

/**
 * Coverage that is below its threshold, by pytest-cov or coverage's own report. Read in all lines: pytest-cov says it inside of the
 * tests' output, the report after it.
 */
export function parseCoverage({ lines, words }: ToolOutput): readonly RawDiagnostic[] {
  const diagnostics = lines.flatMap((text, at): readonly RawDiagnostic[] => {
    const one = (tool: string, message: string): readonly RawDiagnostic[] => [
      { tool, code: null, severity: 'error', message, places: [], at },
    ];
    const plugin = ofPytest.exec(text)?.[1];
    if (plugin !== undefined) return one('pytest-cov', plugin);
    const report = failUnder.test(text) ? text : words.has('coverage') ? nothing.exec(text)?.[1] : undefined;
    return report === undefined ? [] : one('coverage', report);
  });
  // pytest-cov says it twice.
  const isRequired = ({ message }: RawDiagnostic): boolean => message.startsWith('Required test coverage');
  return diagnostics.some(isRequired)
    ? diagnostics.filter((one) => one.tool !== 'pytest-cov' || isRequired(one))
    : diagnostics;
}
