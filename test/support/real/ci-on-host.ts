import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { git } from '../git-repo.ts';
import { checkResults, linesOf, type RanCommand } from './check-results.ts';
import type { HostTools } from './host-tools.ts';
import { workflowOf, type RealRepo, type Workflow, type WorkflowJob, type WorkflowStep } from './real-repo.ts';

/** What a run of CI's jobs on this machine needs. */
export interface HostRun {
  readonly repo: RealRepo;
  /** The repository with its commits and tags, as the server has it. */
  readonly origin: string;
  /** A folder for checkouts, homes and virtual environments. */
  readonly scratch: string;
  readonly tools: HostTools;
  /** Ports of this machine by those that the job's services are reached at: `5432` → `49153`. */
  readonly ports: ReadonlyMap<string, number>;
}

/**
 * Runs the jobs of the repository's CI file as its runner would: each in a checkout, a home and a virtual environment of its own, its
 * `run:` steps by bash one after the other until one fails. Gives what became of each check, and what failing steps printed. Throws for what
 * it doesn't know of the file.
 */
export function runCiOnHost(run: HostRun): { readonly results: RealRepo['checks']; readonly failed: string } {
  const workflow = workflowOf(run.repo);
  const ran = Object.entries(workflow.jobs).flatMap(([name, job]) => runJob(run, workflow, name, job));
  const failed = ran.filter(({ outcome }) => outcome === 'failed');
  return {
    results: checkResults({ checks: Object.keys(run.repo.checks), lines: ciLines(run.repo), ran }),
    failed: failed.map(({ run: script, output }) => `--- ${script}\n${output.slice(-5000)}`).join('\n'),
  };
}

/** The lines of all commands of a repository's CI file, with the values of the legs that are compared. */
export function ciLines(repo: RealRepo): readonly string[] {
  return Object.entries(workflowOf(repo).jobs).flatMap(([name, job]) => {
    const leg = legOf(repo, name, job);
    const filled = (run: string): string =>
      run.replace(/\$\{\{ *matrix\.([\w-]+) *\}\}/g, (all, axis) => leg[axis] ?? all);
    return job.steps.flatMap(({ run = '' }) => linesOf(filled(run)));
  });
}

interface Job {
  readonly run: HostRun;
  readonly job: WorkflowJob;
  readonly dir: string;
  readonly home: string;
  readonly leg: Readonly<Record<string, string>>;
  readonly env: Record<string, string>;
}

function runJob(run: HostRun, workflow: Workflow, name: string, job: WorkflowJob): readonly RanCommand[] {
  const home = join(run.scratch, name, 'home');
  mkdirSync(home, { recursive: true });
  const one: Job = { run, job, dir: join(run.scratch, name, 'work'), home, leg: legOf(run.repo, name, job), env: {} };
  Object.assign(one.env, runnersEnv(one));
  for (const [key, value] of Object.entries({ ...workflow.env, ...job.env })) one.env[key] = decided(one, value);
  const ran: RanCommand[] = [];
  for (const step of job.steps) {
    if (step.uses !== undefined) setUp(one, step);
    else ran.push(runStep(one, step));
    if (ran.at(-1)?.outcome === 'failed') break;
  }
  return ran;
}

function runnersEnv({ run, home }: Job): Record<string, string> {
  return {
    ...run.tools.env,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    HOME: home,
    LANG: 'C.UTF-8',
    PATH: process.env['PATH'] ?? '',
    POETRY_VIRTUALENVS_PATH: join(home, 'poetry'),
  };
}

/** The leg that the description names, else the first of each axis. */
function legOf(repo: RealRepo, name: string, { strategy }: WorkflowJob): Readonly<Record<string, string>> {
  const axes = Object.entries(strategy?.matrix ?? {}).filter(([axis]) => axis !== 'include' && axis !== 'exclude');
  return { ...Object.fromEntries(axes.map(([axis, [first]]) => [axis, String(first)])), ...repo.legs[name] };
}

/** What the step's actions do for what follows: programs in PATH. */
function setUp(one: Job, step: WorkflowStep): void {
  const { run, env, home, dir } = one;
  const input = (name: string): string | undefined => {
    const value = step.with?.[name];
    return value === undefined ? undefined : decided(one, String(value));
  };
  const action = step.uses?.replace(/@.*/, '');
  if (action === 'actions/checkout') {
    const depth = input('fetch-depth') === '0' ? [] : ['--depth', '1', '--no-tags'];
    git(run.scratch, 'clone', '-q', ...depth, `file://${run.origin}`, dir);
  } else if (action === 'actions/setup-python') {
    demand(input('python-version'), '3.11');
    const venv = join(home, 'venv');
    command(run.tools.python, ['-m', 'venv', venv], env);
    env['PATH'] = `${join(venv, 'bin')}:${env['PATH']}`;
  } else if (action === 'astral-sh/setup-uv') {
    env['PATH'] = `${join(run.tools.uv, '..')}:${env['PATH']}`;
    const version = input('python-version') ?? textOf(dir, '.python-version');
    demand(version, '3.11');
    env['UV_PYTHON'] = run.tools.python;
  } else if (action === 'actions/setup-node') {
    const version = input('node-version') ?? textOf(dir, input('node-version-file') ?? '.nvmrc') ?? '';
    env['PATH'] = `${run.tools.nodeFolder(/^v?(\d+)/.exec(version)?.[1] ?? '')}:${env['PATH']}`;
  } else if (action === 'pnpm/action-setup') {
    const { packageManager } = JSON.parse(textOf(dir, 'package.json') ?? '{}') as { packageManager?: string };
    env['PATH'] = `${run.tools.pnpmFolder(/^pnpm@(.+)$/.exec(packageManager ?? '')?.[1] ?? '')}:${env['PATH']}`;
  } else throw new Error(`${run.repo.name}: what does ${step.uses} do?`);
}

function runStep(one: Job, step: WorkflowStep): RanCommand {
  const { dir, env, job } = one;
  const script = decided(one, step.run ?? '');
  const own = Object.entries(step.env ?? {}).map(([key, value]) => [key, decided(one, value)] as const);
  const cwd = join(dir, step['working-directory'] ?? job.defaults?.run?.['working-directory'] ?? '.');
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script], {
    cwd,
    env: { ...env, ...Object.fromEntries(own) },
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return { run: script, outcome: status === 0 ? 'passed' : 'failed', output: `${stdout}\n${stderr}` };
}

/** The text with the values of its expressions, and with the ports at which this machine has the job's services. */
function decided({ run, leg, env }: Job, text: string): string {
  const filled = String(text).replace(/\$\{\{ *([\w.-]+) *\}\}/g, (_, name: string) => {
    const [context, key = ''] = name.split('.');
    const value = context === 'matrix' ? leg[key] : context === 'env' ? env[key] : undefined;
    if (value === undefined) throw new Error(`${run.repo.name}: what is ${name}?`);
    return value;
  });
  return filled.replace(/(?<=localhost:)\d+/g, (port) => String(run.ports.get(port) ?? port));
}

function textOf(dir: string, path: string): string | undefined {
  try {
    return readFileSync(join(dir, path), 'utf8').trim();
  } catch {
    return undefined;
  }
}

function demand(found: string | undefined, wanted: string): void {
  if (found !== wanted) throw new Error(`this machine's Python is ${wanted}, and CI wants ${found}`);
}

function command(program: string, args: readonly string[], env: Record<string, string>): void {
  const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`);
}
