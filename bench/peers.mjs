// Other tools, asked for with --peers: installed from the package registries into a folder of their own, and given the same work.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { must, online } from './measure.mjs';

const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
const folder = join(cache, 'parity-bench-peers');
const ciTools = join(process.env.PARITY_TEST_CI_TOOLS_DIR || join(cache, 'parity-test-ci-tools'), 'bin');
const ciToolsScript = fileURLToPath(new URL('../scripts/ci-tools.sh', import.meta.url));
const arm = process.arch === 'arm64';
const env = { ...process.env, ...online };

// turbo's and moon's own programs, not the scripts that start them: what counts is what they can do at best.
const installs = {
  act: fromCiTools,
  cirrus: (name) => fromGo(name, 'github.com/cirruslabs/cirrus-cli/cmd/cirrus@v0.153.2'),
  devcontainer: (name) => fromNpm(name, '@devcontainers/cli@0.89.0', `.bin/devcontainer`),
  'gitlab-ci-local': fromCiTools,
  moon: (name) => fromNpm(name, '@moonrepo/cli@2.5.5', `@moonrepo/core-linux-${arm ? 'arm64' : 'x64'}-gnu/moon`),
  task: (name) => fromGo(name, 'github.com/go-task/task/v3/cmd/task@v3.54.0'),
  toast: (name) => fromCargo(name, 'toast@0.48.0'),
  turbo: (name) => fromNpm(name, 'turbo@2.11.11', `@turbo/linux-${arm ? 'arm64' : '64'}/bin/turbo`),
  uv: (name) => fromPip(name, 'uv==0.13.9'),
  wireit: (name) => fromNpm(name, 'wireit@0.14.13', '.bin/wireit'),
  'woodpecker-cli': () => fromGo('cli', 'go.woodpecker-ci.org/woodpecker/v3/cmd/cli@v3.13.0'),
};

/** True with --peers. */
export const withPeers = process.argv.includes('--peers');

/** Where the programs are that gitlab-ci-local needs beside it, its Node above all. */
export const ciToolsPath = `${ciTools}:${process.env.PATH}`;

/** Installs a program that a measurement can't do without, where it is not there; throws when it can't be had. */
export function installed(name) {
  mkdirSync(folder, { recursive: true });
  return installs[name](name);
}

/** Installs what is not there; gives the program of a peer, or undefined, told, when it can't be had here. */
export function peer(name) {
  if (!withPeers) return undefined;
  try {
    return installed(name);
  } catch (error) {
    leaveOut(name, error);
    return undefined;
  }
}

/** Runs each contender once, untimed, and leaves those out, told, that can't run here. */
export function runnable(contenders) {
  return contenders.filter(({ name, run }) => {
    try {
      run();
      return true;
    } catch (error) {
      leaveOut(name, error);
      return false;
    }
  });
}

/** The last line that a failed command printed is its reason. */
function leaveOut(name, error) {
  process.stderr.write(`   without ${name}: ${String(error).trimEnd().split('\n').at(-1).trim()}\n`);
}

function fromCiTools(name) {
  const program = join(ciTools, name);
  if (!existsSync(program)) must('bash', [ciToolsScript], { env });
  return program;
}

function fromNpm(name, wanted, program) {
  const own = join(folder, name);
  const path = join(own, 'node_modules', program);
  if (!existsSync(path)) {
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'package.json'), '{ "private": true }\n');
    must('npm', ['install', '--no-audit', '--no-fund', wanted], { cwd: own, env });
  }
  return path;
}

function fromGo(name, wanted) {
  const path = join(folder, name);
  if (!existsSync(path)) must('go', ['install', wanted], { env: { ...env, GOBIN: folder } });
  return path;
}

function fromCargo(name, wanted) {
  const path = join(folder, name, 'bin', name);
  if (!existsSync(path))
    must('cargo', ['install', '--quiet', '--locked', '--root', join(folder, name), wanted], { env });
  return path;
}

function fromPip(name, wanted) {
  const path = join(folder, name, 'bin', name);
  if (!existsSync(path)) {
    must('python3.11', ['-m', 'venv', join(folder, name)]);
    must(join(folder, name, 'bin', 'pip'), ['install', '--quiet', wanted], { env });
  }
  return path;
}
