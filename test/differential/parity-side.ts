import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../src/engine/engine.ts';
import type { RunEvent } from '../../src/pipeline/events.ts';
import { git } from '../support/environment.ts';
import { lockedProject } from '../support/locked-project.ts';
import { parity } from '../support/parity.ts';
import { addFiles, type Tree } from '../support/repo.ts';
import type { JobOutcome, JobRun } from './compare.ts';

/** What parity made of a repository's CI file. */
export interface ParityRuns {
  /** The written parity.yaml; when nothing could be imported, the reasons, as comments. */
  readonly written: string;
  readonly runs: readonly JobRun[];
  /** Everything that was said, for people. */
  readonly told: string;
}

/**
 * One project whose image and lock are there, whose files are exchanged for each pipeline: the pipelines share all that is costly. `reference`
 * is the name of its image, to be removed in the end.
 */
export interface ParityProject {
  readonly dir: string;
  readonly reference: string;
  /** Imports a CI file of a repository with these files, and runs what came of it. */
  readonly run: (tree: Tree, file: string) => Promise<ParityRuns>;
}

const kept = new Set(['.git', '.home', '.parity-cache', 'parity.lock.json']);

/** Makes the project in a folder that is swept later. */
export async function parityProject(engine: Engine, dir: string, address: string): Promise<ParityProject> {
  const reference = await lockedProject(engine, dir, '  - { name: none, run: "true" }\n');
  const [head = ''] = readFileSync(join(dir, 'parity.yaml'), 'utf8').split('pipeline:');
  git(dir, 'init', '--quiet', '--initial-branch', 'main');
  git(dir, 'remote', 'add', 'origin', 'https://github.com/acme/shop.git');
  const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '120' };
  const run = async (tree: Tree, file: string): Promise<ParityRuns> => {
    for (const name of readdirSync(dir)) if (!kept.has(name)) rmSync(join(dir, name), { recursive: true });
    mkdirSync(dir, { recursive: true });
    addFiles(dir, { '.gitignore': '.home\n.parity-cache\n', ...tree });
    git(dir, 'add', '--all');
    git(dir, 'commit', '--quiet', '--allow-empty', '--message', file);
    const imported = await parity(['init', '--from', file, '--reporter', 'plain'], { cwd: dir, env });
    const said = imported.stdout + imported.stderr;
    if (imported.code !== 0) return { written: said.replace(/^\s*/gm, '# '), runs: [], told: said };
    const written = readFileSync(join(dir, 'parity.yaml'), 'utf8');
    // The image that tests have ready holds no tools: the pipeline is what init wrote, the toolchain is that image's.
    const pipeline = /^(?:services|pipeline):\n[^]*/m.exec(written)?.[0] ?? '';
    writeFileSync(join(dir, 'parity.yaml'), head + pipeline);
    const up = await parity(['up', '--no-cache', '--jobs', '1', '--reporter', 'json'], { cwd: dir, env });
    return { written, runs: runsOf(written, up.stdout), told: `${written}\n${up.stdout}${up.stderr}` };
  };
  return { dir, reference, run };
}

interface WrittenStep {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** The CI jobs that do it. */
  readonly jobs: readonly string[];
  /** The machine it runs on: legs of a job have one each. */
  readonly machine: string;
}

/** The steps of a written file, with the places that its comments name. */
function writtenSteps(written: string): readonly WrittenStep[] {
  const step =
    /^ {2}# ([\w./-]+):(\d+), job ([^;\n]+)(.*)\n(?: {2}#.*\n)* {2}- name: "?([^"\n]+?)"?\n(?:(?: {4}.*)?\n)*?(?=$|\n| {2}[#-])/gm;
  return [...written.matchAll(step)].map(([whole, file = '', line, job = '', notes = '', name = '']) => {
    const [, several] = /jobs ([^;]+) each do it in CI/.exec(notes) ?? [];
    const [, machine = job] = /^ {4}job: (.*)$/m.exec(whole) ?? [];
    return { name, file, line: Number(line), jobs: several?.split(', ') ?? [job], machine };
  });
}

type StepEvent = Exclude<RunEvent, { type: 'step-output' }> | { type: 'step-output'; step: string; text: string };

/** What each machine of a run printed, by CI's jobs. */
function runsOf(written: string, events: string): readonly JobRun[] {
  const steps = writtenSteps(written);
  const output = new Map<string, string>();
  const outcomes = new Map<string, string>();
  for (const line of events.split('\n')) {
    if (!line.startsWith('{')) continue;
    const event = JSON.parse(line) as StepEvent;
    if (event.type === 'step-started') output.set(event.step, '');
    if (event.type === 'step-output') output.set(event.step, `${output.get(event.step) ?? ''}${event.text}`);
    if (event.type === 'step-finished') outcomes.set(event.step, event.outcome);
  }
  const machines = new Set(steps.flatMap(({ machine, jobs }) => jobs.map((job) => `${job}\n${machine}`)));
  return [...machines].map((key) => {
    const [job = '', machine] = key.split('\n');
    const own = steps.filter((each) => each.jobs.includes(job) && each.machine === machine);
    // In the order in which they started.
    const ran = [...output.keys()].flatMap((name) => own.filter((each) => each.name === name));
    const lines = ran.flatMap(({ name, file, line }) =>
      linesOf(output.get(name) ?? '').map((text) => ({ text, place: { file, from: line, to: line } })),
    );
    return { job, outcome: outcomeOf(own.map(({ name }) => outcomes.get(name) ?? 'skipped')), lines };
  });
}

function outcomeOf(outcomes: readonly string[]): JobOutcome {
  if (outcomes.includes('failed')) return 'failed';
  return outcomes.every((each) => each === 'skipped') ? 'skipped' : 'passed';
}

/** Printed text as lines, without what only this run has: folders, colours, the runner's commands (`::group::`). */
export function linesOf(text: string): readonly string[] {
  return (
    text
      .replaceAll('\r', '')
      // oxlint-disable-next-line no-control-regex -- colours
      .replace(/\u001b\[[0-9;]*m/g, '')
      .replace(/\/workspace\b/g, '<workspace>')
      .replace(/\n$/, '')
      .split('\n')
      .filter((line, index, all) => !(all.length === 1 && line === '') && !/^::[\w-]+(?: [^:]*)?::/.test(line))
  );
}
