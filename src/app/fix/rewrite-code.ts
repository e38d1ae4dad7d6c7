import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import type { StepConfig } from '../../config/config.ts';
import type { ToolchainName } from '../../config/toolchains.ts';
import type { Lock } from '../../lock/lock.ts';
import { requiredToolchainLock } from '../../lock/toolchain-lock.ts';
import { onAbort } from '../../core/interruption.ts';
import { packageRoot } from '../../core/paths.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { ToolDiagnostic } from '../../core/tool-diagnostic.ts';
import { isObject, readJson, shaped } from '../../core/json.ts';
import type { Environment, RunningCommand } from '../../environment/environment.ts';
import { unionSyntax } from '../../fix/union-syntax.ts';
import { rewriterPackages } from '../../lock/python/rewriter.ts';
import { captureOutput } from '../../pipeline/captured-output.ts';
import { readCommands, parseStepOutput } from '../../pipeline/parse-step-output.ts';
import { shellCommand } from '../../pipeline/run-step.ts';
import type { FileState } from '../../workspace/file-state.ts';
import { workspaceRoot } from '../../workspace/workspace.ts';
import type { AppContext } from '../context.ts';
import type { FixGround } from './fix-steps.ts';
import { platformOfEngine } from '../project/open-environment.ts';

/** What is rewritten, and where. */
export interface RewriteRequest {
  readonly environment: Environment;
  readonly ground: FixGround;
  /** The chosen steps that run mypy. */
  readonly steps: readonly StepConfig[];
  readonly variablesOf: (step: StepConfig) => Readonly<Record<string, string>>;
  /** What the draft has, before anything ran there. */
  readonly files: readonly FileState[];
}

/** What was rewritten. */
export interface Rewritten {
  /** In a few words. */
  readonly command: string;
  /** What was left, and why, a line each. */
  readonly output: string;
}

interface FileJob {
  readonly path: string;
  readonly defaults: { readonly name: string; readonly line: number }[];
  dataclasses: boolean;
}

interface FileAnswer {
  readonly path: string;
  readonly done: readonly { readonly kind: 'implicit-optional' | 'mutable-default' }[];
  readonly left: readonly { readonly name: string; readonly line: number; readonly why: string }[];
}

/** True for a step whose findings code is rewritten by. */
export function checksTypes({ run }: StepConfig): boolean {
  return readCommands(run).words.has('mypy');
}

/**
 * Makes the rewrites that are certain in the draft: parameters that mypy finds to be None by default get `T | None`, and empty lists, dicts and
 * sets in the standard library's dataclasses become factories. Undefined when there is nothing to rewrite. Err when it can't be done at all.
 */
export async function rewriteCode(
  context: AppContext,
  request: RewriteRequest,
): Promise<Result<Rewritten | undefined>> {
  const { ground, environment, files } = request;
  const jobs = new Map<string, FileJob>();
  const jobOf = (path: string): FileJob => {
    const job = jobs.get(path) ?? { path, defaults: [], dataclasses: false };
    jobs.set(path, job);
    return job;
  };
  for (const step of request.steps) {
    const said = await findingsOf(context, request, step);
    if (!said.ok) return said;
    for (const one of said.value) {
      const name = implicitOptional(one);
      if (name !== undefined && one.file !== null && one.line !== null)
        jobOf(one.file).defaults.push({ name, line: one.line });
    }
  }
  for (const path of suspects(ground, files)) jobOf(path).dataclasses = true;
  if (jobs.size === 0) return ok(undefined);
  const platform = await platformOfEngine(ground.engine);
  if (!platform.ok) return platform;
  const {
    events: { emit },
    signal,
  } = context;
  const { engine, opened } = ground;
  // The code is read by the Python of the step that checks its types.
  const toolchain = request.steps[0]?.toolchain;
  const lock = requiredToolchainLock(ground.lock, toolchain);
  const packages = await rewriterPackages({
    engine,
    lock,
    platform: platform.value,
    projectDir: opened.project.dir,
    emit,
    signal,
  });
  if (!packages.ok) return packages;
  const job = { root: workspaceRoot, union: await unionOf(ground, lock), files: [...jobs.values()] };
  const answers = await runRewriter(environment, packages.value, { job, toolchain });
  return answers.ok ? ok(rewrittenBy(answers.value)) : answers;
}

// Incompatible default for parameter "x" (default has type "None", parameter has type "int")
function implicitOptional({ tool, message }: ToolDiagnostic): string | undefined {
  if (tool !== 'mypy') return undefined;
  return /^Incompatible default for (?:parameter|argument) "([^"]+)" \(default has type "None",/.exec(message)?.[1];
}

async function findingsOf(
  { signal }: AppContext,
  { environment, variablesOf }: RewriteRequest,
  step: StepConfig,
): Promise<Result<readonly ToolDiagnostic[]>> {
  const cwd = posix.join(environment.workspaceDir, step.cwd);
  const started = await environment.start({
    name: `${step.name} (before its rewrite)`,
    ...shellCommand(step.run),
    cwd,
    env: variablesOf(step),
    network: step.network,
    ...(step.toolchain === undefined ? {} : { toolchain: step.toolchain }),
  });
  if (!started.ok) return started;
  const printed = captureOutput();
  const exit = await untilEnd(started.value, signal, (piece) => printed.add(piece));
  if (!exit.ok) return exit;
  return ok(parseStepOutput({ step, cwd, text: printed.text(), passed: false }).diagnostics);
}

