import { diffArrays } from 'diff';

/** One printed line, and the lines of the CI file that say what printed it; without a place it is known of its job alone. */
export interface PrintedLine {
  readonly text: string;
  readonly place?: LineRange;
}

/** Lines of a file, from 1, both included. */
export interface LineRange {
  /** The file, relative to the repository's top; absent for the CI file itself. */
  readonly file?: string;
  readonly from: number;
  readonly to: number;
}

/** How a job ended; `skipped`: nothing of it ran. */
export type JobOutcome = 'passed' | 'failed' | 'skipped';

/** What one run of a job (a leg of its matrix) printed, in order, and how it ended. */
export interface JobRun {
  /** The job's name in the CI file; several legs have one. */
  readonly job: string;
  readonly outcome: JobOutcome;
  readonly lines: readonly PrintedLine[];
}

/** A comment of a written parity.yaml: what of the CI file differs here, and the line that it names. */
export interface Announcement {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Where a job stands in its CI file, and its steps in it, so that an announcement can be told to be at its place. */
export interface JobPlace extends LineRange {
  readonly job: string;
  readonly steps: readonly LineRange[];
}

/** `announced`: it differs, and the written file says so at the place of each difference. */
export type Verdict = 'equal' | 'announced' | 'unequal';

/** What came of a comparison. */
export interface Comparison {
  readonly verdict: Verdict;
  /** One line for each difference, those that nothing announces marked `!`; empty for equal runs. */
  readonly differences: readonly string[];
}

/** The comments of a written parity.yaml that name a place, but for those that say no more than where a step is from (`# FILE:LINE, job NAME`). */
export function announcementsOf(written: string): readonly Announcement[] {
  return written.split('\n').flatMap((line): readonly Announcement[] => {
    const [, text = ''] = /^\s*# (.*)$/.exec(line) ?? [];
    const [, file, number] = /(?:^|[- (])([\w./-]+\.ya?ml):(\d+)/.exec(text) ?? [];
    if (file === undefined || /^\S+:\d+, job [^;]*$/.test(text)) return [];
    return [{ file, line: Number(number), text }];
  });
}

/**
 * Compares what a CI system printed with what parity printed of the same file. Legs of a job are matched by what they did, so that a leg that
 * ran on one side alone is a difference. A difference is announced when an announcement names its step, or its job outside of all steps.
 */
export function compareRuns({
  ci,
  parity,
  announcements,
  places,
  file,
}: {
  readonly ci: readonly JobRun[];
  readonly parity: readonly JobRun[];
  readonly announcements: readonly Announcement[];
  readonly places: readonly JobPlace[];
  /** The CI file, relative to the repository's top. */
  readonly file: string;
}): Comparison {
  const found: { readonly text: string; readonly isAnnounced: boolean }[] = [];
  for (const job of new Set([...ci, ...parity].map((run) => run.job))) {
    const place = places.find((each) => each.job === job);
    const covers = (at?: LineRange): boolean => announcements.some((each) => isAt(each, { job, place, at, file }));
    const note = (text: string, at?: LineRange): void => void found.push({ text, isAnnounced: covers(at) });
    for (const [theirs, ours] of pairs(ofJob(ci, job), ofJob(parity, job))) {
      if ((theirs?.outcome ?? 'skipped') !== (ours?.outcome ?? 'skipped'))
        note(`${job}: CI ${theirs?.outcome ?? 'did not run it'}, parity ${ours?.outcome ?? 'did not run it'}`);
      for (const { value, added, removed } of diffArrays([...(theirs?.lines ?? [])], [...(ours?.lines ?? [])], {
        comparator: (a, b) => a.text === b.text,
      }))
        for (const line of added || removed ? value : [])
          note(`${job}: ${added ? 'only parity' : 'only CI'} printed ${JSON.stringify(line.text)}`, line.place);
    }
  }
  return {
    verdict: found.length === 0 ? 'equal' : found.every(({ isAnnounced }) => isAnnounced) ? 'announced' : 'unequal',
    differences: found.map(({ text, isAnnounced }) => `${isAnnounced ? ' ' : '!'} ${text}`),
  };
}

function ofJob(runs: readonly JobRun[], job: string): readonly JobRun[] {
  // That a job did not run is the same as that it is not there.
  return runs.filter((run) => run.job === job && run.outcome !== 'skipped');
}

/** Equal runs together, then the others in their order. */
function pairs(
  theirs: readonly JobRun[],
  ours: readonly JobRun[],
): readonly (readonly [JobRun | undefined, JobRun | undefined])[] {
  const left = [...ours];
  const alone: JobRun[] = [];
  for (const run of theirs) {
    const at = left.findIndex((each) => said(each) === said(run));
    if (at < 0) alone.push(run);
    else left.splice(at, 1);
  }
  return Array.from({ length: Math.max(alone.length, left.length) }, (_, index) => [alone[index], left[index]]);
}

function said({ outcome, lines }: JobRun): string {
  return JSON.stringify([outcome, lines.map(({ text }) => text)]);
}

/** Whether an announcement speaks of a step (`at`) of a job, or of the job itself. */
function isAt(
  { file, line, text }: Announcement,
  of: {
    readonly job: string;
    readonly place: JobPlace | undefined;
    readonly at: LineRange | undefined;
    readonly file: string;
  },
): boolean {
  const isIn = (range: LineRange): boolean =>
    file === (range.file ?? of.file) && line >= range.from && line <= range.to;
  if (of.at !== undefined && isIn(of.at)) return true;
  const names = new RegExp(`\\bjobs? (?:[\\w.-]+, )*${of.job.replace(/[^\w]/g, '\\$&')}(?![\\w-])`).test(text);
  const isInJob = names || (of.place !== undefined && isIn(of.place));
  // What is known of its job alone, and how the job ended, is announced by whatever is said of it.
  return isInJob && (of.at === undefined || of.place?.steps.some(isIn) !== true);
}

/** How many comparisons ended in each way. */
export function figures(comparisons: readonly Comparison[]): string {
  const count = (wanted: Verdict): number => comparisons.filter(({ verdict }) => verdict === wanted).length;
  return `${comparisons.length} pipelines: ${count('equal')} equal, ${count('announced')} announced, ${count('unequal')} unequal`;
}
