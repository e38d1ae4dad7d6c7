import { lstat, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { decisionText, detectRepo, type Decision, type Detected } from '../../config/detect.ts';
import { projectFiles } from '../../config/detect/files.ts';
import { readRepo } from '../../config/detect/repo.ts';
import { jobsText, writeConfigFile, type ConfigOrigin } from '../../config/init.ts';
import { findProject, gitTop } from '../../config/project.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { writeFileWhole } from '../../core/write-file.ts';
import { gitTopLevel } from '../../git/git.ts';
import type { ImportedFiles, ImportSource, ImportTarget } from './import-ci.ts';
import { leftOutLines } from './left-out-lines.ts';

/** What `parity init` is asked. */
export interface InitOptions {
  /** The folder that gets the parity.yaml. */
  readonly cwd: string;
  /** Overwrites a parity.yaml that is there. */
  readonly force: boolean;
  /** The CI to import; absent = detect the repo. */
  readonly from?: ImportSource;
  /** Takes the result: what was decided and written. */
  readonly stdout: (text: string) => void;
  /** Takes what a person should look at. */
  readonly stderr: (text: string) => void;
}

/** What `parity init` did. */
export interface InitResult {
  /** Absolute path of the parity.yaml. */
  readonly path: string;
  readonly decisions: readonly Decision[];
  /** The CI files that were imported, relative to the repository's top. */
  readonly files?: readonly string[];
  /** What of them is not in the parity.yaml. */
  readonly leftOut?: readonly {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly what: string;
    readonly why: string;
  }[];
}

/**
 * Detects the repo, or imports its CI, and writes a commented parity.yaml into the folder, saying what was decided and why. Err `usage`
 * when there is one already and `force` is off, `io` or `disk-full` when it can't be written, and as importCi says.
 */
export async function initProject(options: InitOptions): Promise<Result<InitResult>> {
  const project = await findProject(options.cwd);
  // Only a parity.yml in the way is an error here; a parity.yaml further up governs other folders and may stay.
  if (!project.ok) return project;
  const dir = await realpath(options.cwd);
  const path = join(dir, 'parity.yaml');
  const existing = await lstat(path).catch(() => undefined);
  if (existing?.isDirectory()) return err(failure('usage', `${path} is a folder`, { next: 'move it out of the way' }));
  if (existing !== undefined && !options.force) {
    const next = 'parity init --force';
    return err(failure('usage', `${path} is there already, and init never overwrites it unasked`, { next }));
  }
  const files = await projectFiles(dir);
  if (!files.ok) return files;
  const repo = readRepo(dir, files.value);
  const layout = detectRepo(repo);
  const { from } = options;
  const found = await importFor({ dir, files: files.value, repo, detected: layout }, options);
  if (!found.ok) return found;
  const imported = found.value;
  const detected: Detected = imported ?? layout;
  const text = writeConfigFile(detected, imported === undefined ? undefined : originOf(imported, from === undefined));
  const written = await write(path, text);
  if (!written.ok) return written;

  const { pipeline } = detected.config;
  const count = `${pipeline.length} step${pipeline.length === 1 ? '' : 's'}`;
  if (imported === undefined) {
    const notes = detected.decisions.filter(({ severity }) => severity === 'note');
    options.stdout(notes.map((one) => `${decisionText(one)}\n`).join(''));
  } else options.stdout(importedText(imported, from === undefined));
  options.stdout(`\n${existing === undefined ? 'Wrote' : 'Overwrote'} ${path} (${count}). Run: parity up\n`);
  for (const one of detected.decisions)
    if (one.severity === 'warning') options.stderr(`look at this: ${decisionText(one)}\n`);
  const top = await gitTopLevel(dir);
  if (top.ok && top.value !== dir) {
    const way = relative(dir, top.value);
    options.stderr(`It is for this folder alone; for the whole repo: parity init --cwd ${way}\n`);
  }
  if (imported === undefined) return ok({ path, decisions: detected.decisions });
  const leftOut = imported.leftOut.map(({ place: { file, span }, what, why }) => {
    return { file, line: span.line, column: span.column, what, why };
  });
  return ok({ path, decisions: detected.decisions, files: imported.files, leftOut });
}

/** The import that was asked for; unasked, of the jobs that check the code, if CI has any. */
async function importFor(target: ImportTarget, { from, cwd }: InitOptions): Promise<Result<ImportedFiles | undefined>> {
  const [{ importCi, importChecks }, { RepositoryReader }] = await Promise.all([
    import('./import-ci.ts'),
    import('./repository-reader.ts'),
  ]);
  if (from !== undefined) return await importCi(target, { from, cwd });
  return ok(await importChecks(target, new RepositoryReader(gitTop(target.dir) ?? target.dir)));
}

function originOf(imported: ImportedFiles, isChosen: boolean): ConfigOrigin {
  const understood = understoodText(imported);
  return {
    files: imported.files,
    ...(isChosen ? { jobs: imported.jobs.map(({ id }) => id) } : {}),
    leftOut: leftOutLines(imported),
    ...(understood === '' ? {} : { understood }),
  };
}

function understoodText({ understood }: ImportedFiles): string {
  return understood.length === 0 ? '' : `No part of a pipeline, so left out: ${understood.join(', ')}.`;
}

/** What was imported and what was not, each with its place. */
function importedText(imported: ImportedFiles, isChosen: boolean): string {
  const steps = imported.decisions.filter(({ kind }) => kind === 'step');
  const width = Math.min(28, Math.max(0, ...steps.map(({ subject }) => subject.length)));
  const lines = steps.map(({ subject, choice, why }) => {
    const [command = '', ...more] = choice.split('\n');
    return `  ${subject.padEnd(width)}  ${command}${more.length > 0 ? ' …' : ''} (${why})`;
  });
  const { python, node } = imported.config.toolchain;
  const toolchain = `Python ${python}${node === undefined ? '' : `, Node ${node}`}`;
  const head = isChosen
    ? `Taken from what checks the code in ${jobsText(
        imported.files,
        imported.jobs.map(({ id }) => id),
      )}; with ${toolchain}:`
    : `Imported from ${imported.files.join(', ')}, with ${toolchain}:`;
  const out = [head, ...lines, ...toolchainLines(imported)];
  if (imported.leftOut.length > 0)
    out.push(
      '',
      'Not carried over (they are in the file as comments):',
      ...leftOutLines(imported).map((line) => `  ${line}`),
    );
  const understood = understoodText(imported);
  if (understood !== '') out.push('', understood);
  return `${out.join('\n')}\n`;
}

/** Which jobs can't share an environment with the others, and why. */
function toolchainLines({ config, decisions }: ImportedFiles): readonly string[] {
  const { toolchains = [] } = config;
  if (toolchains.length === 0) return [];
  const lines = toolchains.map(({ name }) => {
    const about = decisions.find(
      (each) => each.kind === 'toolchain' && each.toolchain === name && each.subject === name,
    );
    return `  toolchain ${name}${about === undefined ? '' : `: ${about.why}`}`;
  });
  return ['', 'No one environment is right for all of these steps, so some have a toolchain of their own:', ...lines];
}

async function write(path: string, text: string): Promise<Result<void>> {
  try {
    await writeFileWhole(path, text);
    return ok(undefined);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      return err(failure('disk-full', `no room on the disk for ${path}`, { detail: message }));
    }
    return err(failure('io', `cannot write ${path}`, { detail: message }));
  }
}
