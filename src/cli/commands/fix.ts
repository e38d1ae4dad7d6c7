import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { hasFailed, fixReport, type FixedFile, type FixReport, type Proposal } from '../../fix/fix-proposal.ts';
import { shellWord } from '../../core/shell-word.ts';
import { askYesNo, canAsk } from '../ask.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { proposeFixes, type FixRequest } from '../../app/fix/propose-fixes.ts';

/** What `parity fix` was asked. */
export interface FixOptions extends FixRequest {
  /** Only show what would change. */
  readonly check: boolean;
  /** Write without asking. */
  readonly yes: boolean;
  /** Write also files that are staged and changed again since, or in conflict. */
  readonly inProgress: boolean;
}

/**
 * `parity fix`: the steps' fix commands, run on a draft of the workspace, so that the diff is there before anything is written. Exit code
 * 0 when there was nothing to fix or all of it is written, 1 when something is left or a command failed.
 */
export async function fix(context: CommandContext, options: FixOptions): Promise<Result<number>> {
  if (options.check && options.yes)
    return err(
      failure('usage', '--check and --yes do not go together', { next: 'parity fix --check, then parity fix --yes' }),
    );
  const proposal = await proposeFixes(context, options);
  if (!proposal.ok) return proposal;
  const command = ['parity fix', ...options.steps.map(shellWord)].join(' ');
  const before = fixReport(proposal.value, proposal.value.files.length === 0 ? 'clean' : 'proposed');
  await show(context, before);
  const chosen = await choose(context, options, proposal.value);
  if (context.signal.aborted) return err(context.signal.reason as Failure);
  const report = chosen.size === 0 ? ok(before) : await write(proposal.value, chosen);
  if (!report.ok) return report;
  await conclude(context, report.value, command);
  const { outcome, files, steps } = report.value;
  const isDone = outcome === 'clean' || files.every(({ fate }) => fate === 'written');
  return ok(isDone && !steps.some(hasFailed) ? exitCodes.yes : exitCodes.no);
}

/** The paths to write: all that may be with --yes, else what the person at the terminal says; none without one. */
async function choose(
  context: CommandContext,
  { check, yes, inProgress }: FixOptions,
  { files }: Proposal,
): Promise<ReadonlySet<string>> {
  const paths = (of: Proposal['files']): readonly string[] => of.map(({ change }) => change.path);
  const fresh = files.filter(({ isStale }) => !isStale);
  const free = fresh.filter(({ hold }) => hold === undefined || inProgress);
  const held = fresh.filter(({ hold }) => hold !== undefined && !inProgress);
  if (check) return new Set();
  if (yes) return new Set(paths(free));
  if (!canAsk(context)) return new Set();
  const chosen: string[] = [];
  if (free.length > 0 && (await askYesNo(context, `write ${counted(free.length)}?`))) chosen.push(...paths(free));
  if (held.length > 0 && !context.signal.aborted) {
    const question = `write also ${paths(held).join(', ')}, staged and changed again since, or in conflict?`;
    if (await askYesNo(context, question)) chosen.push(...paths(held));
  }
  return new Set(chosen);
}

async function write(proposal: Proposal, chosen: ReadonlySet<string>): Promise<Result<FixReport>> {
  const { writeFiles } = await import('../../fix/write-files.ts');
  const written = await writeFiles(
    proposal.hostRoot,
    proposal.files.flatMap(({ change }) => (chosen.has(change.path) ? [change] : [])),
  );
  if (!written.ok) return written;
  const fates = new Map<string, Pick<FixedFile, 'fate' | 'why'>>(written.value);
  for (const { change, hold, isStale } of proposal.files)
    if (!fates.has(change.path))
      fates.set(change.path, { fate: 'left', why: isStale ? 'changed-since' : (hold ?? null) });
  return ok(fixReport(proposal, 'written', fates));
}

async function show(context: CommandContext, report: FixReport): Promise<void> {
  if (context.terminal.json) return;
  const [{ fixText }, { createPaint }] = await Promise.all([
    import('../../report/fix/text.ts'),
    import('../../report/paint.ts'),
  ]);
  const { verbose, quiet } = context.terminal;
  context.terminal.print(`${fixText(report, { paint: createPaint(context.terminal.color), verbose, quiet })}\n\n`);
}

async function conclude(context: CommandContext, report: FixReport, command: string): Promise<void> {
  if (context.terminal.json) {
    const { fixJson } = await import('../../report/fix/json.ts');
    context.terminal.print(JSON.stringify(fixJson(report)));
    return;
  }
  const [{ fixSummary }, { createPaint }] = await Promise.all([
    import('../../report/fix/text.ts'),
    import('../../report/paint.ts'),
  ]);
  context.terminal.print(fixSummary(report, { paint: createPaint(context.terminal.color), command }));
}

function counted(files: number): string {
  return files === 1 ? '1 file' : `${files} files`;
}
