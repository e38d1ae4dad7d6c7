import { text } from 'node:stream/consumers';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { commitOf, currentBranch } from '../../git/changes.ts';
import type { AppContext } from '../context.ts';

/** A commit to check. */
export interface Tip {
  /** All its digits. */
  readonly commit: string;
  /** What people call it: a branch, a tag, what they typed; absent for a HEAD that is on no branch. */
  readonly name?: string;
}

/** Who asks for a check of what is pushed. */
export type PushHook = 'pre-push' | 'pre-commit';

/**
 * The commits that are to be checked, each once: those of the push that git names to the hook, else the named one, else HEAD. Err `usage` for a
 * revision that names none.
 */
export async function tipsToCheck(
  context: AppContext,
  topLevel: string,
  asked: { readonly commit?: string; readonly hook?: PushHook; readonly stdin: NodeJS.ReadStream },
): Promise<Result<readonly Tip[]>> {
  if (asked.hook === 'pre-push') return ok(await tipsOfPush(context, topLevel, asked.stdin));
  const revision = asked.hook === 'pre-commit' ? revisionOf(context.env) : asked.commit;
  if (revision === undefined || revision === 'HEAD') {
    const [head, branch] = await Promise.all([commitOf(topLevel, 'HEAD'), currentBranch(topLevel)]);
    if (!head.ok)
      return err(
        failure('usage', 'there is no commit yet to check', {
          next: 'git commit, or to check the files as they are: parity up',
        }),
      );
    return ok([{ commit: head.value, ...(branch === undefined ? {} : { name: branch }) }]);
  }
  const commit = revision.startsWith('-') ? undefined : await commitOf(topLevel, revision);
  if (commit?.ok !== true)
    return err(failure('usage', `${JSON.stringify(revision)} names no commit here`, { next: 'git log --oneline' }));
  return ok([{ commit: commit.value, ...(commit.value.startsWith(revision) ? {} : { name: shortName(revision) }) }]);
}

/** What git writes to a pre-push hook: a line for each ref, `local-ref local-name remote-ref remote-name`; a deletion has only zeros. */
async function tipsOfPush(
  { events: { emit } }: AppContext,
  topLevel: string,
  stdin: NodeJS.ReadStream,
): Promise<readonly Tip[]> {
  const lines = stdin.isTTY ? '' : await text(stdin);
  const tips = new Map<string, Tip>();
  for (const line of lines.split('\n')) {
    const [ref, id] = line.split(' ');
    if (ref === undefined || id === undefined || /^0*$/.test(id)) continue;
    const commit = await commitOf(topLevel, id);
    if (commit.ok && !tips.has(commit.value)) tips.set(commit.value, { commit: commit.value, name: shortName(ref) });
    // A tag may name a file or a tree.
    if (!commit.ok) emit({ type: 'note', severity: 'note', message: `${shortName(ref)} names no commit: not checked` });
  }
  return [...tips.values()];
}

/** The revision that the pre-commit framework gives its pre-push hooks. */
function revisionOf(env: NodeJS.ProcessEnv): string | undefined {
  return env['PRE_COMMIT_TO_REF'] || env['PRE_COMMIT_LOCAL_BRANCH'] || undefined;
}

function shortName(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags|remotes)\//, '');
}
