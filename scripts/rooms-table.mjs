// Writes the table of rooms into ARCHITECTURE.md from scripts/rooms.cjs; with --check, fails when the table there says something else.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import roomsFile from './rooms.cjs';

const { rooms } = roomsFile;
const names = Object.keys(rooms);
const root = fileURLToPath(new URL('..', import.meta.url));
const target = `${root}ARCHITECTURE.md`;
const marks = ['<!-- rooms: written by `node scripts/rooms-table.mjs` -->', '<!-- end of rooms -->'];

const wrong = mistakes();
if (wrong.length > 0) {
  console.error(wrong.join('\n'));
  process.exit(1);
}
const text = readFileSync(target, 'utf8');
const [start, end] = [text.indexOf(marks[0]), text.indexOf(marks[1])];
if (start === -1 || end < start) throw new Error(`ARCHITECTURE.md has no ${marks.join(' … ')}`);
const written = `${text.slice(0, start)}${marks[0]}\n${table()}\n${text.slice(end)}`;
if (!process.argv.includes('--check')) {
  writeFileSync(target, written);
} else if (written !== text) {
  console.error('The table of rooms in ARCHITECTURE.md is stale. Run: node scripts/rooms-table.mjs');
  process.exitCode = 1;
}

function table() {
  const rows = Object.entries(rooms).map(
    ([room, { is, imports }]) => `| \`${room}\` | ${is} | ${words(room, imports)} |`,
  );
  return ['| room | what it holds | may import |', '|---|---|---|', ...rows].join('\n');
}

/** In the order of the table; most rooms import few others, the last ones nearly all. */
function words(room, imports) {
  const above = names.slice(0, names.indexOf(room));
  const others = above.filter((name) => !imports.includes(name));
  if (imports.length === 0) return 'nothing';
  if (imports.length < 10) return above.filter((name) => imports.includes(name)).join(', ');
  return others.length === 0 ? 'all above' : `all above but ${others.join(', ')}`;
}

/** The table has every folder of src, and each room stands below those that it imports. */
function mistakes() {
  const found = [];
  const folders = readdirSync(`${root}src`, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? entry.name : [],
  );
  for (const folder of folders) if (!names.includes(folder)) found.push(`scripts/rooms.cjs has no room ${folder}`);
  for (const name of names) if (!folders.includes(name)) found.push(`src has no folder ${name}`);
  for (const [at, name] of names.entries())
    for (const imported of rooms[name].imports)
      if (!names.slice(0, at).includes(imported))
        found.push(`${name} imports ${imported}, which is not above it in scripts/rooms.cjs`);
  return found;
}
