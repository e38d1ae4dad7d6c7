import { resolve } from 'node:path';
import { cacheOfOthers } from '../core/cache-owner.ts';
import { failure, type Failure } from '../core/failure.ts';
import { interruption, onAbort } from '../core/interruption.ts';
import { err, ok, type Result } from '../core/result.ts';
import { EventHub } from '../app/event-hub.ts';
import type { GitPrefetch } from '../workspace/git-prefetch.ts';
import { runLogsFolder, runLogsName } from '../records/run-logs.ts';
import { createMasker, maskReporter } from '../report/mask.ts';
import type { Reporter, ReportOutput } from '../report/reporter.ts';
import { autoReporter, reporterEntry, type ReporterName, type ReporterSetting } from '../report/reporters.ts';
import type { CommandContext } from './context.ts';
import { exitCodeOf } from './exit.ts';
import type { GlobalOptions } from './options.ts';

/** The process as commands see it; main.ts gives the real one. */
export interface ProcessEdge {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Aborted by Ctrl-C or SIGTERM with an `interrupted` failure as its reason. */
  readonly signal: AbortSignal;
  /** What git was asked about this folder's repository before the command was loaded. */
  readonly gitPrefetch?: GitPrefetch | undefined;
  /** Ends the process now. */
  readonly exit: (code: number) => never;
}

/** A command: gives its exit code, or the failure that kept it from an answer. */
export type CommandBody = (context: CommandContext) => Promise<Result<number>>;

/** What sets a command apart from others. */
export interface SessionTraits {
  /** The program that it runs decides what Ctrl-C means. */
  readonly patient?: boolean;
  /** The kinds of `--report` that it writes. */
  readonly reports?: readonly string[];
}

// An interrupted command ends within 2 s, whatever it still waits for.
const stopWithinMs = 1900;

/**
 * Runs a command with its reporter around it; gives the exit code. An interrupted command is ended when it does not end by
 * itself, unless it is `patient`: then the program that it runs decides what Ctrl-C means.
 */
export async function inSession(
  edge: ProcessEdge,
  options: GlobalOptions,
  body: CommandBody,
  { patient = false, reports = [] }: SessionTraits = {},
): Promise<number> {
  if (!patient) endInTime(edge);
  const cwd = resolve(edge.cwd, options.cwd ?? '.');
  const setting = reporterSetting(edge, options, cwd);
  const name = options.reporter === 'auto' ? autoReporter(setting) : options.reporter;
  const chosen = await openReporter(edge, { options, name, setting, reports });
  if (!chosen.ok) {
    const { formatFailure } = await import('../report/failures.ts');
    edge.stderr.write(`${formatFailure(chosen.error)}\n`);
    return exitCodeOf(chosen.error);
  }
  const context = commandContext(edge, options, { name, cwd, reporter: chosen.value });
  try {
    const done = await body(context.command);
    if (done.ok) return done.value;
    context.reporter.failed(done.error);
    return exitCodeOf(done.error);
  } finally {
    await context.reporter.close();
  }
}

/** A command's context, and the reporter behind it, which hides secrets. */
function commandContext(
  edge: ProcessEdge,
  options: GlobalOptions,
  { name, cwd, reporter: chosen }: { readonly name: ReporterName; readonly cwd: string; readonly reporter: Reporter },
): { readonly command: CommandContext; readonly reporter: Reporter } {
  const masker = createMasker();
  const events = new EventHub((event) => chosen.event(event));
  const reporter = maskReporter(
    {
      event: (event) => events.publish(event),
      failed: (failed) => chosen.failed(failed),
      result: (text, how) => chosen.result(text, how),
      close: () => chosen.close(),
    },
    masker,
  );
  let prefetch = cwd === resolve(edge.cwd) ? edge.gitPrefetch : undefined;
  const verbose = options.verbose === true;
  const command: CommandContext = {
    cwd,
    ...(options.host === undefined ? {} : { host: options.host }),
    env: edge.env,
    signal: edge.signal,
    events: { emit: (event) => reporter.event(event), subscribe: (listener) => events.subscribe(listener) },
    secrets: { add: (values) => masker.add(values), mask: (text) => masker.text(text) },
    terminal: {
      print: (text, how) => reporter.result(text, how),
      json: name === 'json',
      color: takesColor(edge, options),
      quiet: options.quiet === true,
      verbose,
      // Node's own take milliseconds to make, and few commands read.
      get stdin() {
        return edge.stdin;
      },
      stdout: edge.stdout,
      stderr: edge.stderr,
    },
    invocation: {
      reporter: name,
      // Absolute: a command may go on in another folder.
      reports: options.report.map(({ kind, file }) => ({ kind, file: resolve(cwd, file) })),
      verbose,
      commandLine: { argv: edge.argv, cwd: edge.cwd, options: { ...options } },
      logs: () => chosen.logs?.(),
      takeGitPrefetch() {
        const taken = prefetch;
        prefetch = undefined;
        return taken;
      },
    },
  };
  return { command, reporter };
}

