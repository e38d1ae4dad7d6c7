// `npm run bench [-- --rounds N] [-- --only NAME,NAME] [-- --peers] [-- --write]`: measures, side by side, what the README claims, and
// prints one table, and one of the goals; --write puts both in bench/RESULTS.md.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bigImage, coldBuild, imageSize, pullAgainstBuild } from './image.mjs';
import { oneChanged } from './changed.mjs';
import { copyWorkspace } from './copy.mjs';
import { staticAudit } from './doctor.mjs';
import { judge } from './goals.mjs';
import { importing } from './import.mjs';
import { must } from './measure.mjs';
import { peakMemory } from './peak-memory.mjs';
import { realPipeline } from './pipeline.mjs';
import { pythonStepsWarm } from './python-steps.mjs';
import { mergeResults, printResults } from './results.mjs';
import { changedRequirement } from './requirement.mjs';
import { setUp, setUpShared } from './set-up.mjs';
import { start } from './start.mjs';
import { trivialSteps } from './trivial-steps.mjs';
import { setUpUvLock } from './uv-lock.mjs';
import { unchanged } from './unchanged.mjs';

const measurements = {
  'set-up': { title: '(a) Set-up of examples/shop', measure: setUp, unit: 's', most: 7 },
  'set-up-shared': { title: '(p) The same, its image shared', measure: setUpShared, unit: 's', most: 7 },
  'uv-lock': {
    title: '(q) From a uv.lock to its first tests, the base there',
    measure: setUpUvLock,
    unit: 's',
    most: 7,
  },
  python: { title: "(b) The example's Python steps, warm", measure: pythonStepsWarm, unit: 's' },
  pipeline: { title: '(k) A pipeline of 60 modules and 300 tests, warm', measure: realPipeline, unit: 's' },
  trivial: { title: '(c) Six trivial steps, warm', measure: trivialSteps, unit: 'ms' },
  start: { title: '(n) The start alone', measure: start, unit: 'ms' },
  'unchanged-1k': { title: '(l) Nothing changed, 1,000 files', measure: unchanged(1000), unit: 'ms' },
  'unchanged-10k': { title: '(l) Nothing changed, 10,000 files', measure: unchanged(10_000), unit: 'ms' },
  'unchanged-100k': { title: '(l) Nothing changed, 100,000 files', measure: unchanged(100_000), unit: 'ms' },
  changed: { title: '(m) One file of 10,000 changed', measure: oneChanged, unit: 'ms' },
  memory: { title: "(d) The CLI's peak memory", measure: peakMemory, unit: 'MiB' },
  build: { title: '(e) A cold build of the image, its base there', measure: coldBuild, unit: 's', most: 3 },
  requirement: { title: '(f) A changed requirement, base and engine there', measure: changedRequirement, unit: 's' },
  pull: { title: '(g) The image from a registry on loopback', measure: pullAgainstBuild, unit: 's', most: 3 },
  size: { title: "(h) The image's size", measure: imageSize, unit: 'MiB', most: 1 },
  doctor: { title: '(j) An audit of 5,000 files, 200 of them declaring', measure: staticAudit, unit: 'ms' },
  import: { title: '(r) An import of thousands of lines', measure: importing, unit: 'ms' },
  copy: { title: '(o) One of 10,000 files changed, into an engine', measure: copyWorkspace, unit: 'ms' },
  big: { title: "(i) The CLI's peak memory with an image of 2 GB", measure: bigImage, unit: 'MiB', most: 1 },
};

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    only: { type: 'string', default: Object.keys(measurements).join(',') },
    peers: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const wanted = values.only.split(',');
const unknown = wanted.filter((name) => !(name in measurements));
if (!Number.isInteger(rounds) || rounds < 1 || unknown.length > 0) {
  console.error(`--rounds takes a number; --only takes some of ${Object.keys(measurements).join(',')}`);
  process.exit(2);
}

const scratch = mkdtempSync(join(tmpdir(), 'parity-bench-'));
const day = new Date().toISOString().slice(0, 10);
const measured = new Map();
try {
  must(process.execPath, [fileURLToPath(new URL('../scripts/build.mjs', import.meta.url))]);
  for (const name of wanted) {
    const { title, measure, unit, most = Infinity } = measurements[name];
    const count = Math.min(rounds, most);
    process.stderr.write(`${title}\n`);
    const rows = measure(scratch, count);
    const lines = rows.map((row) => {
      const ratio = rows.length > 1 ? (row.median / rows[0].median).toFixed(2) : '';
      const range = `${show(row.min, unit)} – ${show(row.max, unit)}`;
      return `| ${title} | ${row.name} | ${count} | ${show(row.median, unit)} | ${range} | ${ratio} | ${day} |`;
    });
    const goals = judge(name, rows, (value) => show(value, unit)).map(
      ({ goal, measured: figure, verdict }) => `| ${title} | ${goal} | ${figure} | ${verdict} | ${day} |`,
    );
    measured.set(title, { rows: lines, goals });
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

const server = must('docker', ['version', '--format', '{{.Server.Version}}']).trim();
const notes = `Medians, taken in turns (A B A B; what takes minutes, fewer times); the ratio is to the first row of its group. ${platform()} ${release()} ${arch()}, ${cpus().length} CPUs,
${Math.round(totalmem() / 2 ** 30)} GiB, Docker ${server}, Node ${process.version}. Times vary with the machine and its load: trust the ratios.

No command inherits NODE_EXTRA_CA_CERTS but those that ask the network: node reads that bundle at every start, which is no tool's own time.

(a) The page's own way, with empty caches of its own and with those of earlier rounds; parity with nothing cached downloads all, Debian's packages
included, and makes its base image; with the base cached it builds the rest with --no-cache. (p) parity up pulls from a registry on loopback. (q) One project, 41 packages, no lock of parity's; each
side's caches empty, then warm. (b), (k) docker run
keeps the tools' caches in the repository, as the host does. (l) turbo, task, moon and toast are held to saying that all six steps were known.
`;
console.log(printResults(measured, notes));
if (values.write) {
  const file = fileURLToPath(new URL('RESULTS.md', import.meta.url));
  const order = Object.values(measurements).map(({ title }) => title);
  writeFileSync(file, mergeResults(readFileSync(file, 'utf8'), measured, { order, notes }));
}

function show(value, unit) {
  if (unit === 's') return `${(value / 1000).toFixed(value < 10_000 ? 2 : 1)} s`;
  return `${Math.round(value)} ${unit}`;
}
