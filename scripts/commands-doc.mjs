// Writes docs/commands.md, the reference of the command line, from the help that the program itself prints; with --check, fails when the
// page says something else.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'docs', 'commands.md');
const width = 100;

/** The pages that say more about a command than its help does. */
const pages = {
  init: ['ci', 'preflight'],
  up: ['cache', 'schedule', 'watch', 'repeat', 'reports', 'remote-engines'],
  fix: ['fix'],
  preflight: ['preflight'],
  hook: ['preflight'],
  explain: ['remedies'],
  history: ['records'],
  logs: ['records'],
  bundle: ['records'],
  image: ['image'],
  build: ['image'],
  compare: ['receipts'],
  repro: ['receipts'],
  receipt: ['receipts', 'ci'],
  doctor: ['doctor', 'rules/'],
  ci: ['ci'],
  cache: ['cache'],
};

const runCli = await loadProgram();
const [text, commands] = await describe([]);
const named = new Set(commands.map(([name]) => name));
for (const name of Object.keys(pages))
  if (!named.has(name)) throw new Error(`pages names ${name}, which is no command`);

const rows = [];
const sections = [];
for (const [name, summary] of commands) {
  rows.push(`| [\`parity ${name}\`](#parity-${name}) | ${summary} | ${(pages[name] ?? []).map(linkTo).join(', ')} |`);
  sections.push(`## parity ${name}\n\n${await sectionOf([name])}`);
}
const page = `# Commands

<!-- Written by \`node scripts/commands-doc.mjs\` from the program's own help. \`npm run lint\` checks it. -->

| command | what it does | more |
|---|---|---|
${rows.join('\n')}

## Everywhere

${fenced(text)}
${sections.join('\n')}`;

if (!process.argv.includes('--check')) {
  await writeFile(target, page);
} else if ((await readFile(target, 'utf8').catch(() => undefined)) !== page) {
  console.error('docs/commands.md is stale. Run: node scripts/commands-doc.mjs');
  process.exitCode = 1;
}

/** A command's help, and that of the commands below it. */
async function sectionOf(words) {
  const [help, below] = await describe(words);
  const parts = [fenced(help)];
  for (const [name] of below)
    parts.push(`### parity ${[...words, name].join(' ')}\n\n${await sectionOf([...words, name])}`);
  return parts.join('\n');
}

/** What `parity WORDS --help` prints, and the commands that it lists, each as its name and summary. */
async function describe(words) {
  const out = [];
  const stream = { columns: width, write: (part) => out.push(part) };
  const code = await runCli({
    argv: [...words, '--help'],
    env: {},
    cwd: root,
    stdin: process.stdin,
    stdout: stream,
    stderr: stream,
    signal: new AbortController().signal,
    exit: (exitCode) => {
      throw new Error(`exit ${exitCode}`);
    },
  });
  const help = out.join('');
  if (code !== 0) throw new Error(`parity ${words.join(' ')} --help exits ${code}:\n${help}`);
  return [help, commandsIn(help)];
}

/** A command's line begins with two spaces; its summary goes on in lines that are indented further. */
function commandsIn(help) {
  const [, block = ''] = /^Commands:\n((?: {2}.*\n?)*)/m.exec(help) ?? [];
  return block
    .replace(/\n {4,}/g, ' ')
    .split('\n')
    .flatMap((line) => {
      const [, name, summary] = /^ {2}(\S+)(?: [[<]\S+)* {2,}(.*)$/.exec(line) ?? [];
      return name === undefined || name === 'help' ? [] : [[name, summary.replaceAll('|', '\\|')]];
    });
}

function fenced(help) {
  return `\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`;
}

function linkTo(name) {
  return name.endsWith('/') ? `[${name.slice(0, -1)}](${name})` : `[${name}](${name}.md)`;
}

/** The program's entry point. Node 20 reads no TypeScript; the bundle lies below node_modules so that it finds its packages. */
async function loadProgram() {
  await mkdir(join(root, 'node_modules', '.cache'), { recursive: true });
  const folder = await mkdtemp(join(root, 'node_modules', '.cache', 'commands-'));
  try {
    const outfile = join(folder, 'src', 'cli', 'program.mjs');
    await build({
      absWorkingDir: root,
      entryPoints: ['src/cli/program.ts'],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'warning',
    });
    return (await import(pathToFileURL(outfile).href)).runCli;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
