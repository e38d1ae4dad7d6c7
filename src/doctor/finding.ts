import type { Severity } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import type { Subject } from './declaration.ts';

/** What a finding is about: a version's subject, a tool's command (`command:black`), the image, the host, or a file. */
export type Topic = Subject | `command:${string}` | 'image' | 'engine' | 'host' | 'file';

/** A place in the repository. */
export interface Location {
  /** Relative to the repository's top, `/` between. */
  readonly path: string;
  readonly span: Span;
  /** The characters there; empty when the place stands for the whole file. */
  readonly raw: string;
  /** How the place declares it, or what it has to do with the finding. */
  readonly note: string;
}

/** How sure a finding is: `medium` where parity chose the baseline itself. */
export type Confidence = 'high' | 'medium';

/** A problem in the repository, its image or its host. */
export interface Finding {
  /** `PD001`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly topic: Topic;
  /** The folder of the project it belongs to, relative to the repository's top; `.` for the top itself. */
  readonly project: string;
  /** What is wrong, in one sentence without a full stop. */
  readonly message: string;
  /** What the file asks for, as written. */
  readonly declared?: string;
  /** The baseline's version. */
  readonly locked?: string;
  /** The version that is really there. */
  readonly observed?: string;
  /** Absent for what has no place in the repository: the host, the engine. */
  readonly location?: Location;
  readonly related: readonly Location[];
  /** The next command or edit. */
  readonly hint: string;
  /** The edit that `--fix` makes; absent where it is not certain. */
  readonly fix?: Edit;
}

/** Characters of a file to be replaced. */
export interface Edit {
  readonly path: string;
  readonly span: Span;
  /** The characters at `span`: where others stand there, parity does not make the edit. */
  readonly raw: string;
  readonly replacement: string;
}

/** Something that parity did not look at, and why. */
export interface Skipped {
  /** `the image`, `.github/workflows/ci.yml`. */
  readonly what: string;
  readonly reason: string;
}
