import { access, constants, open, readFile, realpath } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join, sep } from 'node:path';
import { runProgram } from '../../core/run-program.ts';
import { normalisedName } from '../../formats/package-name.ts';
import type { HostTool } from '../observed.ts';
import { distributionsOf } from './distributions.ts';
import { isShim, pyenvProgram } from './pyenv-shim.ts';

const answerWithinMs = 3000;

/**
 * The programs that come first in PATH, with their versions: a Python tool's from the metadata beside its interpreter, any other by asking
 * it. Those that are not there, hang or answer nothing are left out. What a repository brings along is not run: relative folders in PATH are
 * passed over, of programs below `topDir` only metadata is read, and pyenv's shims are looked through.
 */
export async function probeTools(
  programs: readonly string[],
  { topDir, env }: { readonly topDir: string; readonly env: NodeJS.ProcessEnv },
): Promise<readonly HostTool[]> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  const top = await realpath(topDir).catch(() => topDir);
  const found = await Promise.all(programs.map((program) => probeTool(program, { folders, top, env })));
  return found.filter((tool) => tool !== undefined);
}

interface Search {
  readonly folders: readonly string[];
  /** The repository, without symbolic links. */
  readonly top: string;
  readonly env: NodeJS.ProcessEnv;
}

async function probeTool(program: string, { folders, top, env }: Search): Promise<HostTool | undefined> {
  const path = await firstOf(program, folders);
  if (path === undefined) return undefined;
  const started = isShim(path) ? await pyenvProgram(path, { topDir: top, env }) : path;
  if (started === undefined) return undefined;
  const real = await Promise.all([started, dirname(started)].map(async (one) => await realpath(one).catch(() => one)));
  const version =
    (await recordedVersion(program, started)) ??
    (real.some((one) => isBelow(one, top)) ? undefined : await printedVersion(started, env));
  return version === undefined ? undefined : { program, path, version };
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}${sep}`);
}

async function firstOf(program: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, program);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

/** A console script names its interpreter in its first line; the package's metadata lies in that one's environment. */
async function recordedVersion(program: string, path: string): Promise<string | undefined> {
  const head = await firstBytes(await realpath(path).catch(() => path));
  const interpreter =
    /^#!\s*(\/[^\n]*?python[\d.]*)\s*$/m.exec(head)?.[1] ?? /^'''exec' "?(\/[^\n"]*?python[\d.]*)"? /m.exec(head)?.[1];
  if (interpreter === undefined) return undefined;
  return (await distributionsOf(dirname(dirname(interpreter)))).get(normalisedName(program));
}

async function firstBytes(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return '';
  }
}

async function printedVersion(path: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const ran = await runProgram({
    argv: [path, '--version'],
    env,
    timeoutMs: answerWithinMs,
    killSignal: 'SIGKILL',
    maxOutputBytes: 1 << 16,
  });
  if (!ran.ok || ran.value.exitCode !== 0) return undefined;
  const { stdout, stderr } = ran.value;
  return /(?:^|[\sv])(\d+\.\d+(?:\.\w+)*)/.exec(`${stdout}\n${stderr}`)?.[1];
}

/** The Python and the packages of a virtual environment; undefined for a folder that is none. */
export async function probeVenv(
  dir: string,
): Promise<{ readonly python?: string; readonly packages: ReadonlyMap<string, string> } | undefined> {
  const text = await readFile(join(dir, 'pyvenv.cfg'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const python = /^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+)/m.exec(text)?.[1];
  return { packages: await distributionsOf(dir), ...(python === undefined ? {} : { python }) };
}
