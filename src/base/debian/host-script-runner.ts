import { access, constants, rm } from 'node:fs/promises';
import { arch } from 'node:os';
import { delimiter, join } from 'node:path';
import { failure } from '../../core/failure.ts';
import { debianArchitecture, platformOf, type Platform } from '../../core/platform.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { runProgram, streamProgram } from '../../core/run-program.ts';
import { scriptFailure } from './script-failure.ts';
import { scriptFolder, type ScriptTask, type ScriptRunner, type ScriptRunnerOptions } from './script-runner.ts';

/** A script runner on this machine. */
export function hostScriptRunner(dir: string, options: ScriptRunnerOptions): ScriptRunner {
  return {
    kind: 'host',
    dir,
    run: (task) => runOnHost(dir, task, options),
    close: () => rm(dir, { recursive: true, force: true }),
  };
}

async function runOnHost(dir: string, task: ScriptTask, options: ScriptRunnerOptions): Promise<Result<void>> {
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C.UTF-8', PARITY_CA_FILE: join(dir, 'ca.crt') };
  if (!(await exists(join(dir, 'ca.crt')))) delete env['PARITY_CA_FILE'];
  let output = '';
  const onOutput = (text: string): void => {
    output = (output + text).slice(-64_000);
    options.onOutput(text);
  };
  const script = join(scriptFolder(), task.script);
  const code = await streamProgram({
    argv: ['sh', script, ...task.args(dir)],
    cwd: dir,
    env,
    variables: /^PARITY_/,
    signal: options.signal,
    onOutput,
  });
  if (options.signal?.aborted === true) return err(failure('interrupted', `${task.title}: interrupted`));
  return code === 0 ? ok(undefined) : err(scriptFailure(task.title, output || String(code)));
}

/** True when this machine can run the scripts, for bases of a platform: it has the tools, the architecture and the rights. */
export async function canRunScriptsOnHost(platform: Platform | undefined): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const own = platformOf('linux', arch());
  if (platform !== undefined && (own === undefined || debianArchitecture(own) !== debianArchitecture(platform)))
    return false;
  for (const tool of ['apt-get', 'dpkg-deb', 'mmdebstrap', 'awk']) if (!(await onPath(tool))) return false;
  if (!(await exists('/usr/lib/apt/apt-helper'))) return false;
  // Without root, mmdebstrap needs user namespaces, and a range of sub-ids for them.
  if (process.getuid?.() === 0) return true;
  const probe = await runProgram({ argv: ['unshare', '--user', '--map-auto', '--map-root-user', 'true'] });
  return probe.ok && probe.value.exitCode === 0;
}

async function onPath(tool: string): Promise<boolean> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder !== '' && (await exists(join(folder, tool), constants.X_OK))) return true;
  }
  return false;
}

async function exists(path: string, mode: number = constants.F_OK): Promise<boolean> {
  return await access(path, mode).then(
    () => true,
    () => false,
  );
}
