import type { TestPhase } from '../core/tool-diagnostic.ts';

/** One entry of the catalogue: something that people meet, what it means, and what to do. */
export interface Remedy {
  /** `tool/what-it-is`; stable, people and pages name it. */
  readonly id: string;
  /** What it is, in one line, as a sentence without its full stop. */
  readonly title: string;
  /** What it means and why the tool says so: a few sentences. */
  readonly meaning: string;
  /** What to do, in one line. */
  readonly remedy: string;
  /** Code that has the problem, and the same without it. */
  readonly before?: string;
  readonly after?: string;
  /** The tool's own documentation, the most telling page first. */
  readonly links: readonly string[];
  readonly matchers: readonly Matcher[];
  /**
   * `cause`: other failures are likely its consequences, so it is told first. `style`: it breaks nothing, so it is told last. Neither: in
   * between.
   */
  readonly kind?: 'cause' | 'style';
  /** It is none of the code's: when it stays so, whoever runs the infrastructure has to see it. */
  readonly escalates?: boolean;
  /** Entries that are not told beside this one: it explains what they show. */
  readonly covers?: readonly string[];
  /** The step's own fix command says as much: where it has one, that is enough. */
  readonly obvious?: boolean;
}

/** What an entry is known by: all that is given must hold. With `tool` it is a diagnostic; without, a diagnostic's message or a line of output. */
export interface Matcher {
  /** The tool's name as diagnostics have it. */
  readonly tool?: string;
  /** Any of the tool's own codes. */
  readonly codes?: readonly string[];
  /** When in a test's life it happens: `collect` is at import. */
  readonly phase?: TestPhase;
  /** What the message or a line of output holds (flag `m`: output is searched as a whole). Named groups may stand in `remedy`. */
  readonly pattern?: RegExp;
  /** What the output must not hold, anywhere: then it is something else that is said in the same words. */
  readonly except?: RegExp;
  /** It says what it is more surely than others that fit as much: it counts more than an entry of that code or those words. */
  readonly isDecisive?: boolean;
  /**
   * In place of the entry's remedy: `Write \`{name}: {type} | None\``, with the names of `says`' groups; `{test}` is the diagnostic's test
   * and `{files}` the files of all diagnostics of the entry, as words of a command that is typed in the project's folder; `{snapshots}` the
   * snapshot files of those.
   */
  readonly remedy?: string;
  /** What is said in place of either when the step had no network: `{step}` stands for its name. */
  readonly offline?: string;
}
