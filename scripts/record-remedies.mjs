// Records what the steps of test/fixtures/remedies print in parity's image, as <id>/output.txt beside each example, for the unit tests of the
// catalogue. An engine and the network (PyPI, npm, Debian) are needed; `npm run build` first. It takes a few minutes.
//
// usage: node scripts/record-remedies.mjs [id…]
import { execFileSync, spawn } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hideRegistries } from './registry-hosts.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const fixtures = join(root, 'test/fixtures/remedies');
const asked = process.argv.slice(2).map((id) => id.replace('/', ':'));

const work = await mkdtemp(join(tmpdir(), 'parity-remedies-'));
try {
  await cp(fixtures, work, { recursive: true });
  execFileSync('git', ['init', '-q'], { cwd: work });
  const outputs = new Map();
  let rest = '';
  const child = spawn(
    process.execPath,
    [join(root, 'bin/parity.js'), 'up', '--reporter', 'json', '--no-cache', ...asked],
    {
      cwd: work,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  for await (const piece of child.stdout.setEncoding('utf8')) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop();
    for (const line of lines) hear(JSON.parse(line), outputs);
  }
  const hide = hideRegistries('python3');
  for (const [name, output] of outputs)
    if (name.includes(':')) await writeFile(join(fixtures, name.replace(':', '/'), 'output.txt'), hide(output));
  console.log(`recorded ${outputs.size} steps`);
} finally {
  await rm(work, { recursive: true, force: true });
}

function hear(event, outputs) {
  if (event.type === 'step-output') outputs.set(event.step, (outputs.get(event.step) ?? '') + event.text);
  if (event.type === 'step-finished') {
    const told = (event.remedies ?? []).map(({ id }) => id).join(' ');
    console.log(`${event.step}: ${event.outcome} ${event.exitCode ?? event.reason}: ${told}`);
    if (!outputs.has(event.step)) outputs.set(event.step, '');
  }
  if (event.type === 'run-finished' && event.failure) console.log(event.failure);
}
