import type { Place } from './repo.ts';

/** One thing that detection chose, and why; shown by `parity init` and by a run without parity.yaml. */
export interface Decision {
  /** What it is about: `black`, `python`, `tests`, `core/admin_ui`. */
  readonly subject: string;
  /** What was chosen, in a few words. */
  readonly choice: string;
  /** Why, naming the evidence. */
  readonly why: string;
  /** `warning`: a person should look at it (disagreeing pins, something left out). */
  readonly severity: 'note' | 'warning';
  readonly places: readonly Place[];
  /** Which part of the file it is about, where a step and a tool may have one name. */
  readonly kind?: 'toolchain' | 'service' | 'step';
  /** The toolchain with a name that it is about. */
  readonly toolchain?: string;
}

/** Makes a decision; its places are written into the text that people see. */
export function decision(
  subject: string,
  choice: string,
  why: string,
  more: Partial<Pick<Decision, 'severity' | 'places'>> = {},
): Decision {
  return { subject, choice, why, severity: more.severity ?? 'note', places: more.places ?? [] };
}

/** `core/requirements.txt:3`. */
export function placeText({ file, line }: Place): string {
  return `${file}:${line}`;
}

/** A decision as one line: `black: 25.9.0, because …`. */
export function decisionText({ subject, choice, why, toolchain }: Decision): string {
  const of = toolchain === undefined || toolchain === subject ? '' : `${toolchain}: `;
  return `${of}${subject}: ${choice} (${why})`;
}
