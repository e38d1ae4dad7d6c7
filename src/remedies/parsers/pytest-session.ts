/** The lines of one pytest run, both ends included. */
export interface LineRange {
  readonly from: number;
  readonly to: number;
}

/** The parts of one pytest run's output; numbers are indices of lines. */
export interface PytestSession {
  readonly range: LineRange;
  /** Its full report of each failure and error. */
  readonly blocks: readonly Block[];
  /** All lines of those sections; with --tb=line there are no blocks in them. */
  readonly reportLines: readonly number[];
  readonly entries: readonly SummaryEntry[];
  /** Lines of the warnings summary. */
  readonly warnings: readonly number[];
}

/** `____ test_total ____` and the lines up to `end` (excluded). */
export interface Block {
  readonly title: string;
  readonly at: number;
  readonly end: number;
}

/** `FAILED core/tests/test_cart.py::test_total - assert 3 == 4`, without its first word; with CI set it may take several lines. */
export interface SummaryEntry {
  /** ERROR: not the test's own call, but its collection, set-up or tear-down. */
  readonly word: 'FAILED' | 'ERROR';
  readonly text: string;
  readonly at: number;
}

const opening = /^=+ (?:test session starts|ERRORS|FAILURES|warnings summary|short test summary info)\b.* =+$/;
const start = /^=+ test session starts\b.* =+$/;
// 18 failed, 2 passed, 1 warning, 2 errors in 0.31s · ===== 1 passed in 0.01s ===== · no tests ran in 0.00s
const closing =
  /^(?:=+ )?(?:no tests ran|\d+ (?:failed|passed|skipped|deselected|xfailed|xpassed|warnings?|errors?|rerun)\b.*?) in \d+(?:\.\d+)?s(?: \([\d:, days]+\))?(?: =+)?$/;
const heading = /^=+ (.+?) =+$/;
const blockTitle = /^_+ (\S.*?) _+$/;
const entry = /^(FAILED|ERROR|PASSED|SKIPPED|XFAIL|XPASS|RERUN|SUBFAILED\S*|SUBPASSED\S*) (.+)$/;

/**
 * Where pytest ran: from its first heading to its last line (`… in 0.31s`); to the output's end when it was killed, which only its own
 * first heading shows.
 */
export function sessions(lines: readonly string[]): readonly LineRange[] {
  const found: LineRange[] = [];
  let from: number | undefined;
  lines.forEach((text, at) => {
    if (from === undefined && opening.test(text)) from = at;
    if (from !== undefined && closing.test(text)) {
      found.push({ from, to: at });
      from = undefined;
    }
  });
  const isOpen = from !== undefined && start.test(lines[from] ?? '');
  return from === undefined || !isOpen ? found : [...found, { from, to: lines.length - 1 }];
}

/** Takes one run's output apart. */
export function readSession(lines: readonly string[], range: LineRange): PytestSession {
  const blocks: Block[] = [];
  const reportLines: number[] = [];
  const warnings: number[] = [];
  const entries: SummaryEntry[] = [];
  let section = '';
  let openEntry: string[] | undefined;
  let openBlock: Omit<Block, 'end'> | undefined;
  const closeBlock = (end: number): void => {
    if (openBlock !== undefined) blocks.push({ ...openBlock, end });
    openBlock = undefined;
  };
  for (let at = range.from; at <= range.to; at += 1) {
    const text = lines[at] ?? '';
    const [, title] = heading.exec(text) ?? [];
    if (title !== undefined) {
      closeBlock(at);
      section = title;
      openEntry = undefined;
    } else if (section === 'ERRORS' || section === 'FAILURES') {
      const [, name] = blockTitle.exec(text) ?? [];
      if (name !== undefined && !/^[_ ]+$/.test(name)) {
        closeBlock(at);
        openBlock = { title: name, at };
      }
      reportLines.push(at);
    } else if (section.startsWith('warnings summary')) warnings.push(at);
    else if (section === 'short test summary info' && !closing.test(text) && !/^!+ .* !+$/.test(text)) {
      const [, word, rest] = entry.exec(text) ?? [];
      if (word === undefined || rest === undefined) openEntry?.push(text);
      else {
        openEntry = [rest];
        if (word === 'FAILED' || word === 'ERROR' || word.startsWith('SUBFAILED')) {
          const entryLines = openEntry;
          entries.push({
            at,
            word: word === 'ERROR' ? 'ERROR' : 'FAILED',
            get text() {
              return entryLines.join('\n');
            },
          });
        }
      }
    }
  }
  closeBlock(range.to + 1);
  return { range, blocks, reportLines, entries, warnings };
}
