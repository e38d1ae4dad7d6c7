import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { git } from '../git-repo.ts';
import { parity, type Ended } from '../parity.ts';
import { checkResults, type RanCommand } from './check-results.ts';
import { ciLines } from './ci-on-host.ts';
import type { RealRepo } from './real-repo.ts';

/** What one `parity up` came to. */
export interface ParityRun {
  readonly ended: Ended;
  readonly steps: readonly (RanCommand & { readonly name: string })[];
  readonly imageId: string | undefined;
  /** What parity said where it could not go on. */
  readonly failure: string | undefined;
}

interface Event {
  readonly type: string;
  readonly step: string;
  readonly text: string;
  readonly outcome: string;
  readonly imageId?: string | null;
  readonly steps: readonly { readonly name: string; readonly run: string }[];
  readonly failure?: { readonly message: string; readonly detail?: string; readonly next?: string };
}

/** Starts a command of parity's in a repository, with a cache folder and a home that are given or lie beside it. */
export async function inRepository(dir: string, args: readonly string[], address: string): Promise<Ended> {
  const cache = process.env['PARITY_CACHE_DIR'] ?? join(dirname(dir), 'cache');
  const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60', PARITY_CACHE_DIR: cache, HOME: dirname(dir) };
  return await parity(args, { cwd: dir, env });
}

/** Runs `parity up` and reads what it reported. */
export async function parityUp(dir: string, address: string): Promise<ParityRun> {
  const ended = await inRepository(dir, ['up', '--reporter', 'json'], address);
  const events = ended.stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Event] : []));
  const planned = events.find(({ type }) => type === 'run-started')?.steps ?? [];
  const steps = planned.map(({ name, run }) => ({
    name,
    run,
    outcome: events.find(({ type, step }) => type === 'step-finished' && step === name)?.outcome ?? 'not run',
    output: events.flatMap(({ type, step, text }) => (type === 'step-output' && step === name ? [text] : [])).join(''),
  }));
  const failure = events.find((event) => event.failure !== undefined)?.failure;
  return {
    ended,
    steps,
    imageId: events.find(({ type }) => type === 'run-finished')?.imageId ?? undefined,
    failure: failure && [failure.message, failure.detail, failure.next].filter(Boolean).join('\n'),
  };
}

/** IDs of all images that the lock names, of each toolchain. */
export function lockedImages(dir: string): readonly string[] {
  const file = join(dir, 'parity.lock.json');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return [...text.matchAll(/"(?:config|manifest)": "(sha256:[0-9a-f]{64})"/g)].flatMap(([, id]) => id ?? []);
}

/** What became of CI's checks in a run. */
export function checksOf(repo: RealRepo, { steps }: ParityRun): Readonly<Record<string, string>> {
  return checkResults({ checks: Object.keys(repo.checks), lines: ciLines(repo), ran: steps });
}

/** What a run shows to somebody who wants to know why it is not as the host's: parity's words, and what failed. */
export function told({ failure, steps, ended }: ParityRun): string {
  const failed = steps.filter(({ outcome }) => outcome === 'failed');
  const outputs = failed.map(({ name, run, output }) => `--- ${name}: ${run}\n${output.slice(-3000)}`);
  return [failure ?? '', ...outputs, ended.stderr.slice(-2000)].filter(Boolean).join('\n');
}

/** What is new in the work tree, as `git status` says it, but for parity's own two files. */
export function leftInTree(dir: string): readonly string[] {
  const status = git(dir, 'status', '--porcelain', '--untracked-files=all').split('\n').filter(Boolean);
  return status.filter((line) => line !== '?? parity.lock.json' && line !== '?? parity.yaml');
}

/** Paths in the folder, ignored ones too, that belong to somebody else. */
export function foreignFiles(dir: string): readonly string[] {
  const own = process.getuid?.();
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(
    (path) => lstatSync(join(dir, path)).uid !== own,
  );
}
