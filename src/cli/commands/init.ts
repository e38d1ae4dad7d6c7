import { lstat, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { decisionText, detectConfig, type Decision } from '../../config/detect.ts';
import { projectFiles } from '../../config/detect/files.ts';
import { writeConfigFile } from '../../config/init.ts';
import { findProject } from '../../config/project.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { writeFileWhole } from '../../core/write-file.ts';
import { gitTopLevel } from '../../git/git.ts';

/** What `parity init` is asked. */
export interface InitOptions {
  /** The folder that gets the parity.yaml. */
  readonly cwd: string;
  /** Overwrites a parity.yaml that is there. */
  readonly force: boolean;
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
}

/**
 * Detects the repo and writes a commented parity.yaml into the folder, saying what was decided and why. Err `usage` when
 * there is one already and `force` is off, `io` or `disk-full` when it can't be written.
 */
export async function init(options: InitOptions): Promise<Result<InitResult>> {
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
  const detected = await detectConfig(dir, files.value);
  const written = await write(path, writeConfigFile(detected));
  if (!written.ok) return written;

  const { pipeline } = detected.config;
  const notes = detected.decisions.filter(({ severity }) => severity === 'note');
  options.stdout(notes.map((one) => `${decisionText(one)}\n`).join(''));
  const count = `${pipeline.length} step${pipeline.length === 1 ? '' : 's'}`;
  options.stdout(`\n${existing === undefined ? 'Wrote' : 'Overwrote'} ${path} (${count}). Run: parity up\n`);
  for (const one of detected.decisions)
    if (one.severity === 'warning') options.stderr(`look at this: ${decisionText(one)}\n`);
  const top = await gitTopLevel(dir);
  if (top.ok && top.value !== dir) {
    const way = relative(dir, top.value);
    options.stderr(`It is for this folder alone; for the whole repo: parity init --cwd ${way}\n`);
  }
  return ok({ path, decisions: detected.decisions });
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
