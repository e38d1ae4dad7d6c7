import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parityBin } from './parity.ts';

const actions = fileURLToPath(new URL('../fixtures/actions', import.meta.url));

/** The folder of the programs that scripts/ci-tools.sh installs; throws, saying so, when one of these is not there. */
export function ciToolsDir(...names: readonly string[]): string {
  const { env } = process;
  const cache = env['XDG_CACHE_HOME'] || join(env['HOME'] ?? homedir(), '.cache');
  const dir = env['PARITY_TEST_CI_TOOLS_DIR'] || join(cache, 'parity-test-ci-tools');
  for (const name of names)
    if (!existsSync(join(dir, 'bin', name))) throw new Error(`${name} is not there: run scripts/ci-tools.sh`);
  return dir;
}

/** A program's run, both its streams in one text. */
export interface CiRun {
  readonly code: number | null;
  readonly output: string;
}

/** Runs one of the programs in a folder, with nothing of this machine's environment but PATH and what is given. */
export function ciTool(
  name: 'actionlint' | 'act' | 'gitlab-ci-local',
  args: readonly string[],
  options: { readonly cwd: string; readonly home: string; readonly env?: Readonly<Record<string, string>> },
): Promise<CiRun> {
  const dir = ciToolsDir(name, ...(name === 'actionlint' ? [] : ['node']));
  mkdirSync(options.home, { recursive: true });
  const child = spawn(join(dir, 'bin', name), args, {
    cwd: options.cwd,
    env: {
      // Its own Node is first, since gitlab-ci-local and the actions need a new one.
      PATH: `${join(dir, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: options.home,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** A folder that holds the parity under test as `parity`, as npm's global install would link it. */
export function linkedParity(dir: string): string {
  const bin = join(dir, 'linked', 'bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(parityBin, join(bin, 'parity'));
  return bin;
}

/** Where a run of act works. */
export interface ActPlace {
  readonly repository: string;
  /** Its caches, kept from run to run as GitHub keeps them. */
  readonly home: string;
  /** Where its artifacts are then, a folder each. */
  readonly artifacts: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs a workflow under act on this very machine, with the stand-ins of test/fixtures/actions for GitHub's own actions (checkout is
 * act's own). Throws when the workflow uses an action that has no stand-in.
 */
export function act(
  workflow: string,
  { repository, home, artifacts, env }: ActPlace,
  more: readonly string[] = [],
): Promise<CiRun> {
  const text = readFileSync(join(repository, workflow), 'utf8');
  const used = new Set(
    [...text.matchAll(/uses: ([\w-]+\/[\w-]+)(?:\/[\w-]+)*@([0-9a-f]+)/g)].map(
      ([, name = '', ref = '']) => `${name}@${ref}`,
    ),
  );
  const known = readdirSync(actions);
  const standIns = [...used].flatMap((each) => {
    const name = each.replace(/^.*\/|@.*$/g, '');
    if (name === 'checkout') return [];
    if (!known.includes(name)) throw new Error(`test/fixtures/actions has no stand-in for ${each}`);
    return ['--local-repository', `${each}=${join(actions, name)}`];
  });
  const variables = {
    ...env,
    PARITY_TEST_ARTIFACTS: artifacts,
    PARITY_TEST_CI_TOOLS_DIR: ciToolsDir('act'),
    PARITY_TEST_TOOLKIT: pathToFileURL(join(actions, 'toolkit.mjs')).href,
  };
  return ciTool(
    'act',
    [
      'push',
      '--workflows',
      workflow,
      '--platform=ubuntu-latest=-self-hosted',
      '--pull=false',
      '--action-offline-mode',
      `--cache-server-path=${join(home, 'caches')}`,
      '--cache-server-addr=127.0.0.1',
      ...standIns,
      ...Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      ...more,
    ],
    { cwd: repository, home, env },
  );
}
