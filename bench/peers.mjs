// Other tools, asked for with --peers: installed from the package registries into a folder of their own, and given the same work.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { must } from './measure.mjs';

const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
const folder = join(cache, 'parity-bench-peers');
const ciTools = join(process.env.PARITY_TEST_CI_TOOLS_DIR || join(cache, 'parity-test-ci-tools'), 'bin');

const npmPeers = { turbo: '2.11.11', wireit: '0.14.13' };
const goTask = 'github.com/go-task/task/v3/cmd/task@v3.54.0';

/** True with --peers. */
export const withPeers = process.argv.includes('--peers');

/** Installs what is not there; gives the program of a peer, or undefined, told, when it can't be had here. */
export function peer(name) {
  if (!withPeers) return undefined;
  try {
    return install(name);
  } catch (error) {
    process.stderr.write(`   without ${name}: ${String(error).split('\n')[0]}\n`);
    return undefined;
  }
}

function install(name) {
  mkdirSync(folder, { recursive: true });
  if (name === 'act' || name === 'gitlab-ci-local') {
    const program = join(ciTools, name);
    if (!existsSync(program)) throw new Error('scripts/ci-tools.sh installs it');
    return program;
  }
  if (name === 'task') {
    const program = join(folder, 'task');
    if (!existsSync(program)) must('go', ['install', goTask], { env: { ...process.env, GOBIN: folder } });
    return program;
  }
  const own = join(folder, name);
  const bin = join(own, 'node_modules', '.bin', name);
  if (!existsSync(bin)) {
    const [pkg, version] = Object.entries(npmPeers).find(([one]) => one === name || one.includes(name)) ?? [];
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'package.json'), '{ "private": true }\n');
    must('npm', ['install', '--no-audit', '--no-fund', `${pkg}@${version}`], { cwd: own });
  }
  // turbo's own program, not the script that starts it: what counts is what it can do at best.
  const native = join(
    own,
    'node_modules',
    '@turbo',
    `linux-${process.arch === 'arm64' ? 'arm64' : '64'}`,
    'bin',
    'turbo',
  );
  return existsSync(native) ? native : bin;
}
