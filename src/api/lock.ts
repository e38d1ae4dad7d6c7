import type { LockOutcome } from '../app/lock/lock-project.ts';
import { ok, type Result } from '../core/result.ts';
import { callContext, type CallOptions } from './call.ts';

/** What `lock` is asked. */
export interface LockOptions extends CallOptions {
  /** Only says whether the lock is up to date (`stale` when it is not): no engine, no network. */
  readonly check?: boolean;
  /** Moves pins to the newest versions allowed: all, or those of the named packages. */
  readonly upgrade?: 'all' | readonly string[];
}

/** Brings parity.lock.json of the project in `cwd` up to date, as `parity lock` does. Err: why it can't be, with what to do. */
export async function lock(options: LockOptions = {}): Promise<Result<LockOutcome>> {
  const { check = false, upgrade = false, ...rest } = options;
  const [{ openProject }, { startConnecting }, { lockProject }] = await Promise.all([
    import('../app/project/open-project.ts'),
    import('../app/project/pending-engine.ts'),
    import('../app/lock/lock-project.ts'),
  ]);
  const context = callContext(rest);
  const opened = await openProject(context);
  if (!opened.ok) return opened;
  const { project, config } = opened.value;
  const pending = startConnecting(context);
  try {
    const { events, signal } = context;
    const locking = { projectDir: project.dir, config, engine: pending.engine, emit: events.emit, signal };
    const locked = await lockProject({ ...locking, check, upgrade });
    return locked.ok ? ok(locked.value.outcome) : locked;
  } finally {
    await pending.close();
  }
}
