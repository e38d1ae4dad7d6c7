import type { BuildProgress } from '../../core/progress.ts';

/** Turns the classic builder's `stream` texts into progress. */
export interface ClassicReader {
  take(record: string): void;
  /** Gives out what is left of a line without an end. */
  end(): void;
  /** The step that ran last and its last lines of output. */
  last(): { readonly title: string; readonly lines: readonly string[] };
}

const keptLines = 60;
const paint = { on: '\u001b[91m', off: '\u001b[0m' };

// The builder's own remarks. Docker: ` ---> Running in 5c1b…`, ` ---> 5c1b…`, `Removing intermediate container 5c1b…`,
// ` ---> Removed intermediate container 5c1b…`, `Successfully built …`. Podman: `--> 5c1b…`, `COMMIT name`, `Successfully tagged …`, the bare ID.
const remark =
  /^(?: ---> (?:(?:Running in |Removed intermediate container )?[0-9a-f]{12})?|--> [0-9a-f]{7,}|COMMIT .*|Removing intermediate container [0-9a-f]{12}|Successfully (?:built|tagged) .*|[0-9a-f]{64})$/;

/**
 * A reader of the classic builder's texts. A step is told one line later than the engine tells it, because only the next
 * line (` ---> Using cache`) says whether it ran.
 */
export function createClassicReader(tell: (progress: BuildProgress) => void): ClassicReader {
  let rest = '';
  let pending: { index: number; total: number; title: string } | undefined;
  let title = '';
  let lines: string[] = [];

  function settle(cached: boolean): void {
    if (pending === undefined) return;
    tell({ type: 'step', ...pending, cached });
    pending = undefined;
  }

  function line(text: string): void {
    // `Step 3/12 : RUN make` (Docker)   |   `STEP 3/12: RUN make` (Podman, whose `[2/2] STEP 3/12: …` counts stages first)
    const step = /^(?:\[\d+\/\d+\] )?step (\d+)\/(\d+) ?: (.*)$/i.exec(text);
    if (step !== null) {
      settle(false);
      [title, lines] = [step[3] ?? '', []];
      pending = { index: Number(step[1]), total: Number(step[2]), title };
      return;
    }
    const cached = /^ ?-{2,3}> Using cache\b/.test(text);
    settle(cached);
    if (cached || remark.test(text)) return;
    lines.push(text);
    if (lines.length > keptLines) lines.shift();
    tell({ type: 'output', text });
  }

  return {
    take(record) {
      // The builder paints what it takes from stderr; colour is the reporter's business.
      const painted = record.startsWith(paint.on);
      let text = painted
        ? record.slice(paint.on.length, record.endsWith(paint.off) ? -paint.off.length : undefined)
        : record;
      // The builder's own texts come as records of their own, also after output that had no newline.
      if (rest !== '' && /^(?: ---> |Step \d|Removing intermediate container )/.test(text)) text = `\n${text}`;
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) line(part.replace(/\r$/, ''));
    },
    end() {
      if (rest !== '') line(rest);
      rest = '';
      settle(false);
    },
    last: () => ({ title, lines }),
  };
}
