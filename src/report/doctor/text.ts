import type { Finding, Topic } from '../../doctor/finding.ts';
import { groupBy } from '../../doctor/group-by.ts';
import type { Baseline } from '../../doctor/baseline.ts';
import type { DoctorReport } from '../../doctor/doctor-report.ts';
import { createPaint, type Paint } from '../paint.ts';
import { count } from '../words.ts';

/**
 * The report for people: by subject, each with what it is held against and then every place that differs, a summary in one line and the
 * next command. With `quiet` notes and what was not looked at are left out.
 */
export function doctorText(
  report: DoctorReport,
  { paint = createPaint(false), quiet = false }: { readonly paint?: Paint; readonly quiet?: boolean } = {},
): string {
  const shown = quiet ? report.findings.filter(({ severity }) => severity !== 'note') : report.findings;
  const projects = groupBy(shown, ({ project }) => project);
  const blocks = [...projects].flatMap(([project, findings]) => [
    ...(report.baselines.size > 1 ? [paint.dim(`── ${project}`)] : []),
    ...[...groupBy(findings, ({ topic }) => topic)].map(([topic, of]) => topicBlock(report, topic, of, paint)),
  ]);
  const skipped = quiet
    ? []
    : report.skipped.map(({ what, reason }) => paint.dim(`not looked at: ${what} (${reason})`));
  return [...blocks, ...(skipped.length === 0 ? [] : [skipped.join('\n')]), summary(report, paint)].join('\n\n');
}

function topicBlock(report: DoctorReport, topic: Topic, findings: readonly Finding[], paint: Paint): string {
  const [first] = findings;
  const baseline = first === undefined ? undefined : report.baselines.get(first.project)?.get(topic as never);
  const isVersion = !/^(?:image|engine|host|file|command:.*)$/.test(topic);
  const locked = isVersion ? findings.find((finding) => finding.locked !== undefined)?.locked : undefined;
  const baselineLabel =
    baseline !== undefined ? baselineText(baseline) : locked === undefined ? '' : `locked ${locked}`;
  const lines = findings.map((finding) => findingLine(finding, paint));
  const hints = [...new Set(findings.filter(({ severity }) => severity !== 'note').map(({ hint }) => hint))];
  return [
    `${paint.bold(topicWord(topic))}${baselineLabel === '' ? '' : `  ${paint.dim(baselineLabel)}`}`,
    ...lines,
    ...hints.map((hint) => `  ${paint.dim(`→ ${hint}`)}`),
  ].join('\n');
}

function findingLine({ severity, location, message, rule }: Finding, paint: Paint): string {
  const color = severity === 'error' ? paint.red : severity === 'warning' ? paint.yellow : paint.cyan;
  const place = location === undefined ? '' : `${location.path}:${location.span.line}:${location.span.column}: `;
  return `  ${color(severity.padEnd('warning'.length))}  ${place}${message} ${paint.dim(rule)}`;
}

/** `black`, `python`, `typescript (npm)`, `black's command line`. */
function topicWord(topic: Topic): string {
  const [, kind = '', name = topic] = /^(pypi|npm|image|command):(.+)$/.exec(topic) ?? [];
  if (kind === 'npm') return name === 'npm' ? name : `${name} (npm)`;
  if (kind === 'image') return `${name} (image)`;
  if (kind === 'command') return `${name} (command)`;
  return topic === 'file' ? 'files' : name;
}

function baselineText({ from, version, place }: Baseline): string {
  switch (from) {
    case 'lock':
      return `locked ${version}`;
    case 'pins':
      return `held to ${version} by ${place?.path}:${place?.span.line} (no lock has it)`;
    case 'reference':
      return `held to ${version}, parity's reference lock (no lock, and no pin here)`;
    default:
      return from satisfies never;
  }
}

function summary({ counts, findings }: DoctorReport, paint: Paint): string {
  const parts = (['error', 'warning', 'note'] as const)
    .filter((severity) => counts[severity] > 0)
    .map((severity) => count(counts[severity], severity));
  const color = counts.error > 0 ? paint.red : counts.warning > 0 ? paint.yellow : paint.green;
  const drift = parts.length === 0 ? 'nothing drifts' : parts.join(', ');
  const ignored = counts.ignored === 0 ? '' : `, ${counts.ignored} ignored by parity.yaml`;
  const read = `${count(counts.files, 'declaring file')} read${ignored}`;
  const next =
    counts.fixable > 0
      ? `parity doctor --fix   rewrites ${count(counts.fixable, 'pin')}`
      : findings.length > 0
        ? 'parity doctor --list-rules   says what each rule finds'
        : '';
  return `${color(drift)}; ${read}${next === '' ? '' : `\nnext: ${next}`}`;
}
