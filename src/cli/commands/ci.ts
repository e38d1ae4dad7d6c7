import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { githubHeader, githubWorkflow } from '../../ci/github/write.ts';
import { gitlabJobs, gitlabHeader } from '../../ci/gitlab/write.ts';
import type { CiSystem } from '../../ci/model.ts';
import { readCiRepository } from '../../ci/repository.ts';
import { ciSettings, type CiSettings } from '../../ci/settings.ts';
import type { Config } from '../../config/config.ts';
import { failure } from '../../core/failure.ts';
import type { EmitProgress } from '../../core/progress.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { writeFileWhole } from '../../core/write-file.ts';
import { exitCodes } from '../exit.ts';
import { lockForRun } from '../../app/lock/lock-project.ts';
import { openProject } from '../../app/project/open-project.ts';
import type { CommandContext } from '../context.ts';

/** `parity ci github|gitlab`: needs the lock, as CI will, and no engine. */
export async function ci(
  context: CommandContext,
  flags: Pick<CiOptions, 'system' | 'check' | 'force' | 'output'>,
): Promise<Result<number>> {
  const { cwd, events, signal, terminal } = context;
  const opened = await openProject(context, { verbose: terminal.verbose });
  if (!opened.ok) return opened;
  const { project, config } = opened.value;
  const options = { projectDir: project.dir, config, emit: events.emit };
  const noEngine = (): never => {
    throw new Error('parity: a frozen lock asked for an engine');
  };
  const lock = await lockForRun({ ...options, signal, engine: noEngine, frozen: true, partsAhead: false });
  if (!lock.ok) return lock;
  return await writeCi({ ...options, ...flags, cwd, print: terminal.print, json: terminal.json });
}

/** What `parity ci` is asked. */
interface CiOptions {
  readonly system: CiSystem;
  readonly projectDir: string;
  readonly config: Config;
  /** Where file names start. */
  readonly cwd: string;
  /** Only say whether the file is what would be written. */
  readonly check: boolean;
  /** Replace a file that parity did not write. */
  readonly force: boolean;
  /** Write it there instead; `-` is stdout. */
  readonly output?: string;
  readonly emit: EmitProgress;
  readonly print: (text: string) => void;
  readonly json: boolean;
}

/** Writes the CI file, or with `check` says whether it is up to date. Gives the exit code. */
async function writeCi(options: CiOptions): Promise<Result<number>> {
  const { system, projectDir, config, print, json, check } = options;
  const repository = await readCiRepository(projectDir);
  if (!repository.ok) return repository;
  const settings = ciSettings(config, repository.value.facts);
  if (!settings.ok) return settings;
  const text = system === 'github' ? githubWorkflow(settings.value) : gitlabJobs(settings.value);
  if (options.output === '-' && !check) {
    print(json ? JSON.stringify({ type: 'ci', system, text }) : text);
    return ok(exitCodes.yes);
  }
  const { top } = repository.value;
  const chosen = await chooseFile(options, settings.value, top);
  if (!chosen.ok) return chosen;
  const { path, present } = chosen.value;
  const file = relative(options.output === undefined ? top : options.cwd, path);
  if (check) return await checkFile(options, { file, present, text });
  // Line ends are git's business: a file that says the same is left as it is.
  const same = present !== undefined && unified(present) === text;
  if (!same) {
    const written = await write(path, text);
    if (!written.ok) return written;
  }
  if (json) print(JSON.stringify({ type: 'ci', system, path, changed: !same }));
  else print(`${same ? 'unchanged' : 'wrote'} ${file}${includeLine(system, file)}`);
  return ok(exitCodes.yes);
}

interface ChosenFile {
  /** Absolute. */
  readonly path: string;
  /** Its text now; undefined when it is not there. */
  readonly present: string | undefined;
}

/** The file that is parity's to write. GitLab reads one file: when that is somebody's own, parity's is one to include. */
async function chooseFile(options: CiOptions, { name }: CiSettings, top: string): Promise<Result<ChosenFile>> {
  const { system, output, force, check } = options;
  const mark = system === 'github' ? githubHeader : gitlabHeader;
  const own = join(top, ...(system === 'github' ? ['.github', 'workflows', `${name}.yml`] : ['.gitlab-ci.yml']));
  const beside = join(top, '.gitlab', `${name}.gitlab-ci.yml`);
  const candidates =
    output !== undefined ? [resolve(options.cwd, output)] : system === 'github' ? [own] : [own, beside];
  // A project below the top shares GitLab's one file with whatever else is there.
  if (output === undefined && system === 'gitlab' && name !== 'parity') candidates.shift();
  for (const [index, path] of candidates.entries()) {
    const present = await readText(path);
    if (!present.ok) return present;
    const ours = present.value === undefined || present.value.replace(/^\uFEFF/, '').startsWith(mark);
    const last = index === candidates.length - 1;
    if (ours || (check && last) || (force && last)) return ok({ path, present: present.value });
    if (last) return err(foreign(options, relative(options.cwd, path)));
  }
  throw new Error('parity: no file for a CI system');
}

function foreign({ system, output }: CiOptions, file: string): ReturnType<typeof failure> {
  const more = output === undefined ? '' : ` --output ${JSON.stringify(output)}`;
  return failure('usage', `${file} is there already, and parity did not write it`, {
    next: `parity ci ${system}${more} --force   (it replaces the file), or --output FILE`,
  });
}

async function checkFile(
  { system, print, json }: CiOptions,
  { file, present, text }: { readonly file: string; readonly present: string | undefined; readonly text: string },
): Promise<Result<number>> {
  const same = present !== undefined && unified(present) === text;
  const status = same ? 'current' : present === undefined ? 'missing' : 'stale';
  if (json) print(JSON.stringify({ type: 'ci-check', system, file, status }));
  else if (same) print(`${file} is up to date`);
  else if (present === undefined) print(`${file} is not there\nRun: parity ci ${system}`);
  else {
    const { createTwoFilesPatch } = await import('diff');
    const patch = createTwoFilesPatch(
      `${file} (as it is)`,
      `${file} (as parity.yaml says)`,
      unified(present),
      text,
      '',
      '',
      {
        context: 2,
      },
    );
    const body = patch.slice(patch.indexOf('---'));
    print(`${file} is not what parity.yaml says:\n${body}Run: parity ci ${system}`);
  }
  return ok(same ? exitCodes.yes : exitCodes.no);
}

function includeLine(system: CiSystem, file: string): string {
  if (system !== 'gitlab' || file === '.gitlab-ci.yml' || !file.endsWith('.gitlab-ci.yml')) return '';
  return `\nIn .gitlab-ci.yml, include it:\n\ninclude:\n  - local: ${JSON.stringify(`/${file}`)}\n`;
}

/** The text as parity writes it: a checkout may have other line ends, an editor may add a mark. */
function unified(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}

async function readText(path: string): Promise<Result<string | undefined>> {
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return ok(undefined);
    return err(failure('io', `cannot read ${path}`, { detail: message }));
  }
}

async function write(path: string, text: string): Promise<Result<void>> {
  try {
    await writeFileWhole(path, text);
    return ok(undefined);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const full = code === 'ENOSPC' || code === 'EDQUOT';
    return err(failure(full ? 'disk-full' : 'io', `cannot write ${path}`, { detail: message }));
  }
}
