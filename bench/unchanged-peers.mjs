// (l) The same six steps given to tools that skip what has not changed.
import { join } from 'node:path';
import { must, said } from './measure.mjs';
import { peer, runnable } from './peers.mjs';
import { command, names } from './six-steps.mjs';

const image = 'parity-bench/unchanged';
const inputs = ['pkg/**', 'README.md'];
const ofEach = (value) => Object.fromEntries(names.map((name) => [name, value]));

/** What each tool reads, by its path; JSON is YAML as well. */
export const peerFiles = Object.fromEntries(
  Object.entries({
    'package.json': { name: 'bench', private: true, packageManager: 'npm@11.0.0', scripts: ofEach(command) },
    'package-lock.json': { name: 'bench', lockfileVersion: 3, packages: { '': { name: 'bench' } } },
    'turbo.json': { tasks: ofEach({}) },
    'Taskfile.yml': {
      version: '3',
      tasks: { all: { deps: names }, ...ofEach({ cmds: [command], sources: inputs }) },
    },
    'wireit/package.json': {
      name: 'bench-wireit',
      scripts: { all: 'wireit', ...ofEach('wireit') },
      wireit: {
        all: { dependencies: names },
        ...ofEach({ command: 'test -f ../README.md', files: ['../pkg/**'], output: [] }),
      },
    },
    '.moon/workspace.yml': {
      projects: { bench: '.' },
      vcs: { client: 'git', defaultBranch: 'main' },
      telemetry: false,
    },
    'moon.yml': {
      language: 'python',
      tasks: ofEach({ command, inputs: ['pkg/**/*', 'README.md'], toolchains: ['system'] }),
    },
    'toast.yml': {
      image,
      location: '/workspace',
      tasks: ofEach({ command, input_paths: ['pkg', 'README.md'] }),
    },
  }).map(([path, value]) => [path, JSON.stringify(value)]),
);
peerFiles['.gitignore'] = '.turbo\n.task\n.wireit\n.moon/cache\nnode_modules\n';

/**
 * Contenders that ran once here, and `end`, which removes what they leave in the engine; none without --peers. Each fails when it
 * does not say that all six steps were known. wireit takes minutes at 100,000 files, moon half of one.
 */
export function unchangedPeers(folder, files, parityImage) {
  const quiet = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
  const asNpm = {
    npm_lifecycle_event: 'all',
    npm_package_json: join(folder, 'wireit', 'package.json'),
    npm_config_user_agent: 'npm/11.0.0',
  };
  const calls = [
    { tool: 'turbo', name: 'turbo (native)', args: ['run', ...names], known: /FULL TURBO/ },
    { tool: 'task', args: ['all'], known: /(is up to date[^]*){6}/ },
    ...(files === 10_000
      ? [{ tool: 'moon', args: ['run', ...names.map((name) => `bench:${name}`)], known: /6 cached/ }]
      : []),
    ...(files === 100_000
      ? [{ tool: 'toast', args: ['--docker-repo', image, ...names], known: /^(?![^]*Creating container)/ }]
      : []),
    ...(files <= 10_000
      ? [{ tool: 'wireit', args: [], cwd: join(folder, 'wireit'), more: asNpm, known: /Ran 0 scripts and skipped 6/ }]
      : []),
  ];
  const prepared = calls.flatMap(({ tool, name = tool, args, cwd = folder, more = {}, known }) => {
    const program = peer(tool);
    if (program === undefined) return [];
    const run = () => said(program, args, { cwd, env: { ...quiet, ...more } });
    return [{ name, run, known }];
  });
  must('docker', ['tag', parityImage, image]);
  const contenders = runnable(prepared).map(({ name, run, known }) => ({
    name,
    run: () => {
      const text = run();
      if (!known.test(text)) throw new Error(`${name} ran what had not changed\n${text}`);
    },
  }));
  return { contenders, end: () => forgetImages() };
}

/** The base's name, and one that toast made for each step. */
function forgetImages() {
  const listed = must('docker', ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', image]).trim();
  if (listed !== '') must('docker', ['image', 'rm', ...listed.split('\n')]);
}
