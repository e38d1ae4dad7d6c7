import { chmod, lstat, mkdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { findProject, type Project } from '../../config/project.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { fileFailure } from '../../core/file-failure.ts';
import { packageRoot } from '../../core/paths.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { writeFileWhole } from '../../core/write-file.ts';
import { gitLayout } from '../../git/git.ts';
import { hooksFolder, type HooksFolder } from '../../git/hooks-folder.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { hasHook, hookLines, withHook, withoutHook, type HookCall } from '../../app/hook/hook-text.ts';
import { lefthookLines, preCommitLines } from '../../app/hook/hook-managers.ts';
import { offerTypeChecks } from '../../app/hook/offer-type-checks.ts';

/** What `parity hook` is asked. */
export interface HookOptions {
  readonly action: 'install' | 'uninstall';
  /** Write into a folder of hooks that other repositories use, too. */
  readonly shared: boolean;
}

/**
 * `parity hook install|uninstall`: adds the check of what is pushed to the pre-push hook that git really runs, or takes exactly that away.
 * Where another program owns the hooks, Err `usage` has the lines to add to its own file. Exit code 0.
 */
export async function hookCommand(context: CommandContext, options: HookOptions): Promise<Result<number>> {
  const place = await findHook(context, options);
  if (!place.ok) return place;
  try {
    const done = options.action === 'install' ? await install(place.value) : await uninstall(place.value);
    if (!done.ok) return done;
    const { path } = place.value;
    if (context.terminal.json)
      context.terminal.print(
        JSON.stringify({ type: 'hook', action: options.action, path, changed: done.value.changed }),
      );
    else {
      const offers = options.action === 'install' ? await offerTypeChecks(place.value.project) : [];
      context.terminal.print([done.value.text, ...offers].join('\n'));
    }
    return ok(exitCodes.yes);
  } catch (error) {
    return err(fileFailure(error, `the hook ${place.value.path} cannot be changed`));
  }
}

interface HookPlace {
  /** The hook's file, absolute; what a symbolic link leads to. */
  readonly path: string;
  /** The path for people: from the work tree's top when it lies in it. */
  readonly shown: string;
  /** The hook is committed, so it has nothing of this machine in it. */
  readonly isCommitted: boolean;
  /** Husky runs it with sh whatever its mode. */
  readonly needsMode: boolean;
  /** Its bytes, one a character; absent when there is none. */
  readonly current?: string;
  readonly mode: number;
  readonly call: HookCall;
  readonly project: Project;
}

async function findHook(context: CommandContext, { action, shared }: HookOptions): Promise<Result<HookPlace>> {
  const layout = await gitLayout(context.cwd);
  if (!layout.ok) {
    const { reason, message, next } = layout.error;
    if (reason === 'not-a-repository') return err(failure('usage', `${message}: there is nothing to push`));
    const kind = reason === 'git-missing' ? 'host-tool-missing' : 'repository-invalid';
    return err(failure(kind, message, next === undefined ? {} : { next }));
  }
  const { topLevel } = layout.value;
  const found = await hooksFolder(layout.value);
  if (!found.ok)
    return err(failure('repository-invalid', found.error.message, { next: 'git config --get core.hooksPath' }));
  const project = await findProject(context.cwd);
  if (!project.ok) return project;
  const folder = relative(topLevel, project.value.dir).split(sep).join('/');
  const inTree = folder === '..' || folder.startsWith('../') ? '' : folder;
  const { dir, kind } = ofHusky(found.value, topLevel);
  let path = join(dir, 'pre-push');
  const link = await lstat(path).catch(() => undefined);
  if (link?.isSymbolicLink() === true) {
    const target = await realpath(path).catch(() => undefined);
    if (target === undefined)
      return err(failure('usage', `${path} is a symbolic link to nothing`, { next: `rm ${path}` }));
    path = target;
  }
  const isCommitted =
    kind === 'tree' || (path.startsWith(`${topLevel}${sep}`) && !path.startsWith(layout.value.commonDir));
  const text = await readFile(path, 'latin1').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  const call: HookCall = {
    project: kind === 'shared' ? '' : inTree,
    isShared: kind === 'shared',
    ...(isCommitted ? {} : { installed: await installation(topLevel) }),
  };
  const place: HookPlace = {
    path,
    shown: path.startsWith(`${topLevel}${sep}`) ? relative(topLevel, path) : path,
    isCommitted,
    needsMode: basename(dir) !== '.husky',
    ...(text === undefined ? {} : { current: text }),
    mode: text === undefined ? 0o755 & ~process.umask() : (await stat(path)).mode & 0o7777,
    call,
    project: project.value,
  };
  if (action === 'uninstall') return ok(place);
  const refused = managed(topLevel, place) ?? (kind === 'shared' && !shared ? isShared(place) : undefined);
  return refused === undefined ? ok(place) : err(refused);
}

/** Husky's own folder holds what it makes; what it calls lies beside it, and is what people write. */
function ofHusky(found: HooksFolder, topLevel: string): HooksFolder {
  if (basename(found.dir) === '_' && basename(dirname(found.dir)) === '.husky')
    return { ...found, dir: dirname(found.dir) };
  const husky = join(topLevel, '.husky');
  return !found.isSet && existsSync(husky) ? { dir: husky, kind: 'tree', isSet: false } : found;
}

/** Paths that lie in the work tree are written from its top: another worktree has its own. */
async function installation(topLevel: string): Promise<NonNullable<HookCall['installed']>> {
  const bin = await realpath(join(packageRoot(), 'bin', 'parity.js'));
  const inTree = bin.startsWith(`${topLevel}${sep}`);
  const written = inTree ? relative(topLevel, bin) : bin;
  return { node: process.execPath.split(sep).join('/'), bin: written.split(sep).join('/') };
}

/** Programs that write the hooks themselves, and would write over what is added to them. */
function managed(topLevel: string, { current }: HookPlace): Failure | undefined {
  // "# File generated by pre-commit: https://pre-commit.com"
  if (current?.includes('File generated by pre-commit') === true)
    return failure('usage', 'pre-commit writes the pre-push hook here, so parity adds nothing to it', {
      detail: `add to .pre-commit-config.yaml:\n${preCommitLines}`,
      next: 'pre-commit install --hook-type pre-push',
    });
  const names = ['lefthook', '.lefthook', join('.config', 'lefthook')];
  const files = names.flatMap((name) => ['yml', 'yaml', 'toml', 'json'].map((kind) => `${name}.${kind}`));
  const lefthook = files.find((file) => existsSync(join(topLevel, file)));
  if (lefthook !== undefined || current?.includes('call_lefthook') === true)
    return failure('usage', 'lefthook writes the hooks here, so parity adds nothing to them', {
      detail: `add to ${lefthook ?? 'lefthook.yml'}:\n${lefthookLines}`,
      next: 'lefthook install',
    });
  return undefined;
}

function isShared({ path, call }: HookPlace): Failure {
  return failure('usage', `git takes the hooks of this repository from ${dirname(path)}, which others use, too`, {
    detail: `to add it there by hand, put these lines first in ${path}:\n${hookLines(call)}`,
    next: 'parity hook install --shared   (it checks only repositories that have a parity.yaml or a lock)',
  });
}

interface Done {
  readonly text: string;
  readonly changed: boolean;
}

async function install({ path, shown, current, mode, needsMode, call, isCommitted }: HookPlace): Promise<Result<Done>> {
  const lines = Buffer.from(hookLines(call)).toString('latin1');
  if (current !== undefined && needsMode && (mode & 0o111) === 0 && process.platform !== 'win32')
    return err(
      failure('usage', `${shown} is there, but git does not run it: it is not executable`, {
        next: `chmod +x ${path}, or remove it, then: parity hook install`,
      }),
    );
  const text = withHook(current, lines);
  if (text === undefined)
    return err(
      failure('usage', `${shown} is no shell script, so parity adds nothing to it`, {
        next: 'let it run: parity preflight --hook pre-push "$@"   (with the hook’s own stdin), and refuse the push when that fails',
      }),
    );
  if (text === current) return ok({ text: `${shown} checks what is pushed already`, changed: false });
  await write(path, text, mode);
  const commit = isCommitted ? `\nIt is part of the repository: commit it (git add ${shown})` : '';
  const how = current === undefined ? 'wrote' : hasHook(current) ? 'updated' : 'added to';
  return ok({
    text: `${how} ${shown}: what is pushed is checked first (to push without: git push --no-verify)${commit}`,
    changed: true,
  });
}

async function uninstall({ path, shown, current, mode }: HookPlace): Promise<Result<Done>> {
  if (current === undefined || !hasHook(current))
    return ok({ text: `${shown} has nothing of parity’s`, changed: false });
  const text = withoutHook(current);
  if (text === undefined) {
    await rm(path);
    return ok({ text: `removed ${shown}`, changed: true });
  }
  await write(path, text, mode);
  return ok({ text: `took parity’s lines out of ${shown}`, changed: true });
}

async function write(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFileWhole(path, Buffer.from(text, 'latin1'), mode);
  await chmod(path, mode);
}