function endInTime({ signal, exit }: ProcessEdge): void {
  onAbort(signal, () => {
    setTimeout(() => exit(exitCodeOf(interruption(signal))), stopWithinMs).unref();
  });
}

interface ReporterRequest {
  readonly options: GlobalOptions;
  readonly name: ReporterName;
  readonly setting: ReporterSetting;
  readonly reports: readonly string[];
}

async function openReporter(
  edge: ProcessEdge,
  { options, name, setting, reports }: ReporterRequest,
): Promise<Result<Reporter>> {
  const refused = cacheOfOthers() ?? refusedReport(options, reports, setting.cwd) ?? refusedReporter(name, setting);
  if (refused !== undefined) return err(refused);
  const output: ReportOutput = {
    out: edge.stdout,
    err: edge.stderr,
    color: takesColor(edge, options),
    quiet: options.quiet === true,
    verbose: options.verbose === true,
    logDir: resolve(runLogsFolder(edge.env), runLogsName(new Date())),
  };
  return ok(await reporterEntry(name).open(output, setting));
}

function reporterSetting({ env, stdout, stderr }: ProcessEdge, options: GlobalOptions, cwd: string): ReporterSetting {
  const isPlain = options.color === false || isSet(env['NO_COLOR']) || isSet(env['CI']) || env['TERM'] === 'dumb';
  return { env, cwd, isTerminal: stdout.isTTY && stderr.isTTY, isPlain };
}

/** Colours go where both streams are terminals, or where they are asked for. */
function takesColor({ env, stdout, stderr }: ProcessEdge, { color }: GlobalOptions): boolean {
  const terminal = stdout.isTTY && stderr.isTTY;
  return color && !isSet(env['NO_COLOR']) && (isSet(env['FORCE_COLOR']) || (terminal && env['TERM'] !== 'dumb'));
}

function refusedReport(options: GlobalOptions, reports: readonly string[], cwd: string): Failure | undefined {
  const report = options.report.find(({ kind }) => !reports.includes(kind));
  if (report !== undefined)
    return failure('usage', `--report ${report.kind}=${report.file}: this command writes no ${report.kind} report`, {
      next:
        reports.length === 0
          ? 'use --reporter json, which has everything, one JSON object a line'
          : `it writes ${reports.join(', ')}`,
    });
  const clash = options.report.find(({ kind }, index) => options.report.findIndex((one) => one.kind === kind) < index);
  if (clash !== undefined)
    return failure('usage', `--report ${clash.kind}= is given twice`, { next: 'keep one of them' });
  const files = options.report.map(({ file }) => resolve(cwd, file));
  const shared = files.find((file, index) => files.indexOf(file) < index);
  if (shared !== undefined)
    return failure('usage', `two reports would be written to ${shared}`, { next: 'give each a file of its own' });
  return undefined;
}

function refusedReporter(name: ReporterName, { isTerminal }: ReporterSetting): Failure | undefined {
  if (isTerminal || reporterEntry(name).needsTerminal !== true) return undefined;
  return failure('usage', `--reporter ${name} needs a terminal for both stdout and stderr`, {
    next: 'use --reporter plain',
  });
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== '' && variable !== '0' && variable !== 'false';
}
