/** What to do about something that a failing step's output shows: an entry of the catalogue, or of the team's own, with its first place. */
export interface FoundRemedy {
  /** `mypy/implicit-optional`; `parity explain ID` tells more. */
  readonly id: string;
  /** What it is, in one line. */
  readonly title: string;
  /** What to do, in one line, with the names that the output has. */
  readonly remedy: string;
  /** How many diagnostics it is about; 1 for what only the output shows. */
  readonly count: number;
  /** The first one's file, relative to the repository's top; null when it is about none. */
  readonly file: string | null;
  /** 1-based; null when the tool names no line. */
  readonly line: number | null;
  /** Where the tool's own documentation, or the team's, speaks of it; null for none. */
  readonly link: string | null;
}
