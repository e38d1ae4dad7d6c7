// (c) The same six steps given to tools that run steps in containers, each in its own way at its best: a container that stays where it
// has one, the repository mounted where it can be.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { actContender, forgetAct } from './act.mjs';
import { must } from './measure.mjs';
import { ciToolsPath, peer, runnable } from './peers.mjs';

const tag = 'parity-bench/trivial';

/** Contenders that ran once here, and `end`, which removes what they leave in the engine; none without --peers. */
export function trivialPeers(repository, image, steps) {
  const prepared = [];
  const ends = [() => void must('docker', ['image', 'rm', tag])];
  must('docker', ['tag', image, tag]);
  for (const [name, program, prepare] of tools) {
    const installed = peer(program);
    if (installed === undefined) continue;
    const folder = `${repository}-${program}`;
    cpSync(repository, folder, { recursive: true });
    const { run, end } = prepare({ folder, program: installed, steps });
    if (end !== undefined) ends.unshift(end);
    prepared.push({ name, run });
  }
  const acted = `${repository}-act`;
  cpSync(repository, acted, { recursive: true });
  prepared.push(...actContender(acted, image, Object.values(steps)));
  ends.unshift(forgetAct);
  const end = () => ends.forEach((each) => each());
  try {
    return { contenders: runnable(prepared), end };
  } catch (error) {
    end();
    throw error;
  }
}

const tools = [
  ['gitlab-ci-local, one job', 'gitlab-ci-local', gitlabCiLocal],
  ['woodpecker-cli exec', 'woodpecker-cli', woodpecker],
  ['six devcontainer exec', 'devcontainer', devcontainer],
  ['toast, nothing cached', 'toast', toast],
  ['cirrus run --dirty', 'cirrus', cirrus],
];

function gitlabCiLocal({ folder, program, steps }) {
  write(folder, '.gitlab-ci.yml', { all: { image: tag, script: Object.values(steps) } });
  must('git', ['remote', 'add', 'origin', 'https://git.example.org/bench/trivial.git'], { cwd: folder });
  const args = ['--helper-image', tag, '--pull-policy', 'if-not-present'];
  const env = { ...process.env, PATH: ciToolsPath, HOME: home(folder) };
  return { run: () => must(program, args, { cwd: folder, env }) };
}

function woodpecker({ folder, program, steps }) {
  const named = Object.entries(steps).map(([name, command]) => ({ name, image: tag, commands: [command] }));
  write(folder, '.woodpecker.yaml', { skip_clone: true, steps: named });
  const before = volumes();
  return {
    run: () => must(program, ['exec', '--backend-engine', 'docker', '.woodpecker.yaml'], { cwd: folder }),
    // It leaves a volume a run.
    end: () => {
      const left = volumes().filter((name) => name.startsWith('wp_') && !before.includes(name));
      if (left.length > 0) must('docker', ['volume', 'rm', ...left]);
    },
  };
}

function devcontainer({ folder, program, steps }) {
  write(folder, '.devcontainer/devcontainer.json', { image: tag, updateRemoteUserUID: false });
  const call = (command, ...args) => must(program, [command, '--workspace-folder', folder, ...args]);
  let container;
  return {
    run: () => {
      container ??= JSON.parse(call('up')).containerId;
      Object.values(steps).forEach((command) => call('exec', 'bash', '-euo', 'pipefail', '-c', command));
    },
    end: () => container !== undefined && must('docker', ['rm', '--force', container]),
  };
}

function toast({ folder, program, steps }) {
  const task = (command) => ({ command, cache: false, mount_paths: ['.'] });
  const tasks = Object.fromEntries(Object.entries(steps).map(([name, command]) => [name, task(command)]));
  write(folder, 'toast.yml', { image: tag, location: '/workspace', tasks });
  return { run: () => must(program, ['--docker-repo', tag, ...Object.keys(steps)], { cwd: folder }) };
}

function cirrus({ folder, program, steps }) {
  const scripts = Object.fromEntries(Object.entries(steps).map(([name, command]) => [`${name}_script`, command]));
  write(folder, '.cirrus.yml', { container: { image: tag }, task: { name: 'all', ...scripts } });
  const args = ['run', '--dirty', '--output', 'simple', '--container-lazy-pull'];
  return { run: () => must(program, args, { cwd: folder }) };
}

/** JSON is YAML as well. */
function write(folder, name, value) {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), JSON.stringify(value));
}

/** A home of its own, so that no setting of this machine's counts. */
function home(folder) {
  mkdirSync(`${folder}-home`, { recursive: true });
  return `${folder}-home`;
}

function volumes() {
  return must('docker', ['volume', 'ls', '--quiet']).trim().split('\n');
}
