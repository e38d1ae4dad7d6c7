import { relative } from 'node:path';
import type { Config } from '../../config/config.ts';
import { stepMachine } from '../../environment/machine.ts';
import type { FindAdvice } from '../../pipeline/run-step.ts';
import type { Workspace } from '../../workspace/workspace.ts';

/**
 * What to say of a step that failed in a clean copy of the work tree and names a file that git ignores, or a folder that it does not keep: they are here, and
 * the step did not see them. Says nothing of steps that see the work tree itself. `cwd` is where the user stands.
 */
export function cleanCopyAdvice(
  config: Pick<Config, 'services' | 'pipeline' | 'ci'>,
  { hostRoot, hostProject }: Pick<Workspace, 'hostRoot' | 'hostProject'>,
  cwd: string,
): FindAdvice {
  let advise: FindAdvice | undefined;
  return async (failing) => {
    if (stepMachine(config, failing.step).clean !== true) return [];
    const { adviceOnCleanCopies } = await import('../preflight/compare-trees.ts');
    advise ??= adviceOnCleanCopies({ topLevel: hostRoot, cwd }, relative(hostRoot, hostProject));
    return await advise(failing);
  };
}
