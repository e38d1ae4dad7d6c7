import type { Detected } from '../../config/detect.ts';
import type { CiPlace, DecidedJob, DecidedPipeline, LeftOut } from '../decided-pipeline.ts';
import type { CiSystem } from '../model.ts';
import type { WantedVersion } from '../wanted-versions.ts';
import type { TestedProgram } from './tested-programs.ts';
import type { PlacedInstall } from './install.ts';
import type { JobPiece } from './job-piece.ts';

/** CI's pipelines and the repository they are for. */
export interface ImportFacts {
  readonly pipelines: readonly DecidedPipeline[];
  readonly system: CiSystem;
  /** All jobs that run for a change, or those that check the code. */
  readonly jobs: 'all' | 'checks';
  /** The one Python and Node that were chosen of CI's, with what to say of it. */
  readonly wanted: { readonly python: WantedVersion; readonly node: WantedVersion };
  /** True for a Python that every base has. */
  readonly isEverywhere: (python: string) => boolean;
  /** What detection makes of the project: what CI leaves unsaid is as it says. */
  readonly detected: Detected;
  /** The project's folder, relative to the repository's top; `.` for the top itself. */
  readonly prefix: string;
  /** Gives the text of a file (relative to the repository's top); undefined when there is none. */
  readonly readText: (path: string) => string | undefined;
  /** True for a file or folder of the repository. */
  readonly has: (path: string) => boolean;
  /** The files that git does not ignore, relative to the repository's top. */
  readonly files: readonly string[];
  /** What the tests of the project start that CI's machines have. Absent = none. */
  readonly testedPrograms?: readonly TestedProgram[];
}

/** A job that is imported; its name is its own among all files. */
export interface Job extends DecidedJob {
  /** The CI file that it runs for. */
  readonly file: string;
  /** It shares no toolchain: it is what a job does after it has installed more than its tests had. */
  readonly apart?: boolean;
}

/** What all scripts of the jobs hold: packages to install, and pieces that become steps. */
export interface SplitJobs {
  readonly installs: readonly PlacedInstall[];
  readonly pieces: readonly JobPiece[];
  readonly leftOut: readonly LeftOut[];
  readonly understood: readonly string[];
}

/** A place as people read it: `.github/workflows/ci.yml:12`. */
export function placeText({ file, span }: CiPlace): string {
  return `${file}:${span.line}`;
}
