/** A path that changed while steps ran. */
export interface WrittenPath {
  readonly path: string;
  /** Git knows it. */
  readonly isTracked: boolean;
}

/** Tells what steps write from what people edit, by habit: nobody edits the same file in round after round for ever. */
export interface WrittenPaths {
  /**
   * Whether a change of it, while steps run, is a reason to `cancel` the round, to run again when it is over (`after`), or neither
   * (`ignore`).
   */
  verdict(written: WrittenPath): 'cancel' | 'after' | 'ignore';
  /** A round is over in which these changed; gives those that are taken for what steps write from now on. */
  roundOver(written: readonly WrittenPath[]): readonly string[];
}

// A report that git does not know (coverage.xml) is the usual case, and people do make new files; what git knows is seldom written by a step
// with other content each time.
const untrackedRounds = 4;
const trackedRounds = 10;

/** Begins with no suspicion. */
export function createWrittenPaths(): WrittenPaths {
  let streaks: ReadonlyMap<string, number> = new Map();
  const outputs = new Set<string>();
  return {
    verdict({ path, isTracked }) {
      if (outputs.has(path)) return 'ignore';
      // The first time, it is somebody who goes on editing.
      return !isTracked && (streaks.get(path) ?? 0) > 0 ? 'after' : 'cancel';
    },
    roundOver(written) {
      streaks = new Map(written.map(({ path }) => [path, (streaks.get(path) ?? 0) + 1]));
      const found = written
        .filter(({ path, isTracked }) => (streaks.get(path) ?? 0) >= (isTracked ? trackedRounds : untrackedRounds))
        .map(({ path }) => path)
        .filter((path) => !outputs.has(path));
      for (const path of found) outputs.add(path);
      return found;
    },
  };
}
