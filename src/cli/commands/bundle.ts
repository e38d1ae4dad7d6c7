import { statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { findProject } from '../../config/project.ts';
import { fileFailure } from '../../core/file-failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { writeFileWhole } from '../../core/write-file.ts';
import { findProjectImages } from '../../app/status/project-images.ts';
import { packBundle } from '../../records/bundle/archive.ts';
import { makeBundle } from '../../records/bundle/manifest.ts';
import { createRedactor } from '../../records/bundle/redact.ts';
import { bundleText } from '../../report/bundle-text.ts';
import { createPaint } from '../../report/paint.ts';
import { size } from '../../report/words.ts';
import { askYesNo, canAsk } from '../ask.ts';
import { collectFiles, type Sources } from '../../app/bundle/collect-files.ts';
import { valuesToHide } from '../../app/bundle/values-to-hide.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { startConnecting, type PendingEngine } from '../../app/project/pending-engine.ts';

/** What `parity bundle` is asked. */
export interface BundleOptions {
  /** Where to write it; a folder gets it under its own name. */
  readonly file?: string;
  /** Writes it without asking. */
  readonly yes: boolean;
}

/**
 * `parity bundle`: everything that support needs to see, secrets removed, in one .tar.gz. What is in it is shown before it is written; on a
 * terminal it is written when that is agreed to. Exit code 0, 1 when it was not wanted; Err `io` or `disk-full`.
 */
export async function bundle(context: CommandContext, options: BundleOptions): Promise<Result<number>> {
  const project = await findProject(context.cwd);
  if (!project.ok) return project;
  const at = new Date();
  const folder = `parity-bundle-${at.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}`;
  const file = fileOf(context, options.file, `${folder}.tar.gz`);
  const pending = startConnecting(context);
  try {
    const engine = await answeringEngine(pending);
    const sources = { context, project: project.value, pending, engine };
    const images = engine.ok ? await findProjectImages(context, project.value, engine.value.connection.engine) : {};
    const gathered = await collectFiles({ ...sources, images });
    if (context.signal.aborted) return err(context.signal.reason);
    const engineHost = engine.ok ? engine.value.info.hostname : undefined;
    const hidden = await valuesToHide(project.value, context.env, engineHost);
    const made = makeBundle(gathered, createRedactor(hidden), at);
    const name = basename(file);
    if (!context.terminal.json) context.terminal.print(bundleText(made.manifest, createPaint(context.terminal.color)));
    // Without a terminal there is no person to ask.
    if (!options.yes && canAsk(context) && !(await askYesNo(context, `Write it to ${name}?`, 'yes'))) {
      if (context.signal.aborted) return err(context.signal.reason);
      context.terminal.print('Nothing was written.');
      return ok(exitCodes.no);
    }
    const bytes = await packBundle(made, folder);
    try {
      // The redactor removes only what it recognises: other users may not read the rest.
      await writeFileWhole(file, bytes, 0o600);
    } catch (error) {
      return err(fileFailure(error, `the bundle ${file} can't be written`));
    }
    if (context.terminal.json)
      context.terminal.print(JSON.stringify({ type: 'bundle', file, bytes: bytes.length, ...made.manifest }));
    else context.terminal.print(`wrote ${file} (${size(bytes.length)})`);
    return ok(exitCodes.yes);
  } finally {
    await pending.close();
  }
}

async function answeringEngine(pending: PendingEngine): Promise<Sources['engine']> {
  const connection = await pending.connection();
  if (!connection.ok) return connection;
  const info = await connection.value.engine.describe();
  return info.ok ? ok({ connection: connection.value, info: info.value }) : info;
}

function fileOf({ cwd }: CommandContext, asked: string | undefined, name: string): string {
  const file = resolve(cwd, asked ?? name);
  return isFolder(file) ? join(file, name) : file;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
