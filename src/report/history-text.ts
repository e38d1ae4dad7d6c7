import type { HistoryEntry, RunFact } from '../records/history-entry.ts';
import type { Paint } from './paint.ts';
import { count, duration, size } from './words.ts';

type RunEntry = Extract<HistoryEntry, { readonly type: 'run' }>;

/** A list of audit entries for people, in the order given; without a final newline. Times are this machine's local ones. */
export function historyText(entries: readonly HistoryEntry[], paint: Paint): string {
  const rows = entries.map(rowOf);
  const titles = ['run', 'when', 'command', 'outcome', 'took', 'commit', 'image', ''];
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row.cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column < cells.length - 1 ? cell.padEnd(widths[column] ?? 0) : cell))
      .join('  ')
      .trimEnd();
  const lines = rows.map(({ cells, outcome }) => {
    const text = line(cells);
    return outcome === 'failed' ? paint.red(text) : outcome === 'cancelled' ? paint.yellow(text) : text;
  });
  const isChanged = entries.some((entry) => entry.type === 'run' && entry.dirty === true);
  const legend = isChanged ? [paint.dim('+ the files were not exactly those of the commit')] : [];
  return [paint.dim(line(titles)), ...lines, ...legend].join('\n');
}

interface Row {
  readonly cells: readonly string[];
  readonly outcome?: RunFact['outcome'];
}

function rowOf(entry: HistoryEntry): Row {
  const when = localTime(entry.at);
  if (entry.type === 'run') {
    const { id, command, outcome, durationMs, commit, dirty, imageId } = entry;
    const short = commit === null ? '-' : `${commit.slice(0, 8)}${dirty === true ? '+' : ''}`;
    const image = imageId === null ? '-' : imageId.replace(/^sha256:/, '').slice(0, 12);
    return { cells: [id, when, command, outcome, duration(durationMs), short, image, describeRun(entry)], outcome };
  }
  return { cells: ['', when, entry.type, ...Array<string>(4).fill(''), describeFact(entry)] };
}

/** What a run came to, in a few words: what failed, or how many steps ran. */
export function describeRun({ steps, failure, unchanged }: RunEntry): string {
  if (failure !== null) return failure.message.split('\n', 1)[0] ?? '';
  const named = (outcome: string): string =>
    steps.flatMap((step) => (step.outcome === outcome ? [step.name] : [])).join(', ');
  if (named('failed') !== '') return `${named('failed')} failed`;
  if (unchanged === true) return 'nothing had changed';
  const parts = (['tolerated', 'passed', 'cached', 'skipped', 'cancelled'] as const).flatMap((outcome) => {
    const number = steps.filter((step) => step.outcome === outcome).length;
    return number === 0 ? [] : [`${number} ${outcome}`];
  });
  return parts.length === 0 ? 'nothing ran' : parts.join(', ');
}

function describeFact(entry: Exclude<HistoryEntry, RunEntry>): string {
  switch (entry.type) {
    case 'image':
      return `${entry.origin} ${entry.reference} (${entry.imageId.replace(/^sha256:/, '').slice(0, 12)})`;
    case 'lock': {
      const [first, ...more] = entry.pins;
      const rest = more.length === 0 ? '' : ` and ${count(more.length, 'other change')}`;
      return first === undefined ? entry.change : `${entry.change}: ${first}${rest}`;
    }
    case 'clean': {
      const removed = Object.entries(entry.removed).flatMap(([what, number]) =>
        number === 0 ? [] : [`${number} ${what.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`],
      );
      const all = entry.all ? 'all: ' : '';
      return `${all}${removed.length === 0 ? 'nothing to remove' : removed.join(', ')}, ${size(entry.freedBytes)} freed`;
    }
    case 'down':
      return `ended ${entry.containers.join(', ')}`;
    default:
      return entry satisfies never;
  }
}

/** A time of this machine: `2026-11-26 02:48:08`; the text itself when it is none. */
export function localTime(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
