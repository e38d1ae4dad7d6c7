// Everything that must hold, after scripts/verify.sh has set things up: lint, types, the package, the workflows, and all tests.
//
// usage: node scripts/verify.mjs            what the committed record does not answer for (test/groups.mjs, test/verified.json)
//        node scripts/verify.mjs --record   the same, and the groups that ran and held come into the record
//        node scripts/verify.mjs --full     everything, and what held comes into the record
//
// The last line counts tests; a check that is no test counts when it fails. Exit code 1 when anything failed.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { groups } from '../test/groups.mjs';
import { countReports, countsText, failureLines, timesTable } from './counts.mjs';
import { digestsNow, planGroups, readRecord, recordFile, recordGroups } from './verification/groups.mjs';
import { runLanes, succeeds } from './verification/lanes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const isFull = process.argv.includes('--full');
const isRecording = isFull || process.argv.includes('--record');
const reports = join(root, 'node_modules/.cache/parity-verify');
// Other engines than the machine's own are started as root on Debian or Ubuntu (scripts/engines.sh).
const hasExtraEngines = process.env.PARITY_VERIFY_ENGINES !== 'none';
process.chdir(root);
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const digests = digestsNow(root, groups);
const plan = planGroups({ groups, digests, recorded: readRecord(root), isFull });
const runsEngines = plan.needs.has('engines') && hasExtraEngines;
// setup.sh has built dist/; a build in the midst of other tests would pull it away under them.
const env = { ...process.env, PARITY_TEST_BUILT: 'yes', PARITY_TEST_ENGINES: runsEngines ? 'all' : 'own' };
const projects = [];

const ciTools = [
  'actionlint',
  'zizmor',
  ...['act', 'gitlab-ci-local', 'chromium'].filter((name) => plan.needs.has(name)),
];
const toolsReady = madeReady('CI tools', ['bash', 'scripts/ci-tools.sh', ...ciTools]);
const enginesReady = runsEngines ? [madeReady('extra engines', ['bash', 'scripts/engines.sh', 'start'])] : [];
// Beside whatever is shorter: with all groups, images take longest.
const integration = tests('integration');
const sideBySide = [
  [
    { name: 'lint', run: ['npm', 'run', '--silent', 'lint'] },
    { name: 'types', run: ['npm', 'run', '--silent', 'types'] },
    { name: 'package', run: ['npx', 'publint', '--strict'] },
    // No version and no command of this repository drifts, and none of its example, a project of its own: hence the folder.
    { name: 'doctor', run: ['node', 'bin/parity.js', 'doctor', '--offline', '--strict', '--cwd', 'examples/shop'] },
    toolsReady,
    { name: 'workflows', run: ['bash', 'scripts/check-workflows.sh'] },
    ...(isFull ? integration : []),
    ...tests('cli'),
    ...enginesReady,
    ...tests('engine'),
  ],
  [...tests('unit'), ...(isFull ? [] : integration), ...tests('image'), ...tests('real'), ...tests('differential')],
];
const checks = [...(await runLanes(sideBySide, { env })), ...(await runLanes([tests('exclusive')], { env }))];

/** Something that is made ready while checks run; tried once more when it did not work out, as a download may break off. */
function madeReady(name, command) {
  const lines = [];
  const first = succeeds(command, env, (line) => lines.push(line));
  const run = async (say) => {
    if (await first) return true;
    for (const line of lines) say(line);
    say('once more:');
    return await succeeds(command, env, say);
  };
  return { name, run };
}

/** The check that runs a vitest project without the files that the record answers for; none when no file is left. */
function tests(project) {
  const folder = `test/${project}`;
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.test.ts')) : undefined;
  if (files?.every((name) => plan.leftOut.includes(`${folder}/${name}`))) return [];
  projects.push(project);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${join(reports, `${project}.json`)}`];
  const leftOut = plan.leftOut.flatMap((file) => ['--exclude', file]);
  return [{ name: project, run: ['npx', 'vitest', 'run', '--project', project, ...reporters, ...leftOut] }];
}

const failedChecks = checks.filter(({ passed }) => !passed).map(({ name }) => name);
const counts = countReports(reports, projects, failedChecks);
const total = { passed: 0, failed: 0, skipped: 0 };
const heading = (text) => console.log(`\n== ${text}`);

heading('the time of each test file');
for (const line of timesTable(counts, root)) console.log(line);
heading('checks');
for (const { name, passed, seconds } of checks)
  console.log(`${seconds.toFixed(0).padStart(5)} s  ${name}${passed ? '' : ': failed'}`);
heading('groups of expensive tests');
const names = (list) => list.map(({ name }) => name).join(', ') || 'none';
console.log(`run: ${names(plan.run)}`);
console.log(`taken from ${recordFile}: ${names(plan.fromRecord)}`);
if (plan.needs.has('engines') && !hasExtraEngines)
  console.log("other engines than this machine's own can't be started here: nothing was tried on them");
const failures = failureLines(counts, root);
if (failures.length > 0) heading('what failed');
for (const line of failures) console.log(line);
heading('tests');
for (const { project, ...count } of counts) {
  console.log(`${project}: ${countsText(count)}`);
  for (const key of Object.keys(total)) total[key] += count[key];
}
total.failed += failedChecks.filter((name) => !projects.includes(name)).length;
const isGreen = total.failed === 0 && total.passed > 0;
if (isRecording) {
  heading(`${recordFile}: commit it`);
  // A group that other engines belong to is not tried where there are none.
  const ran = plan.run.filter(({ needs = [] }) => hasExtraEngines || !needs.includes('engines'));
  const held = counts.flatMap(({ files }) => files.filter((file) => file.held).map(({ path }) => path));
  const heldFiles = new Set(held.map((path) => relative(root, path).split(sep).join('/')));
  for (const line of recordGroups(root, { ran, groups, before: digests, heldFiles })) console.log(line);
}
console.log(countsText(total));
process.exitCode = isGreen ? 0 : 1;
