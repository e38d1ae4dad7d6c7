// The example repository, as the measurements use it.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commitAll, must, online } from './measure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The built CLI. */
export const parityBin = join(root, 'bin', 'parity.js');

/** Copies examples/shop, without what runs left in it, to a folder and makes it a repository of its own. */
export function copyShop(folder) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, 'examples', 'shop'), folder, {
    recursive: true,
    filter: (path) => !/(^|\/)(node_modules|dist|\.venv|\.\w+_cache|__pycache__)$/.test(path),
  });
  commitAll(folder);
}

/** The example with a lock whose image is built, in an engine that has nothing else of parity's. */
export function lockedShop(folder, config = '') {
  copyShop(folder);
  if (config !== '') writeFileSync(join(folder, 'parity.yaml'), config);
  parity(folder, ['clean', '--all']);
  parity(folder, ['lock'], online);
  const [reference, imageId] = parity(folder, ['build'], online).split('\n');
  return { reference, imageId, lock: () => JSON.parse(readFileSync(join(folder, 'parity.lock.json'), 'utf8')) };
}

/** Runs parity in a folder; throws with its output when it does not exit 0. */
export function parity(cwd, args, env = {}) {
  return must(process.execPath, [parityBin, ...args], { cwd, env: { ...process.env, NO_COLOR: '1', ...env } });
}

/** The peak memory of a parity process, in mebibytes, as the operating system counts it; throws when it does not exit 0. */
export function peakOf(scratch, cwd, args) {
  const file = join(scratch, 'peak');
  const probe = `data:text/javascript,${encodeURIComponent(
    `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS)));`,
  )}`;
  must(process.execPath, ['--import', probe, parityBin, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', PEAK_FILE: file },
  });
  return Number(readFileSync(file, 'utf8')) / 1024;
}

/** The tools that the troubleshooting page pins. */
export const tools = 'black==25.9.0 flake8==7.3.0 mypy==1.18.2 sqlalchemy==2.0.23 pytest pytest-cov pytest-asyncio';

/** The page's own set-up, word for word. */
export const hostSetup = `python3.11 -m venv .venv && . .venv/bin/activate
pip install -r core/requirements.txt ${tools}`;

/** The page's Python steps, in its order. */
export const pythonSteps = [
  'black --check core/',
  'flake8 core/',
  'mypy --config-file mypy.ini core/',
  'PYTHONPATH=$PWD pytest -q',
];

/** The image that parity runs a project's steps in, locked and made where it is not there. */
export function imageOf(cwd, env = {}) {
  for (const line of parity(cwd, ['up', '--reporter', 'json'], { ...online, ...env }).split('\n')) {
    if (line === '') continue;
    const event = JSON.parse(line);
    if (event.type === 'run-finished') return event.imageId;
  }
  throw new Error('parity up --reporter json printed no run-finished');
}

/** Runs the page's Python steps in one container of an image, with a folder as the workspace. */
export function dockerRunSteps(folder, image) {
  must('docker', [
    // The caches stay in the repository, as on the host: a container that forgets mypy's would lose by that alone.
    ...`run --rm --network none --user ${process.getuid()}:${process.getgid()} -e HOME=/tmp`.split(' '),
    ...'-e MYPY_CACHE_DIR=.mypy_cache -e PYTHONPYCACHEPREFIX= -w /workspace -v'.split(' '),
    `${folder}:/workspace`,
    image,
    'bash',
    '-euo',
    'pipefail',
    '-c',
    pythonSteps.join('\n'),
  ]);
}
