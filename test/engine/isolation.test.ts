import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import type { Environment } from '../../src/environment/environment.ts';
import type { EnvironmentRequest } from '../../src/environment/environment-request.ts';
import { engineTest } from '../support/engine-test.ts';
import { bash, configOf, git, opened, projectDir, step } from '../support/environment.ts';
import { madeImage } from '../support/made-image.ts';

const { engine, dirs, test } = engineTest();
let imageId: string;

beforeAll(async () => {
  imageId = await madeImage(engine, 'test-environment');
});

function project(): string {
  const dir = projectDir();
  mkdirSync(dir, { recursive: true });
  dirs.push(dir);
  return dir;
}

function open(dir: string, more: Partial<EnvironmentRequest> = {}): Promise<Environment> {
  return opened({ engine, dir, config: configOf(), imageId, leaseSeconds: 60, accesses: ['none'], ...more });
}

/** Runs a bash script as a command of a job; its output, its exit code and what it passes on. */
async function inJob(environment: Environment, job: string, script: string): Promise<Record<string, unknown>> {
  const argv = ['bash', '-euo', 'pipefail', '-c', script];
  const cwd = environment.workspaceDir;
  const started = await environment.start({ name: `${job} ${script}`, argv, cwd, env: {}, network: 'none', job });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  let said = '';
  for await (const { data } of started.value.output) said += String(data);
  const exit = await started.value.exit;
  if (!exit.ok) throw new Error(JSON.stringify(exit.error));
  return { said, exitCode: exit.value.exitCode, passedOn: exit.value.passedOn };
}

const leave = `
touch /tmp/left /var/tmp/left /dev/shm/left ~/left ~/.hidden
mkdir -p /tmp/closed/inner /dev/shm/folder/inner; touch /tmp/closed/inner/file; chmod 500 /tmp/closed/inner /tmp/closed
chmod 700 ~
echo kept > /parity/cache/kept`;
const look = 'ls -A /tmp /var/tmp /dev/shm ~; stat -c %a ~ /tmp; cat /parity/cache/kept';
const clean = '/dev/shm:\n\n/home/parity:\n\n/tmp:\n\n/var/tmp:\n755\n1777\nkept\n';

test('a run finds /tmp and HOME as a new container has them, and the caches of tools as they were', async () => {
  const dir = project();
  const first = await open(dir, { fresh: true });
  expect((await bash(first, leave)).stderr).toBe('');
  await first.release();
  // `parity run` and `parity shell` see what a run has left: one wants to look at it.
  const between = await open(dir);
  expect((await bash(between, 'ls -A ~')).stdout).toBe('.hidden\nleft\n');
  await between.release();
  for (const round of [1, 2]) {
    const run = await open(dir, { fresh: true });
    expect(run.warm, String(round)).toBe(true);
    expect((await bash(run, look)).stdout).toBe(clean);
    await bash(run, leave);
    await run.release();
  }
});

test('of two runs at once, the second takes nothing away from the first', async () => {
  const dir = project();
  const first = await open(dir, { fresh: true });
  await bash(first, leave);
  const second = await open(dir, { fresh: true });
  expect((await bash(first, 'ls -A ~ /dev/shm')).stdout).toContain('.hidden');
  await second.release();
  expect((await bash(first, 'ls -A ~ /dev/shm')).stdout).toContain('.hidden');
  await first.release();
  const third = await open(dir, { fresh: true });
  expect((await bash(third, look)).stdout).toBe(clean);
  await third.release();
});

// As a test of a reloader or a plugin loader has it: one second, one size, another text.
const rewritten = `
import importlib, os, shutil, sys
folder = sys.argv[1]
sys.path.insert(0, folder)
def write(text):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with open(folder + "/fresh.py", "w") as file:
        file.write(text)
    os.utime(folder + "/fresh.py", (int(sys.argv[2]),) * 2)
    importlib.invalidate_caches()
    sys.modules.pop("fresh", None)
    return importlib.import_module("fresh").value
print(write("value = 1\\n"), write("value = 2\\n"), sorted(os.listdir(folder)))
`;

test('bytecode is never stale: of a module that is written anew in one second, and of one that is given its old time', async () => {
  const dir = project();
  git(dir, 'init', '-q');
  writeFileSync(join(dir, 'rewritten.py'), rewritten);
  writeFileSync(join(dir, 'module.py'), 'value = 1\n');
  utimesSync(join(dir, 'module.py'), 1_600_000_000, 1_600_000_000);
  const importIt = 'python3 -c "import module; print(module.value)"';

  const first = await open(dir, { fresh: true, python: '3.11.2' });
  // As in CI, what lies in a temporary folder has its bytecode beside it.
  expect((await bash(first, 'python3 rewritten.py /tmp/a/b 1600000000')).stdout).toBe(
    "1 2 ['__pycache__', 'fresh.py']\n",
  );
  expect((await bash(first, 'python3 rewritten.py /workspace/generated $(date +%s)')).stdout).toBe(
    "1 2 ['fresh.py']\n",
  );
  // Who asks for a file's bytecode gets it, however new the file is.
  const compiled = await bash(first, 'touch module.py; python3 -m py_compile module.py && python3 -m compileall -qf .');
  expect(compiled).toMatchObject({ exitCode: 0, stderr: '' });
  expect((await bash(first, importIt)).stdout).toBe('1\n');
  expect((await bash(first, 'ls /parity/bytecode/workspace')).stdout).toContain('module.cpython-');
  await first.release();

  writeFileSync(join(dir, 'module.py'), 'value = 2\n');
  utimesSync(join(dir, 'module.py'), 1_600_000_000, 1_600_000_000);
  const second = await open(dir, { fresh: true, python: '3.11.2' });
  expect((await bash(second, importIt)).stdout).toBe('2\n');
  // A Python that knows nothing of it writes no bytecode anywhere else, and so meets none.
  expect((await bash(second, 'python3 -S rewritten.py /tmp/a/b 1600000000')).stdout).toBe("1 2 ['fresh.py']\n");
  await second.release();
  expect(git(dir, 'status', '--porcelain', '--ignored')).toBe('?? generated/\n?? module.py\n?? rewritten.py\n');
});

