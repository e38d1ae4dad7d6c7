import { claimCacheFolder } from '../core/cache-owner.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { DoctorJson } from '../report/doctor/json.ts';
import { callContext, type CallOptions } from './call.ts';

/** What `doctor` is asked. */
export interface DoctorOptions extends CallOptions {
  /** Ids or names of the rules to ask; all by default. */
  readonly rules?: readonly string[];
  /** Looks at files only: no engine, no image, no host. */
  readonly offline?: boolean;
}

/**
 * Audits the whole repository that `cwd` lies in, as `parity doctor` does, and rewrites nothing. Err for a config, a lock or a rule that
 * can't be used, or a cache folder in which other users can write; drift is no Err: `summary.errors` counts it.
 */
export async function doctor(options: DoctorOptions = {}): Promise<Result<DoctorJson>> {
  const { rules = [], offline = false, ...rest } = options;
  const refused = claimCacheFolder();
  if (refused !== undefined) return err(refused);
  const [{ auditRepository }, { observeProjects }, { startConnecting }, { doctorJson }] = await Promise.all([
    import('../app/doctor/audit-repository.ts'),
    import('../app/doctor/observe-projects.ts'),
    import('../app/project/pending-engine.ts'),
    import('../report/doctor/json.ts'),
  ]);
  const context = callContext(rest);
  const pending = offline ? undefined : startConnecting(context);
  try {
    const audited = await auditRepository({
      cwd: context.cwd,
      rules,
      observe: (topDir, projects) => observeProjects(context, { topDir, projects, pending }),
    });
    return audited.ok ? ok(doctorJson(audited.value.report)) : audited;
  } finally {
    await pending?.close();
  }
}