async function untilEnd(
  command: RunningCommand,
  signal: AbortSignal,
  take: Parameters<typeof takeOutput>[1],
): Promise<Awaited<RunningCommand['exit']>> {
  const stopListening = onAbort(signal, () => command.signal('SIGTERM'));
  try {
    await takeOutput(command, take);
    return await command.exit;
  } finally {
    stopListening();
  }
}

async function takeOutput(
  command: RunningCommand,
  take: (piece: { readonly stream: 'stdout' | 'stderr'; readonly data: Buffer }) => void,
): Promise<void> {
  for await (const piece of command.output) take(piece);
}

const mostSourceBytes = 1024 * 1024;
const suspicious = /(?:=\s*(?:\[\s*\]|\{\s*\})|=\s*(?:set|list|dict)\(\s*\))/;

/** The project's modules that have a dataclass and, somewhere, an empty default. */
function suspects({ hostRoot, hostProject }: FixGround, files: readonly FileState[]): readonly string[] {
  const folder = relative(hostRoot, hostProject).split(sep).join('/');
  const prefix = folder === '' ? '' : `${folder}/`;
  return files
    .filter(({ path, mode }) => path.startsWith(prefix) && path.endsWith('.py') && mode !== '120000')
    .filter(({ path }) => {
      try {
        const text = readFileSync(join(hostRoot, path));
        return text.length <= mostSourceBytes && text.includes('dataclass') && suspicious.test(text.toString('utf8'));
      } catch {
        return false;
      }
    })
    .map(({ path }) => path);
}

async function unionOf({ hostProject }: FixGround, lock: Lock): Promise<ReturnType<typeof unionSyntax>> {
  const names = ['pyproject.toml', 'setup.cfg', 'setup.py', 'mypy.ini', '.mypy.ini'];
  const texts = await Promise.all(
    names.map(async (name) => [name, await readFile(join(hostProject, name), 'utf8').catch(() => '')] as const),
  );
  return unionSyntax({ locked: lock.python.version, files: Object.fromEntries(texts) });
}

// The library, the program and the job come over stdin, and are gone with the command: nothing of it is in the image or the tree.
const bootstrap = `import io, json, sys, tarfile, tempfile
head = json.loads(sys.stdin.buffer.readline())
archive = tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read(head["library"])), mode="r:gz")
program = sys.stdin.buffer.read(head["program"])
with tempfile.TemporaryDirectory() as folder:
    archive.extractall(folder)
    sys.path.insert(0, folder)
    exec(compile(program, "rewrite.py", "exec"), {"__name__": "__main__"})
`;

async function runRewriter(
  environment: Environment,
  library: Buffer,
  {
    job,
    toolchain,
  }: {
    readonly job: { readonly files: readonly FileJob[] } & Readonly<Record<string, unknown>>;
    readonly toolchain: ToolchainName;
  },
): Promise<Result<readonly FileAnswer[]>> {
  const program = await readFile(join(packageRoot(), 'images', 'rewrite', 'rewrite.py'));
  const head = { library: library.length, program: program.length };
  async function* stdin(): AsyncGenerator<Uint8Array, void, undefined> {
    yield Buffer.from(`${JSON.stringify(head)}\n`);
    yield library;
    yield program;
    yield Buffer.from(JSON.stringify(job));
  }
  const started = await environment.start({
    name: '/rewrite',
    argv: ['python3', '-I', '-c', bootstrap],
    cwd: environment.workspaceDir,
    env: {},
    network: 'none',
    ...(toolchain === undefined ? {} : { toolchain }),
    stdin: stdin(),
  });
  if (!started.ok) return started;
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  await takeOutput(started.value, ({ stream, data }) => void output[stream].push(data));
  const exit = await started.value.exit;
  if (!exit.ok) return exit;
  if (exit.value.exitCode !== 0)
    return err(
      failure('environment-lost', 'the program that rewrites code ended early', {
        detail: Buffer.concat(output.stderr).toString('utf8').trim().split('\n').slice(-10).join('\n'),
        next: 'parity fix --no-rewrite   (the fix commands alone)',
      }),
    );
  const lines = Buffer.concat(output.stdout).toString('utf8').trimEnd().split('\n');
  return ok(lines.map(answerOf));
}

/** The program is parity's own: what it prints is an answer, or it has a bug. */
function answerOf(line: string): FileAnswer {
  const answer = readJson(line, shaped(isFileAnswer));
  if (answer === undefined) throw new Error(`parity: rewrite.py printed what is no answer: ${line.slice(0, 200)}`);
  return answer;
}

function isFileAnswer(value: unknown): value is FileAnswer {
  if (!isObject(value) || typeof value['path'] !== 'string') return false;
  return [value['done'], value['left']].every((list) => Array.isArray(list) && list.every(isObject));
}

function rewrittenBy(answers: readonly FileAnswer[]): Rewritten | undefined {
  const done = answers.flatMap((answer) => answer.done);
  const left = answers.flatMap(({ path, left: of }) =>
    of.map(({ name, line, why }) => `${path}:${line}: ${name === '' ? '' : `${name}: `}${why}`),
  );
  if (done.length + left.length === 0) return undefined;
  const count = (kind: FileAnswer['done'][number]['kind']): number => done.filter((one) => one.kind === kind).length;
  const [optional, mutable] = [count('implicit-optional'), count('mutable-default')];
  const parts = [
    ...(optional === 0 ? [] : [`${optional} × None made explicit in the type`]),
    ...(mutable === 0 ? [] : [`${mutable} × field(default_factory=…)`]),
  ];
  return { command: parts.length === 0 ? 'nothing certain' : parts.join(', '), output: left.join('\n') };
}
