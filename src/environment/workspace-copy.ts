import { relative, sep } from 'node:path';
import type { EmitProgress } from '../core/progress.ts';
import { err, ok, type Result } from '../core/result.ts';
import { borrowedObjects, copyStateDir } from '../workspace/copy/protocol.ts';
import { bringBack, type BringBackSummary } from '../workspace/copy/bring-back.ts';
import { collectDraft, type DraftChanges } from '../workspace/copy/collect-draft.ts';
import { LinkLost, openLink, type CopyLink } from '../workspace/copy/copy-link.ts';
import { uncommittedOwnFiles } from '../workspace/copy/own-files.ts';
import { sendTree, type CopySource, type SendSummary } from '../workspace/copy/send-tree.ts';
import type { Contents } from '../workspace/workspace-contents.ts';
import { workspaceRoot } from '../workspace/workspace.ts';
import { installedRoot, type EnvironmentFacts } from './container-plan.ts';
import { copyCommand } from './protocol.ts';
import type { Session } from './session.ts';

/** A workspace's copy in an engine, for as long as a run uses it. */
export interface WorkspaceCopy {
  /** Brings back what steps have changed, and emits what the user should know of it. */
  bringBack(): Promise<void>;
  /** What commands have changed so far; nothing is brought back. Err when the copy can't be asked. */
  changes(): Promise<Result<DraftChanges>>;
  /** Closes the link; the copy stays in the engine. */
  close(): void;
}

/** What is copied, and how. */
export interface CopyRequest {
  readonly session: Session;
  readonly facts: Pick<EnvironmentFacts, 'workspace' | 'folders' | 'copied' | 'build'>;
  /** The key of a machine's own checkout, in which nothing of earlier runs stays; undefined for the workspace's copy, to which git-ignored files belong. */
  readonly checkout: string | undefined;
  readonly contents: () => Promise<Result<Contents>>;
  readonly emit: EmitProgress;
}

/** Brings the copy up to date through a session with any container that has it. Err what keeps it from being as the host's files are. */
export async function openCopy(request: CopyRequest): Promise<Result<WorkspaceCopy>> {
  const { session, facts, checkout, emit } = request;
  const { hostRoot, hostProject, objects } = facts.workspace;
  const project = relative(hostRoot, hostProject).split(sep).join('/');
  const reading = request.contents();
  const uncommitted = checkout === undefined ? Promise.resolve(undefined) : uncommittedOwnFiles(hostRoot, project);
  const { link, started } = await openLink(
    (stdin) =>
      Promise.resolve(
        session.start({
          // No step is called so.
          name: '/workspace',
          argv: [...copyCommand(), workspaceRoot, copyStateDir],
          cwd: '/',
          env: {},
          stdin,
          internal: true,
        }),
      ),
    (command) => command,
  );
  const contents = await reading;
  if (!contents.ok) {
    link.close();
    return contents;
  }
  const begun = performance.now();
  const phase = { phase: 'workspace', id: checkout === undefined ? 'copy' : `checkout ${checkout}` } as const;
  emit({ ...phase, type: 'phase-started', title: titleOf(checkout) });
  const finish = (okay: boolean, result: string): void =>
    emit({ ...phase, type: 'phase-finished', durationMs: performance.now() - begun, ok: okay, result });
  const here = facts.folders.filter(({ job }) => checkout === undefined || job === undefined || job === checkout);
  const volumes = [...new Set(here.map(({ path }) => (project === '' ? path : `${project}/${path}`)))];
  const hidden = await uncommitted;
  const files =
    hidden === undefined ? contents.value.files : contents.value.files.filter(({ path }) => !hidden.has(path));
  const borrows = checkout !== undefined && !facts.copied && objects !== undefined;
  const sent = await catchLinkLost(() =>
    sendTree(link, {
      hostRoot,
      contents: { files, repositories: contents.value.repositories },
      project,
      volumes,
      ...(borrows ? { objects: borrowedObjects } : {}),
      ...(checkout === undefined ? {} : { clean: leftBy(facts) }),
    }),
  );
  finish(sent.ok, sent.ok ? sentSummary(sent.value) : sent.error.message);
  if (!sent.ok) {
    link.close();
    return sent;
  }
  const { unreadable } = sent.value;
  if (unreadable.length > 0)
    emit({
      type: 'note',
      severity: 'warning',
      message: `the copy of this project is without what may not be read here: ${named(unreadable)}`,
    });
  const { repositories } = contents.value;
  return ok({
    bringBack: () => reportBroughtBack(link, { hostRoot, repositories }, emit),
    changes: () => catchLinkLost(() => collectDraft(link, { hostRoot, repositories })),
    close() {
      link.close();
      void started.exit;
    },
  });
}

function titleOf(checkout: string | undefined): string {
  if (checkout === undefined) return 'copying what changed to the engine';
  return checkout === '' ? 'a clean checkout for the steps' : `a clean checkout for job ${checkout}`;
}

/** What a clean checkout has beside what git does not ignore: the files that the build of the repository's packages has left. */
function leftBy({ build }: Pick<EnvironmentFacts, 'build'>): NonNullable<CopySource['clean']> {
  return build === undefined ? {} : { left: { folder: installedRoot, key: build.key } };
}

async function reportBroughtBack(
  link: CopyLink,
  host: { readonly hostRoot: string; readonly repositories: readonly string[] },
  emit: EmitProgress,
): Promise<void> {
  const begun = performance.now();
  const back = await catchLinkLost(() => bringBack(link, host));
  if (!back.ok) {
    const { message, detail } = back.error;
    emit({
      type: 'note',
      severity: 'warning',
      message: `what steps have changed could not be brought back: ${detail === undefined ? message : `${message}: ${detail}`}`,
    });
    return;
  }
  const { files, deleted, conflicts, refused } = back.value;
  if (files.length + deleted.length > 0) {
    const phase = { phase: 'workspace', id: 'back' } as const;
    emit({ ...phase, type: 'phase-started', title: 'bringing back what steps have changed' });
    const durationMs = performance.now() - begun;
    emit({ ...phase, type: 'phase-finished', durationMs, ok: true, result: backSummary(back.value) });
  }
  if (conflicts.length > 0)
    emit({
      type: 'note',
      severity: 'warning',
      message: `changed by a step and, while it ran, here: ${named(conflicts)}; left as here`,
      hint: "run it again for the step's change on top of yours",
    });
  for (const { path, why } of refused)
    emit({ type: 'note', severity: 'warning', message: `a step has made ${path}, which stays in the engine: ${why}` });
}

async function catchLinkLost<T>(run: () => Promise<T>): Promise<Result<T>> {
  try {
    return ok(await run());
  } catch (error) {
    if (error instanceof LinkLost) return err(error.failure);
    throw error;
  }
}

function sentSummary({ files, bytes, deleted }: SendSummary): string {
  const parts = [
    ...(files > 0 ? [`${count(files, 'file')} sent (${size(bytes)})`] : []),
    ...(deleted > 0 ? [`${count(deleted, 'file')} removed`] : []),
  ];
  return parts.length === 0 ? 'nothing to send' : parts.join(', ');
}

function backSummary({ files, deleted }: BringBackSummary): string {
  const parts = [
    ...(files.length > 0 ? [`brought back ${named(files)}`] : []),
    ...(deleted.length > 0 ? [`deleted ${named(deleted)}`] : []),
  ];
  return parts.join(', ');
}

function named(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).join(', ');
  return paths.length > 5 ? `${shown} and ${paths.length - 5} more` : shown;
}

function count(number: number, thing: string): string {
  return number === 1 ? `1 ${thing}` : `${number} ${thing}s`;
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
