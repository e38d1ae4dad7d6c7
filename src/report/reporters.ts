import type { Reporter, ReportOutput } from './reporter.ts';

/** Where parity was started, as far as the choice of a reporter depends on it. */
export interface ReporterSetting {
  readonly env: NodeJS.ProcessEnv;
  /** The folder that parity works in. */
  readonly cwd: string;
  /** True when both stdout and stderr are terminals. */
  readonly isTerminal: boolean;
  /** True when the user or the environment wants no colours and no moving line. */
  readonly isPlain: boolean;
}

/** One value of `--reporter`. */
export interface ReporterEntry {
  /** What it prints, in a few words. */
  readonly description: string;
  /** True when it can write to nothing but a terminal. */
  readonly needsTerminal?: true;
  /** When `auto` takes it: the reporter of the lowest rank that suits. Absent for one that only its name chooses. */
  readonly auto?: { readonly rank: number; readonly suits: (setting: ReporterSetting) => boolean };
  /** Loads the reporter and makes one: no other reporter is loaded. */
  readonly open: (output: ReportOutput, setting: ReporterSetting) => Promise<Reporter>;
}

/** The reporters, in the order of the help text. To add one: a line here, its file, its test. */
export const reporters = {
  live: {
    description: 'one moving line for what runs, for a terminal',
    needsTerminal: true,
    auto: { rank: 2, suits: ({ isTerminal, isPlain }) => isTerminal && !isPlain },
    async open(output, { env }) {
      const { LiveReporter } = await import('./live.ts');
      return new LiveReporter({ ...output, unicode: env['TERM'] !== 'linux' });
    },
  },
  plain: {
    description: 'whole lines in order, for CI and pipes',
    auto: { rank: 3, suits: () => true },
    async open(output) {
      const { PlainReporter } = await import('./plain.ts');
      return new PlainReporter(output);
    },
  },
  json: {
    description: 'one JSON object a line, for programs',
    async open(output) {
      const { JsonReporter } = await import('./json.ts');
      return new JsonReporter(output);
    },
  },
  github: {
    description: 'folded logs, annotations and a job summary, for GitHub’s runner',
    auto: { rank: 1, suits: ({ env }) => env['GITHUB_ACTIONS'] === 'true' },
    async open(output, { env, cwd }) {
      const [{ GithubReporter }, { githubRunner }] = await Promise.all([
        import('./github/github.ts'),
        import('./github/github-runner.ts'),
      ]);
      return new GithubReporter({ ...output, ...githubRunner(env, cwd) });
    },
  },
} as const satisfies Readonly<Record<string, ReporterEntry>>;

/** The name of a reporter. */
export type ReporterName = keyof typeof reporters;

/** All names, in the table's order. */
export const reporterNames = Object.keys(reporters) as readonly ReporterName[];

/** The entry of a name. */
export function reporterEntry(name: ReporterName): ReporterEntry {
  return reporters[name];
}

/** The reporter that `auto` stands for. */
export function autoReporter(setting: ReporterSetting): ReporterName {
  const rank = (name: ReporterName): number => reporterEntry(name).auto?.rank ?? Infinity;
  const suited = reporterNames.filter((name) => reporterEntry(name).auto?.suits(setting) === true);
  return suited.toSorted((a, b) => rank(a) - rank(b))[0] ?? 'plain';
}
