import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { LineCounter, parseDocument, isMap, isSeq, isScalar, type Node, type Pair } from 'yaml';
import { ciTool, ciToolsDir } from '../../support/ci-tools.ts';
import { commitAll, git } from '../../support/environment.ts';
import { addFiles, type Tree } from '../../support/repo.ts';
import type { JobOutcome, JobPlace, JobRun, LineRange, PrintedLine } from '../compare.ts';
import { linesOf } from '../parity-side.ts';

const actions = fileURLToPath(new URL('../../fixtures/actions', import.meta.url));

/** A line of act's `--json`. */
interface ActEvent {
  readonly jobID?: string;
  readonly matrix?: Readonly<Record<string, unknown>>;
  readonly job?: string;
  readonly stepID?: readonly string[];
  readonly msg?: string;
  readonly raw_output?: boolean;
  readonly jobResult?: 'success' | 'failure' | 'skipped';
}

/** Runs a workflow by act on this very machine, as a push, in a fresh clone of its files; throws when act gives no result. */
export async function actRuns(tree: Tree, file: string): Promise<readonly JobRun[]> {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'act-side-')));
  const [dir, home] = [join(scratch, 'repo'), join(scratch, 'home')];
  try {
    mkdirSync(join(home, '.config', 'act'), { recursive: true });
    // It answers no questions on its first run.
    writeFileSync(join(home, '.config', 'act', 'actrc'), '');
    addFiles(dir, tree);
    commitAll(dir);
    git(dir, 'remote', 'add', 'origin', 'https://github.com/acme/shop.git');
    const args = ['push', '--workflows', file, '--platform=ubuntu-latest=-self-hosted', '--pull=false'];
    const standIns = ['upload-artifact', 'download-artifact'].flatMap((name) => [
      '--local-repository',
      `actions/${name}@v4=${join(actions, name)}`,
    ]);
    const variables = {
      PARITY_TEST_ARTIFACTS: join(scratch, 'artifacts'),
      PARITY_TEST_TOOLKIT: pathToFileURL(join(actions, 'toolkit.mjs')).href,
      PARITY_TEST_CI_TOOLS_DIR: ciToolsDir('act'),
    };
    const more = [
      '--action-offline-mode',
      '--no-cache-server',
      '--json',
      ...standIns,
      ...Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ];
    const { output } = await ciTool('act', [...args, ...more], {
      cwd: dir,
      home,
      env: { NO_COLOR: '1' },
    });
    const runs = runsOf(output, placesOf(tree[file] ?? ''), home);
    if (runs.length === 0 && !output.includes('"msg"')) throw new Error(`act ran nothing of ${file}: ${output}`);
    return runs;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function runsOf(output: string, places: ReturnType<typeof placesOf>, home: string): readonly JobRun[] {
  const legs = new Map<string, { job: string; outcome: JobOutcome; lines: PrintedLine[] }>();
  for (const line of output.split('\n')) {
    if (!line.startsWith('{')) continue;
    const {
      jobID,
      job = '',
      matrix,
      stepID,
      msg = '',
      raw_output: isPrinted,
      jobResult,
    } = JSON.parse(line) as ActEvent;
    if (jobID === undefined) continue;
    // A called workflow's jobs are named after their callers: `call/checks.yml/inner`, where others are `ci.yml/build-1`.
    const name = [...job.trim().split('/').slice(0, -2), jobID].join('-');
    const key = JSON.stringify([name, job.trim(), matrix]);
    const leg = legs.get(key) ?? { job: name, outcome: 'skipped', lines: [] };
    legs.set(key, leg);
    if (jobResult !== undefined) leg.outcome = outcomes[jobResult];
    if (isPrinted !== true) continue;
    const place = places.find((each) => each.job === name)?.stepOf(stepID?.[0] ?? '');
    const text = msg.replaceAll(/\/[^\s:'"]*\/hostexecutor\b/g, '<workspace>').replaceAll(home, '<home>');
    for (const each of text.trim() === '' ? [text.replace(/\n$/, '')] : linesOf(text))
      leg.lines.push({ text: each, ...(place === undefined ? {} : { place }) });
  }
  return [...legs.values()];
}

const outcomes: Readonly<Record<NonNullable<ActEvent['jobResult']>, JobOutcome>> = {
  success: 'passed',
  failure: 'failed',
  skipped: 'skipped',
};

/** Where the jobs of a workflow and their steps stand in it. */
export function placesOf(
  text: string,
): readonly (JobPlace & { readonly stepOf: (id: string) => LineRange | undefined })[] {
  const counter = new LineCounter();
  const root = parseDocument(text, { lineCounter: counter }).get('jobs');
  const lineAt = (offset: number): number => counter.linePos(offset).line;
  const rangeOf = (from: number, node: Node | null): LineRange => {
    const end = lineAt((node?.range?.[1] ?? from) - 1);
    return { from: lineAt(from), to: Math.max(end, lineAt(from)) };
  };
  if (!isMap(root)) return [];
  return (root.items as Pair<Node, Node>[]).map(({ key, value }) => {
    const steps = isMap(value) ? value.get('steps') : undefined;
    const nodes = isSeq(steps) ? (steps.items as Node[]) : [];
    const ranges = nodes.map((step) => rangeOf(step.range?.[0] ?? 0, step));
    const ids = nodes.map((step) => (isMap(step) ? step.get('id') : undefined));
    const job = isScalar(key) ? String(key.value) : '';
    return {
      job,
      ...rangeOf(key.range?.[0] ?? 0, value),
      steps: ranges,
      // act names a step by its id, else by its number.
      stepOf: (id: string) => ranges[ids.includes(id) ? ids.indexOf(id) : Number(id)],
    };
  });
}
