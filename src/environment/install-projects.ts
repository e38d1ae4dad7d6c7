import { posix } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Diagnostic } from '../core/diagnostic.ts';
import { failure } from '../core/failure.ts';
import { interruption, onAbort } from '../core/interruption.ts';
import { isObject, readJson } from '../core/json.ts';
import type { EmitProgress } from '../core/progress.ts';
import { err, ok, type Result } from '../core/result.ts';
import { shellWord } from '../core/shell-word.ts';
import { terminalEscapes } from '../core/terminal-escapes.ts';
import type { ProjectBuild } from '../workspace/project-build.ts';
import { workspaceRoot } from '../workspace/workspace.ts';
import { explainBuildFailure, shownOutput } from './build-causes.ts';
import { installedRoot, type EnvironmentFacts } from './container-plan.ts';
import { forgetInstalled, imagePython, installerCommand, rememberInstalled, wasBuilt } from './installed-projects.ts';
import type { Session } from './session.ts';

/** What is installed where. */
export interface InstallRequest {
  /** With a container of the access that the build has. */
  readonly session: Session;
  readonly facts: EnvironmentFacts;
  readonly build: ProjectBuild;
  readonly emit: EmitProgress;
  readonly signal: AbortSignal;
}

// More is no message but a log.
const outputLimit = 64_000;

/**
 * Has the repository's packages built by their own backends and installed, unless the volume holds them for this key; tells what the build left
 * in the workspace. Err `project-build-failed` with the backend's last lines; `environment-lost` when the container goes away.
 */
export async function installProjects(request: InstallRequest): Promise<Result<void>> {
  const { facts, build, emit, signal } = request;
  const begun = performance.now();
  const phase = { phase: 'environment', id: 'packages' } as const;
  const folders = build.projects.map(({ path }) => posix.join(facts.workspace.containerProject, path));
  const names = build.projects.map(({ name, path }) => name ?? path).join(', ');
  const start = (): void => emit({ ...phase, type: 'phase-started', title: `building and installing ${names}` });
  const finish = (isOk: boolean, result: string): void =>
    emit({ ...phase, type: 'phase-finished', durationMs: performance.now() - begun, ok: isOk, result });
  const isExpected = !wasBuilt(facts);
  if (isExpected) start();
  forgetInstalled(facts);
  const asked = JSON.stringify({
    key: build.key,
    prefix: installedRoot,
    python: imagePython,
    projects: build.projects.map(({ backend, backendPath = [], editable = true }, index) => {
      return { path: folders[index], backend, backendPath, editable };
    }),
  });
  const ran = await runInstaller(request, asked, isExpected ? emitOutput(emit) : () => undefined);
  if (signal.aborted) return err(interruption(signal));
  if (!ran.ok) return ran;
  const { answer, output, exitCode } = ran.value;
  if (answer === undefined || answer.state === 'failed') {
    const failed = buildFailure(request, answer, { output, exitCode });
    if (!isExpected) start();
    finish(false, failed.message);
    return err(failed);
  }
  const left = answer.written.flatMap(([path, size]) => inWorkspace(path, size));
  // A cold run's volume is no other run's.
  if (facts.cold === undefined) await rememberInstalled(facts, left);
  if (answer.state === 'kept') {
    if (isExpected) finish(true, 'already there');
    return ok(undefined);
  }
  if (!isExpected) start();
  finish(true, folders.map((folder) => (answer.versions[folder] ?? []).join(' ')).join(', '));
  tellWritten(answer, facts, emit);
  return ok(undefined);
}

/** The installer's answer; paths are the container's. */
interface Installed {
  readonly state: 'kept' | 'built';
  readonly written: readonly (readonly [path: string, sizeBytes: number])[];
  readonly notIgnored: readonly string[];
  readonly changed: readonly string[];
  readonly versions: Readonly<Record<string, readonly string[]>>;
}

interface NotInstalled {
  readonly state: 'failed';
  readonly path: string;
  readonly why: 'backend' | 'requires' | 'not-editable';
  readonly missing: readonly string[];
}

interface InstallerRun {
  /** Undefined when it did not get so far. */
  readonly answer: Installed | NotInstalled | undefined;
  readonly output: string;
  readonly exitCode: number | null;
}

async function runInstaller(
  { session, signal }: InstallRequest,
  request: string,
  onOutput: (text: string) => void,
): Promise<Result<InstallerRun>> {
  const running = session.start({
    // No step is called so.
    name: '/install',
    argv: [...installerCommand, request],
    cwd: '/',
    // A look at the repository's state must not write to its index.
    env: { GIT_OPTIONAL_LOCKS: '0', PIP_NO_INPUT: '1' },
    internal: true,
  });
  const stopListening = onAbort(signal, () => running.signal('SIGKILL'));
  let [said, output] = ['', ''];
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  for await (const { stream, data } of running.output) {
    const text = decoders[stream].write(data);
    if (stream === 'stdout') said += text;
    else {
      output = `${output}${text.replace(terminalEscapes, '')}`.slice(-outputLimit);
      onOutput(text);
    }
  }
  const exit = await running.exit;
  stopListening();
  if (!exit.ok) return exit;
  const last = said.trimEnd().split('\n').at(-1) ?? '';
  return ok({ answer: readJson(last, readAnswer), output, exitCode: exit.value.exitCode });
}

