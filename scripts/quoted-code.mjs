// Writes the code that pages of docs/development quote anew from the sources; with --check, fails when a page quotes something else. A quote is a
// fenced block below `<!-- quoted: FILE: FIRST LINE -->`: the declaration that begins so, up to the line that closes it.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = 'docs/development/';
const quote = /(<!-- quoted: (\S+): (.+) -->\n+```\w+\n)(?:[^]*?\n)??```(?=\n)/g;

for (const name of readdirSync(`${root}${folder}`)) {
  const page = readFileSync(`${root}${folder}${name}`, 'utf8');
  const written = page.replace(quote, (_, head, file, first) => `${head}${declaration(file, first)}\n\`\`\``);
  if (written === page) continue;
  if (!process.argv.includes('--check')) {
    writeFileSync(`${root}${folder}${name}`, written);
    console.log(`wrote ${folder}${name}`);
  } else {
    console.error(`${folder}${name} quotes code that is another by now. Run: node scripts/quoted-code.mjs`);
    process.exitCode = 1;
  }
}

/** The lines from the first one that begins like `first` to the one that closes it, without their common indentation. */
function declaration(file, first) {
  const lines = readFileSync(`${root}${file}`, 'utf8').split('\n');
  const start = lines.findIndex((line) => line.trimStart().startsWith(first));
  if (start === -1) throw new Error(`${file} has no line that begins with ${first}`);
  const indent = indentOf(lines[start]);
  // Either the line that closes it, or the one before the next of its kind.
  let end = start + 1;
  while (lines[end] === '' || indentOf(lines[end]) > indent) end += 1;
  if (/^[}\])]/.test(lines[end].trimStart())) end += 1;
  return lines
    .slice(start, end)
    .map((line) => line.slice(indent))
    .join('\n');
}

function indentOf(line) {
  return line.length - line.trimStart().length;
}
