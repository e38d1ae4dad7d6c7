import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { buildSync } from 'esbuild';
import type { Config, NetworkAccess, Service, StepConfig } from '../../src/config/config.ts';
import { packageRoot } from '../../src/core/paths.ts';
import type { Platform } from '../../src/core/platform.ts';
import type { Engine, Labels } from '../../src/engine/engine.ts';
import type { CommandExit, Environment } from '../../src/environment/environment.ts';
import { environmentId, environmentLabel, label } from '../../src/environment/environment-id.ts';
import { openEnvironment } from '../../src/environment/open-environment.ts';
import type { EnvironmentRequest } from '../../src/environment/environment-request.ts';
import type { ClientOrder } from './environment-client.ts';

/** A step as the config has it, from the parts that matter to an environment. */
export function step(parts: Partial<StepConfig>): StepConfig {
  const none = { env: {}, passEnv: [], secrets: [], needs: [], volumes: [] };
  return { name: 'step', run: 'true', cwd: '.', network: 'none', ...none, ...parts };
}

/** A config's part that an environment reads. */
export function configOf(
  services: readonly Service[] = [],
  pipeline: readonly StepConfig[] = [],
): Pick<Config, 'services' | 'pipeline'> {
  return { services, pipeline };
}

const madePrefix = 'parity-env-';

/** A folder for a project, real path; removed with what it left in the engine by `sweep`. */
export function projectDir(name = 'project'): string {
  return join(realpathSync(mkdtempSync(join(tmpdir(), madePrefix))), name);
}

/** This machine's platform. */
export const platform: Platform = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64';

/** Opens an environment or throws with the failure. */
export async function opened(
  request: Omit<EnvironmentRequest, 'platform' | 'emit' | 'signal' | 'project'> & { readonly dir: string },
): Promise<Environment> {
  const { dir, ...rest } = request;
  const signal = new AbortController().signal;
  const environment = await openEnvironment({ ...rest, project: { dir }, platform, emit: () => {}, signal });
  if (!environment.ok) throw new Error(JSON.stringify(environment.error));
  return environment.value;
}

/** What a command did. */
export interface Finished extends CommandExit {
  readonly stdout: string;
  readonly stderr: string;
}

let counter = 0;

/** Runs a bash script in the environment to its end; throws when the environment goes away. */
export async function bash(
  environment: Environment,
  script: string,
  network: NetworkAccess = 'none',
): Promise<Finished> {
  counter += 1;
  const argv = ['bash', '-uo', 'pipefail', '-c', script];
  const cwd = environment.workspaceDir;
  const command = await environment.start({ name: `bash ${counter}`, argv, cwd, env: {}, network });
  if (!command.ok) throw new Error(JSON.stringify(command.error));
  const streams = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  for await (const { stream, data } of command.value.output) streams[stream].push(data);
  const exit = await command.value.exit;
  if (!exit.ok) throw new Error(JSON.stringify(exit.error));
  const text = (of: readonly Buffer[]): string => Buffer.concat(of).toString('utf8');
  return { ...exit.value, stdout: text(streams.stdout), stderr: text(streams.stderr) };
}

/** Names of what an environment's containers are in the engine now. */
export async function containersOf(engine: Engine, dir: string): Promise<readonly string[]> {
  const found = await engine.listContainers([environmentLabel(environmentId(dir))]);
  if (!found.ok) throw new Error(found.error.message);
  return found.value.map(({ name }) => name).sort();
}

/** The IDs of a project's containers, sorted. */
export async function containerIdsOf(engine: Engine, dir: string): Promise<readonly string[]> {
  const found = await engine.listContainers([environmentLabel(environmentId(dir))]);
  if (!found.ok) throw new Error(found.error.message);
  return found.value.map(({ id }) => id).sort();
}

/** The folder that projectDir made for this project or the one around it; throws rather than to give a folder of somebody else. */
function madeFolderOf(dir: string): string {
  for (let at = dirname(dir); at !== dirname(at); at = dirname(at)) if (basename(at).startsWith(madePrefix)) return at;
  throw new Error(`${dir} was not made by projectDir`);
}

/** Removes everything that a project left in the engine, checkouts beside it included, and the project. */
export async function sweep(engine: Engine, dirs: readonly string[]): Promise<void> {
  for (const made of new Set(dirs.map(madeFolderOf))) {
    const isOwn = ({ labels }: { readonly labels: Labels }): boolean =>
      labels[label.project]?.startsWith(`${made}/`) === true;
    const containers = await engine.listContainers([label.project]);
    if (containers.ok) for (const { id } of containers.value.filter(isOwn)) await engine.removeContainer(id);
    const volumes = await engine.listVolumes([label.project]);
    if (volumes.ok) for (const { name } of volumes.value.filter(isOwn)) await engine.removeVolume(name);
    rmSync(made, { recursive: true, force: true });
  }
}

/** Waits until a condition holds, looking again and again; throws after the time with what was seen last. */
export async function until<T>(
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
  timeoutMs: number,
): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const seen = await look();
    const elapsed = performance.now() - begun;
    if (holds(seen)) return elapsed;
    if (elapsed > timeoutMs) throw new Error(`not within ${timeoutMs} ms; seen last: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Starts a client in a process of its own; as another user with `uid`. Lines of JSON on its stdout. */
export function startClient(
  order: ClientOrder,
  as?: { readonly uid: number; readonly cacheDir: string },
): ChildProcess {
  const env = { ...process.env, ...(as === undefined ? {} : { PARITY_CACHE_DIR: as.cacheDir, HOME: as.cacheDir }) };
  const user = as === undefined ? {} : { uid: as.uid, gid: as.uid };
  return spawn(process.execPath, [clientBundle(), JSON.stringify(order)], {
    ...user,
    env,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** All lines of JSON that a client printed, once it has ended. */
export async function clientLines(client: ChildProcess): Promise<readonly Record<string, unknown>[]> {
  let text = '';
  client.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => client.on('close', resolve));
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
}

/** Resolves when a client's output holds the text. */
export function clientSaid(client: ChildProcess, wanted: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    client.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(wanted)) resolve();
    });
    client.on('close', () => reject(new Error(`the client ended and said only: ${text}`)));
  });
}

let bundle: string | undefined;

function clientBundle(): string {
  if (bundle !== undefined) return bundle;
  const root = packageRoot();
  // Inside the package, so that its dependencies are found.
  const outfile = join(root, 'node_modules', '.cache', `environment-client-${process.pid}.mjs`);
  const entry = join(root, 'test', 'support', 'environment-client.ts');
  buildSync({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', packages: 'external', outfile });
  process.on('exit', () => rmSync(outfile, { force: true }));
  bundle = outfile;
  return outfile;
}

/** Runs git in a folder with an identity of its own; throws when it fails. */
export function git(dir: string, ...args: readonly string[]): string {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid', '-c', 'protocol.file.allow=always'];
  const run = spawnSync('git', [...who, ...args], { cwd: dir, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`git ${args.join(' ')}: ${run.stderr}`);
  return run.stdout;
}

/** Makes a folder a repository, on the branch main, with one commit of all its files. */
export function commitAll(dir: string): void {
  git(dir, 'init', '--quiet', '--initial-branch', 'main');
  git(dir, 'add', '.');
  git(dir, 'commit', '--quiet', '--message', 'first');
}
