import type { NetworkAccess } from '../config/config.ts';
import type { ContainerInfo, Engine, Labels } from '../engine/engine.ts';
import type { Machine } from './machine.ts';
import { isBeingCreated } from './ensure-container.ts';
import { isCreatorAlive, label } from './environment-id.ts';

/** The containers of an environment, and which of them are up to date. */
export interface ContainersInUse {
  readonly found: readonly ContainerInfo[];
  /** The name that the up-to-date container of a machine has; undefined where its toolchain's image is not known now. */
  readonly nameOf: (machine: Machine) => string | undefined;
  /** The draft's number, when this environment has one; containers of other drafts are not compared. */
  readonly draft: number | undefined;
}

/** The machine whose container it was, by its labels. */
export function labelledMachine(access: NetworkAccess, labels: Labels): Machine {
  const [job, toolchain] = [labels[label.job], labels[label.toolchain]];
  return {
    access,
    ...(job === undefined ? {} : { job }),
    ...(toolchain === undefined ? {} : { toolchain }),
    ...(labels[label.checkout] === 'clean' ? { clean: true as const } : {}),
  };
}

/**
 * Stops the containers of an environment that were made from something else: one that is in use ends with its last session, an idle one now.
 * Removes what a killed process has created and not started.
 */
export async function stopOutdatedContainers(engine: Engine, { found, nameOf, draft }: ContainersInUse): Promise<void> {
  const outdated = found.filter((container) => {
    const access = container.labels[label.network] as NetworkAccess | undefined;
    if (container.labels[label.kind] !== 'steps' || access === undefined) return false;
    if (container.labels[label.cold] !== undefined) return !isCreatorAlive(container.labels[label.cold]);
    if (container.labels[label.draft] !== draft?.toString()) return false;
    const name = nameOf(labelledMachine(access, container.labels));
    return name !== undefined && container.name !== name;
  });
  await Promise.all(
    outdated.map((container) => {
      if (container.state === 'running') return engine.signalContainer(container.id, 'SIGUSR1');
      return isBeingCreated(container) ? undefined : engine.removeContainer(container.id);
    }),
  );
}
