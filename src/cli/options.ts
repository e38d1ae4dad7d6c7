import { InvalidArgumentError, Option } from 'commander';
import type { ReportRequest } from '../app/run/write-reports.ts';
import { runReportKinds } from '../report/report-kinds.ts';
import { reporterNames, type ReporterName } from '../report/reporters.ts';

/** The options that every command takes, as commander gives them. */
export interface GlobalOptions {
  readonly cwd?: string;
  readonly host?: string;
  readonly reporter: ReporterChoice;
  readonly report: readonly ReportRequest[];
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  /** False with --no-color. */
  readonly color: boolean;
}

/** The values of --reporter. */
export const reporterChoices: readonly ReporterChoice[] = ['auto', ...reporterNames];

/** One of the values of --reporter. */
export type ReporterChoice = 'auto' | ReporterName;

/** Whether a value that was kept in a file is what commander gave for every command. */
export function isGlobalOptions(value: unknown): value is GlobalOptions {
  const options = value as Partial<GlobalOptions> | null | undefined;
  return reporterChoices.some((name) => name === options?.reporter) && Array.isArray(options?.report);
}

/** `--report`: the files that a run writes besides. */
export function reportOption(): Option {
  const kinds = `${runReportKinds.slice(0, -1).join(', ')} or ${runReportKinds.at(-1)}`;
  return new Option('--report <kind=file>', `also write a report: ${kinds}; may be given again`)
    .argParser(parseReport)
    .default([], 'none');
}

/** Reads `KIND=FILE` and adds it to those before; commander words the error. */
function parseReport(text: string, previous: readonly ReportRequest[]): readonly ReportRequest[] {
  const [, kind, file] = /^([a-z]+)=(.+)$/s.exec(text) ?? [];
  if (kind === undefined || file === undefined) throw new InvalidArgumentError('Write it as KIND=FILE.');
  return [...previous, { kind, file }];
}

/** `--workspace`: how the project's files reach the engine. */
export function workspaceOption(): Option {
  return new Option(
    '--workspace <how>',
    'mount the files, copy them to an engine that does not see them, or as it allows',
  )
    .choices(['auto', 'mount', 'copy'])
    .default('auto');
}

/** Reads a number of jobs: a whole number from 1. */
export function parseJobs(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
}

/** Reads how often to run: a whole number from 1 to 1000. */
export function parseRepeat(text: string): number {
  const times = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (times < 1 || times > 1000) throw new InvalidArgumentError('It must be a whole number from 1 to 1000.');
  return times;
}

/** Reads `--shard 2/3`: the second of three machines' parts; throws commander's error for what is none. */
export function parseShard(text: string): { readonly index: number; readonly of: number } {
  const [, index = '', of = ''] = /^(\d{1,3})\/(\d{1,3})$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (index === '' || shard.index < 1 || shard.index > shard.of)
    throw new InvalidArgumentError('Write it as I/N, the part and how many there are: 1/3, 2/3 and 3/3.');
  return shard;
}

/** Reads `--sbom cyclonedx=FILE`, which may be given again; throws commander's error for what is none. */
export function parseSboms(
  text: string,
  before: readonly { readonly format: 'cyclonedx' | 'spdx'; readonly file: string }[],
): typeof before {
  const [, format, file] = /^(cyclonedx|spdx)=(.+)$/s.exec(text) ?? [];
  if (format === undefined || file === undefined)
    throw new InvalidArgumentError('It must be cyclonedx=FILE or spdx=FILE.');
  return [...before, { format: format === 'spdx' ? 'spdx' : 'cyclonedx', file }];
}

/** `--toolchain NAME`, which may be given again: for these and no others. */
export function toolchainsOption(): Option {
  return new Option('--toolchain <name>', 'only this toolchain of parity.yaml; may be given again').argParser(
    (name: string, before: readonly string[] | undefined) => [...(before ?? []), name],
  );
}

/** `--toolchain NAME`: in whose image. */
export function toolchainOption(): Option {
  return new Option(
    '--toolchain <name>',
    "in this toolchain's image; default: the one that steps have without naming any",
  );
}

// Options that take the next argument as their value.
const withValue = ['--cwd', '--host', '--reporter', '--report', '--network', '--toolchain', '--workspace'];

/**
 * Puts the `--` that `parity run` needs before its command when the user left it out, so that `parity run black --version`
 * asks black and not parity. Other command lines come back as they are.
 */
export function separateCommand(argv: readonly string[]): readonly string[] {
  let seenRun = false;
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    if (argument === '--') return argv;
    if (withValue.includes(argument)) index += 1;
    else if (!argument.startsWith('-')) {
      if (seenRun) return [...argv.slice(0, index), '--', ...argv.slice(index)];
      if (argument !== 'run') return argv;
      seenRun = true;
    }
  }
  return argv;
}
