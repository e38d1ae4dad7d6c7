import type { Config } from '../config/config.ts';
import { compareBytes } from '../core/digest.ts';
import { ok, type Result } from '../core/result.ts';
import { lockInputs } from './inputs.ts';
import type { Lock } from './lock.ts';

/** An input that is not what the lock was resolved from. */
export interface MovedInput {
  /** `toolchain.tools`, `core/requirements.txt` … */
  readonly input: string;
  /** `appeared`: the lock does not know it; `vanished`: nothing names it any more. */
  readonly change: 'changed' | 'appeared' | 'vanished';
}

/** Whether a lock still answers to its inputs; `moved` is empty when it does. */
export interface LockStatus {
  readonly current: boolean;
  readonly moved: readonly MovedInput[];
}

/** Compares a lock with the inputs as they are now. Reads a few small files: no network, no engine. Err as readRequirements has it. */
export async function checkLock(lock: Lock, projectDir: string, config: Config): Promise<Result<LockStatus>> {
  const inputs = await lockInputs(projectDir, config);
  if (!inputs.ok) return inputs;
  const moved = compareInputs(lock.inputs, inputs.value);
  return ok({ current: moved.length === 0, moved });
}

/** What moved between the inputs that were locked and those of now, in byte order. */
export function compareInputs(locked: Lock['inputs'], now: Lock['inputs']): MovedInput[] {
  const names = [...new Set([...Object.keys(locked), ...Object.keys(now)])].sort(compareBytes);
  return names.flatMap((input): MovedInput[] => {
    if (locked[input] === now[input]) return [];
    const change = locked[input] === undefined ? 'appeared' : now[input] === undefined ? 'vanished' : 'changed';
    return [{ input, change }];
  });
}

/** `core/requirements.txt changed, toolchain.node appeared`, in words for a person. */
export function describeMoved(moved: readonly MovedInput[]): string {
  return moved.map(({ input, change }) => `${input} ${change}`).join(', ');
}