function emitOutput(emit: EmitProgress): (text: string) => void {
  return (text) =>
    emit({ type: 'phase-progress', phase: 'environment', id: 'packages', progress: { type: 'output', text } });
}

// The project's code ran in that process: its answer is no more than a claim of known form. Names with control characters are not shown.
function readAnswer(value: unknown): Installed | NotInstalled | undefined {
  if (!isObject(value)) return undefined;
  const { state, written, notIgnored, changed, versions, path, why, missing } = value;
  if (state === 'failed')
    return typeof path === 'string' && isTexts(missing) && (why === 'requires' || why === 'not-editable')
      ? { state, path, why, missing }
      : { state, path: typeof path === 'string' ? path : '', why: 'backend', missing: [] };
  if ((state !== 'kept' && state !== 'built') || !isTexts(notIgnored) || !isTexts(changed)) return undefined;
  if (!isObject(versions) || !Object.values(versions).every(isTexts) || !Array.isArray(written)) return undefined;
  const files = written.filter(
    (each): each is [string, number] =>
      Array.isArray(each) && typeof each[0] === 'string' && Number.isSafeInteger(each[1]),
  );
  return { state, written: files, notIgnored, changed, versions: versions as Installed['versions'] };
}

function isTexts(value: unknown): value is readonly string[] {
  // oxlint-disable-next-line no-control-regex
  return Array.isArray(value) && value.every((each) => typeof each === 'string' && !/[\u0000-\u001F\u007F]/.test(each));
}

/** A file that the build left, relative to the workspace's root; none for a path that is no such file. */
function inWorkspace(path: string, sizeBytes: number): readonly (readonly [string, number])[] {
  const inside = posix.relative(workspaceRoot, posix.normalize(path));
  return inside === '' || inside.startsWith('..') || posix.isAbsolute(inside) ? [] : [[inside, sizeBytes]];
}

function tellWritten({ written, notIgnored, changed }: Installed, facts: EnvironmentFacts, emit: EmitProgress): void {
  const shown = (path: string): string => posix.relative(facts.workspace.containerProject, path);
  // Metadata beside the sources is nothing that anybody looks for.
  const left = written
    .map(([path]) => path)
    .filter((path) => !notIgnored.includes(path) && !path.includes('.egg-info/'));
  if (left.length > 0)
    emit({
      type: 'note',
      severity: 'note',
      message: `the build has written ${listed(left.map(shown))}, which git ignores, as it does in CI`,
    });
  for (const path of notIgnored.slice(0, 5))
    emit({
      type: 'note',
      severity: 'warning',
      message: `the build has written ${shown(path)}, which git does not ignore: it shows in git status, and could be committed`,
      hint: `echo ${shellWord(`/${shown(path)}`)} >> .gitignore`,
    });
  for (const path of changed.slice(0, 5))
    emit({
      type: 'note',
      severity: 'warning',
      message: `the build has changed ${shown(path)}, which is committed`,
      hint: `git rm --cached ${shellWord(shown(path))} && echo ${shellWord(`/${shown(path)}`)} >> .gitignore`,
    });
}

function listed(paths: readonly string[]): string {
  return paths.length > 4 ? `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more` : paths.join(', ');
}

function buildFailure(
  { facts, build }: InstallRequest,
  answer: NotInstalled | undefined,
  { output, exitCode }: Pick<InstallerRun, 'output' | 'exitCode'>,
): ReturnType<typeof failure> {
  const { containerProject } = facts.workspace;
  const project =
    build.projects.find(({ path }) => posix.join(containerProject, path) === answer?.path) ?? build.projects[0];
  const name = project?.name ?? project?.path ?? '';
  if (answer === undefined && exitCode === 127)
    return failure('project-build-failed', `the image has no environment in which ${name} could be built`, {
      next: "a Dockerfile.parity of the project's own needs the stages of parity's: copy it anew, then: parity build",
    });
  const file = posix.join(project?.path ?? '.', 'pyproject.toml');
  if (answer?.why === 'requires')
    return failure(
      'project-build-failed',
      `the build of ${name} needs what the lock does not hold: ${answer.missing.join(', ')}`,
      { next: `parity lock   (or name it in requires of [build-system] in ${file})` },
    );
  if (answer?.why === 'not-editable')
    return failure(
      'project-build-failed',
      `${project?.backend ?? 'the build backend'} can't build ${name} for an editable installation`,
      { next: `ask for a newer one in requires of [build-system] in ${file} (setuptools>=64), then: parity lock` },
    );
  const { cause, place, next } = explainBuildFailure(output, containerProject, build.network);
  const where = place === undefined ? '' : `${place.file}:${place.line}: `;
  const diagnostic: readonly Diagnostic[] =
    place === undefined
      ? []
      : [
          {
            severity: 'error',
            code: 'project-build',
            message: cause,
            file: place.file,
            span: { line: place.line, column: 1, endLine: place.line, endColumn: 2 },
          },
        ];
  return failure('project-build-failed', `the build of ${name} failed: ${where}${cause}`, {
    detail: shownOutput(output),
    ...(diagnostic.length === 0 ? {} : { diagnostics: diagnostic }),
    next: next ?? `mend it, or build nothing: toolchain: { build: { projects: [] } } in parity.yaml`,
  });
}
