import type { Severity } from '../core/diagnostic.ts';
import type { TestPhase } from '../core/tool-diagnostic.ts';

/** A step's output as parsers read it. */
export interface ToolOutput {
  /** Escapes, what a carriage return overwrote and control characters are gone; lines that another parser owns are empty. */
  readonly lines: readonly string[];
  /** The words of the step's commands without their folders (`flake8`, `core`, `npm`): they tell tools apart that print alike. */
  readonly words: ReadonlySet<string>;
  /** Those of them that name a file, as written: `./run.sh`, `tools/check`. */
  readonly files?: readonly string[];
}

/** A tool's diagnostic, with places as it printed them. */
export interface RawDiagnostic {
  readonly tool: string;
  readonly code: string | null;
  readonly severity: Severity;
  readonly message: string;
  /** The most telling first; the first that lies in the repository is the diagnostic's. */
  readonly places: readonly PrintedPlace[];
  readonly test?: string;
  readonly phase?: TestPhase;
  /** The files whose text may tell more, as printed: the script that does not start, the lock file that a package comes from; the first of them that does. */
  readonly about?: readonly string[];
  /** Index of the line that it begins on. */
  readonly at: number;
}

/** A place as a tool printed it. */
export interface PrintedPlace {
  /** Absolute, or relative to the folder that the tool ran in. */
  readonly path: string;
  /** 1-based, like the column. */
  readonly line: number | null;
  readonly column: number | null;
}

/** Reads what one tool (or several of the same form) says. Pure; lines it does not know mean nothing. */
export type ToolParser = (output: ToolOutput) => readonly RawDiagnostic[];

/** A place in one line: numbers are given as printed. */
export function printedPlace(path: string, line?: string | null, column?: string | null): PrintedPlace {
  return { path, line: numberOf(line), column: numberOf(column) };
}

function numberOf(text: string | null | undefined): number | null {
  const number = Number(text ?? Number.NaN);
  return Number.isSafeInteger(number) && number > 0 ? number : null;
}
