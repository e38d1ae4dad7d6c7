import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';

/** How a workspace reaches the containers: `mount` (a bind), `copy` (a volume), or whichever the engine allows. */
export type WorkspaceMode = 'auto' | 'mount' | 'copy';

/** The requested mode, from the call or `PARITY_WORKSPACE`. Err `usage` for a word that is no mode. */
export function requestedMode(requested: WorkspaceMode | undefined, hostEnv: NodeJS.ProcessEnv): Result<WorkspaceMode> {
  const text = hostEnv['PARITY_WORKSPACE'];
  if ((requested !== undefined && requested !== 'auto') || !text) return ok(requested ?? 'auto');
  if (text === 'auto' || text === 'mount' || text === 'copy') return ok(text);
  return err(
    failure('usage', `PARITY_WORKSPACE is "${text}", which is no way for files to reach an engine`, {
      next: 'export PARITY_WORKSPACE=copy   (or mount, or auto)',
    }),
  );
}

/** Whether `PARITY_SHARED_FILES=1` declares, without a probe, that the engine has the very same folders at the same paths. */
export function declaresSharedFiles(hostEnv: NodeJS.ProcessEnv): boolean {
  return hostEnv['PARITY_SHARED_FILES'] === '1';
}
