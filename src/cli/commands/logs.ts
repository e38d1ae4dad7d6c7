import { findProject } from '../../config/project.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { readHistory } from '../../records/run-history.ts';
import type { RunStep } from '../../records/history-entry.ts';
import { projectKey } from '../../records/project-key.ts';
import { readRunLogs, type StoredLog } from '../../records/run-logs.ts';
import { localTime, describeRun } from '../../report/history-text.ts';
import { createPaint, type Paint } from '../../report/paint.ts';
import { cleanLine, linesOfFile } from '../../report/step-log.ts';
import { duration } from '../../report/words.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { findRun, lastPrinted, type RunEntry } from '../../app/history/find-run.ts';

// So many lines are put together before they are printed: one write for each would take minutes for a large log.
const linesAtOnce = 1000;

/**
 * `parity logs [run] [step]`: what the steps of a run printed, of the last one by default. Exit code 0; Err `usage` for a run or step that there
 * is not, `io` when the logs are gone.
 */
export async function logs(context: CommandContext, words: readonly string[]): Promise<Result<number>> {
  const project = await findProject(context.cwd);
  if (!project.ok) return project;
  const runs = readHistory(projectKey(project.value.dir), { machine: false }).flatMap((entry) =>
    entry.type === 'run' ? [entry] : [],
  );
  const found = findRun(runs, words);
  if (!found.ok) return found;
  const { run, step: only } = found.value;
  const telling: Telling = { context, paint: createPaint(context.terminal.color), runs, run };
  const steps = only === undefined ? run.steps : run.steps.filter(({ name }) => name === only);
  if (run.logs !== null && readRunLogs(run.logs) === undefined && steps.some(({ log }) => log !== null))
    return err(
      failure('io', `the logs of run ${run.id} are gone: those of the last hundred runs are kept, for thirty days`, {
        next: run.receipt === null ? 'parity up' : 'parity up (what the run came to: parity history)',
      }),
    );
  if (!context.terminal.json && only === undefined) {
    const { id, at, command, outcome, durationMs } = run;
    context.terminal.print(
      `run ${id}  ${localTime(at)}  parity ${command === 'watch' ? 'up --watch' : command}: ${outcome} in ${duration(durationMs)}, ${describeRun(run)}`,
    );
  }
  for (const step of steps) tellStep(telling, step, only !== undefined);
  return ok(exitCodes.yes);
}

interface Telling {
  readonly context: CommandContext;
  readonly paint: Paint;
  readonly runs: readonly RunEntry[];
  readonly run: RunEntry;
}

function tellStep({ context, paint, runs, run }: Telling, step: RunStep, alone: boolean): void {
  const earlier = step.outcome === 'cached' ? lastPrinted(runs, run, step.name) : undefined;
  // Of a cached step alone, what it printed when it passed.
  const of = earlier !== undefined && alone ? earlier : run;
  const log = logOf(of, step.name);
  if (context.terminal.json) {
    const text = log === undefined ? '' : [...linesOfFile(log.path)].join('\n');
    const { name, outcome, exitCode } = step;
    context.terminal.print(
      JSON.stringify({ type: 'step-log', run: of.id, step: name, outcome, exitCode, path: log?.path ?? null, text }),
    );
    return;
  }
  if (alone && of !== run)
    context.events.emit({
      type: 'note',
      severity: 'note',
      message: `${step.name} was cached; it printed this in run ${of.id}`,
    });
  if (!alone) {
    const time = step.durationMs === 0 ? '' : ` (${duration(step.durationMs)})`;
    const title = `--- ${step.name}: ${step.outcome}${time}`;
    const hint = earlier === undefined ? '' : `   parity logs ${earlier.id} ${step.name}`;
    context.terminal.print(`${step.outcome === 'failed' ? paint.red(title) : paint.bold(title)}${paint.dim(hint)}`);
  }
  if (log !== undefined) printLines(context, log);
  else if (alone) context.events.emit({ type: 'note', severity: 'note', message: nothing(of, step) });
}

function nothing(run: RunEntry, { name, outcome }: RunStep): string {
  return outcome === 'skipped' ? `${name} did not run in run ${run.id}` : `${name} printed nothing in run ${run.id}`;
}

function logOf(run: RunEntry, step: string): StoredLog | undefined {
  return run.logs === null ? undefined : readRunLogs(run.logs)?.find((log) => log.step === step);
}

function printLines({ terminal: { print, color } }: CommandContext, { path }: StoredLog): void {
  let lines: string[] = [];
  for (const line of linesOfFile(path)) {
    lines.push(cleanLine(line, color));
    if (lines.length < linesAtOnce) continue;
    print(lines.join('\n'));
    lines = [];
  }
  if (lines.length > 0) print(lines.join('\n'));
}
