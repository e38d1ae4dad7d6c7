import { terminalEscapes } from '../../core/terminal-escapes.ts';
import { hasFailed, type FixedFile, type FixReport, type StepFix } from '../../fix/fix-proposal.ts';
import { createPaint, type Paint } from '../paint.ts';
import { count } from '../words.ts';

/** How to tell it. */
export interface FixTextOptions {
  readonly paint?: Paint;
  /** Whole diffs, and all that commands printed. */
  readonly verbose?: boolean;
  /** No diffs. */
  readonly quiet?: boolean;
}

// A diff that is longer is not read in a terminal; what is left out is counted.
const mostDiffLines = 200;
const mostOutputLines = 10;

/** What fix commands did, by step, then the diffs; nothing is said of what is done with them. */
export function fixText(report: FixReport, options: FixTextOptions = {}): string {
  const { paint = createPaint(false), verbose = false, quiet = false } = options;
  const files = new Map(report.files.map((file) => [file.path, file]));
  const blocks = report.steps.map((step) => stepBlock(step, files, paint, verbose).join('\n'));
  const refused = report.refused.map(({ path, why }) => `${paint.yellow('not taken:')} ${shown(path)}: ${why}`);
  if (refused.length > 0) blocks.push(refused.join('\n'));
  if (!quiet && report.files.length > 0) blocks.push(diffLines(report.files, paint, verbose).join('\n'));
  return blocks.join('\n\n');
}

function stepBlock(
  { step, command, exitCode, signal, output, changed, needs }: StepFix,
  files: ReadonlyMap<string, FixedFile>,
  paint: Paint,
  verbose: boolean,
): readonly string[] {
  const how = exitCode === null ? `ended by ${signal ?? 'a signal'}` : `exit code ${exitCode}`;
  const isFailed = exitCode !== 0;
  const [first = '', ...more] = command.trim().split('\n');
  const head = `${paint.bold(step)}: ${first}${more.length > 0 ? ' …' : ''}`;
  const printed = output.trimEnd() === '' ? [] : output.trimEnd().split('\n');
  const shownLines = isFailed || verbose ? (verbose ? printed : printed.slice(-mostOutputLines)) : [];
  const width = Math.max(0, ...changed.map((path) => shown(path).length));
  return [
    isFailed ? `${head}   ${paint.red(how)}` : head,
    ...shownLines.map((line) => `  ${paint.dim('|')} ${plain(line)}`),
    ...(isFailed && needs.length > 0 ? [`  it needs ${needs.join(', ')}: parity up ${needs.join(' ')}`] : []),
    ...(changed.length === 0 ? ['  changed nothing'] : []),
    ...changed.map((path) => fileLine(path, files.get(path), width, paint)),
  ];
}

function fileLine(path: string, file: FixedFile | undefined, width: number, paint: Paint): string {
  const name = shown(path).padEnd(width);
  if (file === undefined) return `  unchanged  ${name}  as it was, after all steps`.trimEnd();
  const { added, removed } = file.diff;
  const counts =
    file.diff.text === null ? '' : `${paint.green(`+${String(added)}`)} ${paint.red(`-${String(removed)}`)}`;
  const parts = [counts, ...remarks(file)].filter((part) => part !== '');
  return `  ${file.change.padEnd(9)}  ${name}  ${parts.join('  ')}`.trimEnd();
}

function remarks({ diff, why, modes }: FixedFile): readonly string[] {
  const { before, after } = modes;
  return [
    ...(diff.remark === 'binary' ? ['binary'] : []),
    ...(diff.remark === 'too-large' ? ['too much to show'] : []),
    ...(diff.remark === 'line-endings' ? ['line endings alone'] : []),
    ...(before !== null && after !== null && before !== after ? [`mode ${before} → ${after}`] : []),
    ...(why === null ? [] : [`(${describeHold(why)})`]),
  ];
}

/** Why a file is left as it is, in words. */
export function describeHold(why: NonNullable<FixedFile['why']>): string {
  if (why === 'partly-staged') return 'staged, and changed again since';
  if (why === 'in-conflict') return 'in conflict';
  return why === 'changed-since' ? 'changed here meanwhile' : why;
}

function diffLines(files: readonly FixedFile[], paint: Paint, verbose: boolean): readonly string[] {
  const lines = files.flatMap(({ diff }) => (diff.text ?? '').split('\n').slice(0, -1));
  const kept = verbose ? lines : lines.slice(0, mostDiffLines);
  const left = lines.length - kept.length;
  return [
    ...kept.map((line) => paintedLine(plain(line), paint)),
    ...(left === 0 ? [] : [paint.dim(`… ${count(left, 'more line')}: parity fix --check --verbose`)]),
  ];
}

function paintedLine(line: string, paint: Paint): string {
  if (/^(?:diff --git |--- |\+\+\+ |new |old |deleted )/.test(line)) return paint.bold(line);
  if (line.startsWith('@@')) return paint.cyan(line);
  if (line.startsWith('+')) return paint.green(line);
  return line.startsWith('-') ? paint.red(line) : line;
}

/** A line of a file's as text that does nothing to a terminal. */
function plain(line: string): string {
  return (
    line
      .replace(/\r+$/, '')
      .replace(terminalEscapes, '')
      // oxlint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0008\u000B-\u001F\u007F]/g, '')
  );
}

function shown(path: string): string {
  return plain(path).replaceAll('\t', ' ');
}

/** The summary in one line, and what to type next where there is something to do. */
export function fixSummary(report: FixReport, options: { readonly paint?: Paint; readonly command: string }): string {
  const { paint = createPaint(false), command } = options;
  const { outcome, files, steps, withoutFix } = report;
  const failed = steps.filter(hasFailed).map(({ step }) => step);
  const left = files.filter(({ fate }) => fate === 'left');
  const written = files.filter(({ fate }) => fate === 'written').length;
  const result =
    outcome === 'clean'
      ? paint.green(failed.length === 0 ? 'nothing to fix' : 'nothing would change')
      : outcome === 'proposed'
        ? paint.yellow(`${count(files.length, 'file')} would change; nothing is written`)
        : (left.length === 0 ? paint.green : paint.yellow)(`${count(written, 'file')} written`);
  const open = files.filter(({ fate }) => fate !== 'written');
  const isHeld = ({ why }: FixedFile): boolean => why === 'partly-staged' || why === 'in-conflict';
  const next = [
    ...(outcome === 'proposed' && open.some(({ why }) => why === null) ? [`${command} --yes`] : []),
    ...(open.some(isHeld) ? [`${command} --yes --in-progress   (with files that you are in the middle of)`] : []),
    ...(open.some((file) => file.why === 'changed-since') ? [`${command}   (on the files as they are now)`] : []),
  ];
  return [
    `${result}${failed.length === 0 ? '' : `; ${paint.red(`${failed.join(', ')} failed`)}`}`,
    ...left.map(({ path, why }) => `left as it is: ${shown(path)}${why === null ? '' : ` (${describeHold(why)})`}`),
    ...(withoutFix.length === 0 ? [] : [paint.dim(`no fix command: ${withoutFix.join(', ')}`)]),
    ...next.map((line, index) => `${index === 0 ? 'next: ' : '      '}${line}`),
  ].join('\n');
}
