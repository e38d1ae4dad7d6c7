/** What an action is given; undefined when it is not, or not decidable. */
export type InputOf = (name: string) => string | undefined;

/** The command that an action stands for and the requirement line it brings. */
export interface ActionCommand {
  readonly script: string;
  readonly tools: readonly string[];
}
