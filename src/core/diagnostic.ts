import type { Span } from './span.ts';

/** How bad a diagnostic or a finding is. */
export type Severity = 'error' | 'warning' | 'note';

/** A problem in parity's own config, with its place and what would be right. */
export interface Diagnostic {
  readonly severity: Severity;
  /** Stable kebab-case code, e.g. `unknown-key`. */
  readonly code: string;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** Path as the user would type it, relative to the project's folder. */
  readonly file: string;
  readonly span: Span;
  /** The text of the line(s) the span is on, so that a reporter needs no file access; absent when there is none. */
  readonly sourceLine?: string;
  /** What would be right. */
  readonly hint?: string;
  /** Other places that belong to it, e.g. where a name was given first. */
  readonly related?: readonly RelatedPlace[];
}

/** A second place of a diagnostic, and what is there. */
export interface RelatedPlace {
  readonly message: string;
  readonly file: string;
  readonly span: Span;
  readonly sourceLine?: string;
}
