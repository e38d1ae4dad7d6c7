// bench/RESULTS.md: the rows of the day's measurements take the place of older ones of the same name, the others stay.
const heads = {
  rows: ['| what | who | rounds | median | min – max | ratio | day |', '|---|---|---:|---:|---:|---:|---|'],
  goals: ['| what | goal | measured | | day |', '|---|---|---:|---|---|'],
};

/** The file's new text. `measured` and the file have their lines by title, `{ rows, goals }`; `order` is the titles', `notes` what stands below. */
export function mergeResults(text, measured, { order, notes }) {
  const known = readResults(text);
  const table = (kind) => [
    ...heads[kind],
    ...order.flatMap((title) => (measured.get(title) ?? known.get(title))?.[kind] ?? []),
  ];
  return `# Measured by \`npm run bench\`\n\n${table('rows').join('\n')}\n\n${table('goals').join('\n')}\n\n${notes}`;
}

function readResults(text) {
  const known = new Map();
  let kind = 'rows';
  for (const line of text.split('\n')) {
    if (line.startsWith('| what | goal ')) kind = 'goals';
    const title = /^\| (\(.+?) \| /.exec(line)?.[1];
    if (title === undefined) continue;
    if (!known.has(title)) known.set(title, { rows: [], goals: [] });
    known.get(title)[kind].push(line);
  }
  return known;
}

/** What is printed: the tables of what was measured, and the notes. */
export function printResults(measured, notes) {
  const lines = (kind) => [...measured.values()].flatMap((group) => group[kind]);
  const goals = lines('goals');
  return [[...heads.rows, ...lines('rows')], ...(goals.length > 0 ? [[...heads.goals, ...goals]] : []), [notes]]
    .map((part) => part.join('\n'))
    .join('\n\n');
}
