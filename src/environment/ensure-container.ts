import { setTimeout as sleep } from 'node:timers/promises';
import { interruption } from '../core/interruption.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { ContainerInfo, ContainerSpec, Engine } from '../engine/engine.ts';
import { isCreatorAlive, label } from './environment-id.ts';

/** A container that is there and running. */
export interface EnsuredContainer {
  readonly id: string;
  readonly name: string;
  /** False when someone else had made it, or was making it. */
  readonly created: boolean;
}

/** A container with a name of its own. */
export type NamedSpec = ContainerSpec & { readonly name: string };

/** What is done around the start of a container that this process made. */
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
 * the same. One that a killed process left half-made is replaced. A failed birth leaves nothing behind.
 */
export async function ensureContainer(
  engine: Engine,
  spec: NamedSpec,
  birth: StartHooks,
): Promise<Result<EnsuredContainer>> {
  const deadline = performance.now() + createTimeoutMs;
  for (;;) {
    if (birth.signal.aborted) return err(interruption(birth.signal));
    const created = await engine.createContainer(spec);
    if (created.ok) return createAndStart(engine, spec.name, created.value, birth);
    if (created.error.reason !== 'name-taken') return created;
    const other = await engine.inspectContainer(spec.name);
    if (!other.ok) return other;
    if (other.value?.state === 'running') return ok({ id: other.value.id, name: spec.name, created: false });
    if (performance.now() > deadline) return created;
    // Nothing of that name: it went in between, or the engine has reserved the name and does not show the container yet.
    if (other.value !== undefined && !isBeingCreated(other.value) && other.value.state !== 'removing') {
      const removed = await engine.removeContainer(other.value.id);
      if (!removed.ok) return removed;
    }
    await sleep(25);
  }
}

/** True for a container that another living process has created and not started yet. */
export function isBeingCreated(container: ContainerInfo): boolean {
  return container.state === 'created' && isCreatorAlive(container.labels[label.creator]);
}

async function createAndStart(
  engine: Engine,
  name: string,
  id: string,
  birth: StartHooks,
): Promise<Result<EnsuredContainer>> {
  const steps = [birth.prepare, (at: string) => engine.startContainer(at), birth.started];
  for (const step of steps) {
    if (step === undefined) continue;
    const done = await step(id);
    if (done.ok && !birth.signal.aborted) continue;
    await engine.removeContainer(id);
    return done.ok ? err(interruption(birth.signal)) : done;
  }
  return ok({ id, name, created: true });
}