const serve = `
python3 -c '
import http.server
http.server.ThreadingHTTPServer(("localhost", 8000), http.server.SimpleHTTPRequestHandler).serve_forever()
' &
for i in $(seq 100); do (exec 3<>/dev/tcp/localhost/8000) 2>/dev/null && break; sleep 0.05; done
touch /tmp/served ~/served; echo started`;
const ask = `python3 -c 'import urllib.request; print(urllib.request.urlopen("http://localhost:8000/file").read().decode())'`;

test('the steps of a job share a machine: a server that one starts answers the next, and ends with the job; another job has another machine', async () => {
  const dir = project();
  writeFileSync(join(dir, 'file'), 'hello');
  const config = configOf([], [step({ name: 'a', job: 'web' }), step({ name: 'b', job: 'docs' }), step({ name: 'c' })]);
  const environment = await open(dir, { config, fresh: true, accesses: [] });
  expect(await inJob(environment, 'web', serve)).toMatchObject({ said: 'started\n', exitCode: 0 });
  // It goes on printing, into what nobody reads any more.
  for (const _ of [1, 2, 3])
    expect(await inJob(environment, 'web', ask)).toMatchObject({ said: 'hello\n', exitCode: 0 });
  expect(await inJob(environment, 'web', 'ls ~ /tmp')).toMatchObject({
    said: '/home/parity:\nserved\n\n/tmp:\nserved\n',
  });
  const elsewhere = { said: '/home/parity:\n\n/tmp:\n', exitCode: 0 };
  expect(await inJob(environment, 'docs', 'ls ~ /tmp')).toMatchObject(elsewhere);
  expect(await inJob(environment, 'docs', '! (exec 3<>/dev/tcp/localhost/8000) 2>/dev/null')).toMatchObject({
    exitCode: 0,
  });
  expect((await bash(environment, 'ls ~ /tmp')).stdout).toBe(elsewhere.said);
  await environment.endJob('web');
  expect(await inJob(environment, 'web', 'ls /tmp')).toMatchObject({ exitCode: 0 });
  expect(await inJob(environment, 'web', ask)).toMatchObject({ exitCode: 1 });

  expect(await inJob(environment, 'web', serve)).toMatchObject({ exitCode: 0 });
  await environment.release();
  const next = await open(dir, { config, fresh: true, accesses: [] });
  expect(await inJob(next, 'web', '! (exec 3<>/dev/tcp/localhost/8000) 2>/dev/null; ls ~ /tmp')).toMatchObject(
    elsewhere,
  );
  await next.release();
});

test('a step of a job passes variables on through files, which other commands do not have', async () => {
  const dir = project();
  const environment = await open(dir, { config: configOf([], [step({ job: 'web' })]) });
  const script =
    'echo A=1 >> "$GITHUB_ENV"; echo /bin >> "$GITHUB_PATH"; echo k=v >> "$GITHUB_OUTPUT"; echo x > "$GITHUB_STEP_SUMMARY"';
  const passedOn = { env: 'A=1\n', path: '/bin\n', output: 'k=v\n' };
  expect(await inJob(environment, 'web', script)).toEqual({ said: '', exitCode: 0, passedOn });
  const nothing = { env: '', path: '', output: '' };
  expect(await inJob(environment, 'web', 'rm "$GITHUB_OUTPUT"')).toMatchObject({ passedOn: nothing });
  expect(await inJob(environment, 'web', 'head -c 2000000 /dev/zero > "$GITHUB_ENV"')).toMatchObject({
    passedOn: { ...nothing, env: null },
  });
  expect(await inJob(environment, 'web', 'rm "$GITHUB_PATH"; mkfifo "$GITHUB_PATH"')).toMatchObject({
    passedOn: { ...nothing, path: null },
  });
  expect((await bash(environment, 'echo "${GITHUB_ENV-none}"')).stdout).toBe('none\n');
  const argv = ['sh', '-c', 'echo "$PATH"'];
  const started = await environment.start({
    name: 'p',
    argv,
    cwd: '/',
    env: {},
    network: 'none',
    path: ['/one', '/two'],
  });
  if (!started.ok) throw new Error('not started');
  let said = '';
  for await (const { data } of started.value.output) said += String(data);
  expect(said).toMatch(/^\/one:\/two:\/.*\n$/);
  await environment.release();
});
