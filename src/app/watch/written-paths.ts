/** A path that changed while steps ran. */
export interface WrittenPath {
  readonly path: string;
  /** Git knows it. */
  readonly isTracked: boolean;
}

/** Distinguishes files that steps write from files that people edit: a person does not edit the same file in round after round. */
export interface WrittenPaths {
  /**
   * Whether a change of it, while steps run, is a reason to `cancel` the round, to run again when it is over (`after`), or neither
   * (`ignore`).
   */
  verdict(written: WrittenPath): 'cancel' | 'after' | 'ignore';
  /** It was changed while no step ran: by a person. */
  edited(path: string): void;
  /** A round is over in which these changed while its steps ran; gives those that are taken for what steps write from now on. */
  roundOver(written: readonly WrittenPath[]): readonly string[];
}

// A report that git does not know (coverage.xml) is the usual case, and people do make new files. What git knows is seldom written by a step
// with other content each time: then rounds should come to their ends, at least.
const untrackedRounds = 4;
const trackedRounds = 10;

/** Begins with no suspicion. */
export function createWrittenPaths(): WrittenPaths {
  let streaks: ReadonlyMap<string, number> = new Map();
  const outputs = new Set<string>();
  return {
    verdict({ path, isTracked }) {
      const streak = streaks.get(path) ?? 0;
      if (isTracked) return streak < trackedRounds ? 'cancel' : 'after';
      if (outputs.has(path)) return 'ignore';
      // The first time, it is somebody who goes on editing.
      return streak === 0 ? 'cancel' : 'after';
    },
    edited(path) {
      outputs.delete(path);
    },
    roundOver(written) {
      streaks = new Map(written.map(({ path }) => [path, (streaks.get(path) ?? 0) + 1]));
      const found = written
        .filter(
          ({ path, isTracked }) => !isTracked && !outputs.has(path) && (streaks.get(path) ?? 0) >= untrackedRounds,
        )
        .map(({ path }) => path);
      for (const path of found) outputs.add(path);
      return found;
    },
  };
}
