import type { ToolDiagnostic } from '../../core/tool-diagnostic.ts';
import { parityDriver, sarifLocation, sarifLog, type SarifRun } from '../sarif.ts';
import type { RunReport } from './run-report.ts';

// Tools whose words parity reads. One that ran and found nothing has a run without results: code scanning closes what it knew.
const knownTools = ['black', 'eslint', 'flake8', 'mypy', 'pylint', 'pytest', 'ruff', 'tsc', 'vite'];

/**
 * What tools said in a run as SARIF 2.1.0, as GitHub's code scanning takes it: a run for each tool, rules by `tool/code`, only what has a
 * place in the repository.
 */
export function sarifReport({ steps }: RunReport): string {
  const diagnostics = steps.flatMap(({ finished }) => finished?.diagnostics ?? []).filter(({ file }) => file !== null);
  const ran = steps.filter(({ startedMs }) => startedMs !== null).map(({ planned }) => planned.run);
  const silent = knownTools.filter((tool) =>
    ran.some((run) => new RegExp(`(?:^|[\\s/])${tool}(?:\\s|$)`, 'm').test(run)),
  );
  const tools = [...new Set([...diagnostics.map(({ tool }) => tool), ...silent])].toSorted();
  const runs = tools.map((tool) =>
    runOf(
      tool,
      diagnostics.filter((one) => one.tool === tool),
    ),
  );
  // A log without a run is refused.
  return sarifLog(runs.length > 0 ? runs : [{ driver: { ...parityDriver('parity'), rules: [] }, results: [] }]);
}

function runOf(tool: string, diagnostics: readonly ToolDiagnostic[]): SarifRun {
  const ids = [...new Set(diagnostics.map(ruleId))].toSorted();
  const seen = new Map<string, number>();
  return {
    driver: { name: tool, rules: ids.map((id) => ({ id, shortDescription: { text: id } })) },
    category: `parity/${tool}`,
    results: diagnostics.map((one) => {
      // Stays the same when lines move; the second of the same words in a file is another.
      const about = [ruleId(one), one.file, one.test ?? one.message].join('|');
      const before = seen.get(about) ?? 0;
      seen.set(about, before + 1);
      return {
        ruleId: ruleId(one),
        ruleIndex: ids.indexOf(ruleId(one)),
        level: one.severity,
        message: { text: one.test === undefined ? one.message : `${one.test}\n${one.message}` },
        locations: one.file === null ? [] : [sarifLocation(one.file, regionOf(one))],
        partialFingerprints: { 'parityDiagnostic/v1': before === 0 ? about : `${about}|${before}` },
      };
    }),
  };
}

function ruleId({ tool, code }: ToolDiagnostic): string {
  return code === null ? tool : `${tool}/${code}`;
}

function regionOf({ line, column }: ToolDiagnostic): { startLine: number; startColumn?: number } {
  return { startLine: line ?? 1, ...(column === null ? {} : { startColumn: column }) };
}
