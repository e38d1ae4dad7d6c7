/** What parity knows of a checking tool's command line. */
export interface CheckingTool {
  /** As it is called in findings: `black`, `ruff check`, `npm run build`. */
  readonly name: string;
  /** Options that take the next word as their value, long and short. */
  readonly valued: readonly string[];
  /** Short options and their long names. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Options that change what is printed or how fast, never what the tool says of the code. */
  readonly quiet: readonly string[];
  /** Options that name the config file. */
  readonly config: readonly string[];
  /** True when the tool takes no paths. */
  readonly pathless?: boolean;
  /** Without paths it looks at nothing (or at what its config says), not at the folder it runs in. */
  readonly needsPaths?: boolean;
  /** Rewrites files unless one of these is given: without them it is no check. */
  readonly checkOnly?: readonly string[];
}

/** Options that most tools have and that never change what one says of the code. */
export const commonFlags = ['--verbose', '--quiet', '--color', '--no-color', '--version', '--help'];
