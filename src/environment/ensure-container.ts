import { setTimeout as sleep } from 'node:timers/promises';
import { interruption } from '../core/interruption.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { ContainerInfo, ContainerSpec, Engine } from '../engine/engine.ts';
import { isCreatorAlive, label } from './environment-id.ts';

/** A container that is there and running. */
export interface EnsuredContainer {
  readonly id: string;
  readonly name: string;
  /** False when another process had created it, or was creating it. */
  readonly created: boolean;
}

/** A container with a name of its own. */
export type NamedSpec = ContainerSpec & { readonly name: string };

/** What the caller does around the start of a container that this process has created. */
export interface StartHooks {
  /** Between create and start. */
  readonly prepare?: (id: string) => Promise<Result<void>>;
  /** After the start. */
  readonly started?: (id: string) => Promise<Result<void>>;
  readonly signal: AbortSignal;
}

const createTimeoutMs = 60_000;

/**
 * Makes and starts a container of this name, or gives the one that is there: when two processes try at once, both end with
 * the same. One that a killed process has created and not started is replaced. A container whose start fails is removed.
 */
export async function ensureContainer(
  engine: Engine,
  spec: NamedSpec,
  hooks: StartHooks,
): Promise<Result<EnsuredContainer>> {
  const deadline = performance.now() + createTimeoutMs;
  for (;;) {
    if (hooks.signal.aborted) return err(interruption(hooks.signal));
    const created = await engine.createContainer(spec);
    if (created.ok) return createAndStart(engine, spec.name, created.value, hooks);
    if (created.error.reason !== 'name-taken') return created;
    const existing = await engine.inspectContainer(spec.name);
    if (!existing.ok) return existing;
    if (existing.value?.state === 'running') return ok({ id: existing.value.id, name: spec.name, created: false });
    if (performance.now() > deadline) return created;
    // Nothing of that name: it went in between, or the engine has reserved the name and does not show the container yet.
    if (existing.value !== undefined && !isBeingCreated(existing.value) && existing.value.state !== 'removing') {
      const removed = await engine.removeContainer(existing.value.id);
      if (!removed.ok) return removed;
    }
    await sleep(25);
  }
}

/** The same; where the engine or its kernel refuses the container's kernel settings, without them. */
export async function ensureWithSysctls(
  engine: Engine,
  spec: NamedSpec,
  hooks: StartHooks,
): Promise<Result<EnsuredContainer>> {
  const made = await ensureContainer(engine, spec, hooks);
  if (made.ok || made.error.reason !== 'sysctl-refused') return made;
  const { sysctls: _refused, ...others } = spec;
  return await ensureContainer(engine, others, hooks);
}

/** True for a container that another living process has created and not started yet. */
export function isBeingCreated(container: ContainerInfo): boolean {
  return container.state === 'created' && isCreatorAlive(container.labels[label.creator]);
}

async function createAndStart(
  engine: Engine,
  name: string,
  id: string,
  hooks: StartHooks,
): Promise<Result<EnsuredContainer>> {
  const steps = [hooks.prepare, (at: string) => engine.startContainer(at), hooks.started];
  for (const step of steps) {
    if (step === undefined) continue;
    const done = await step(id);
    if (done.ok && !hooks.signal.aborted) continue;
    await engine.removeContainer(id);
    return done.ok ? err(interruption(hooks.signal)) : done;
  }
  return ok({ id, name, created: true });
}
