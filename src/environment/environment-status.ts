import { realpath } from 'node:fs/promises';
import { ok, type Result } from '../core/result.ts';
import type { ContainerInfo, Engine, EngineInfo } from '../engine/engine.ts';
import { environmentId, environmentLabel, label } from './environment-id.ts';
import { reachSupervisor } from './reach-supervisor.ts';

/** What there is of a project's environment. */
export interface EnvironmentStatus {
  readonly id: string;
  readonly engine: EngineInfo;
  readonly containers: readonly ContainerStatus[];
  readonly services: readonly { readonly name: string; readonly container: string; readonly state: string }[];
  readonly volumes: readonly { readonly name: string; readonly kind: string; readonly path: string | null }[];
}

/** A steps' container. */
export interface ContainerStatus {
  readonly name: string;
  readonly network: string;
  /** The job that has it for itself; absent when no job has. */
  readonly job?: string;
  /** The toolchain in whose image it runs; absent for the default one. */
  readonly toolchain?: string;
  readonly state: string;
  readonly imageId: string;
  readonly ageSeconds: number;
  /** Until it ends if nobody uses it; null when it does not answer. */
  readonly leaseLeftSeconds: number | null;
  /** Sessions that are connected to it, and the commands that run. */
  readonly sessions: number;
  readonly commands: readonly string[];
}

/** Looks at a project's environment without touching its lease. */
export async function environmentStatus(engine: Engine, projectDir: string): Promise<Result<EnvironmentStatus>> {
  const id = environmentId(await realpath(projectDir).catch(() => projectDir));
  const labels = [environmentLabel(id)];
  const [info, found, volumes] = await Promise.all([
    engine.describe(),
    engine.listContainers(labels),
    engine.listVolumes(labels),
  ]);
  if (!info.ok) return info;
  if (!found.ok) return found;
  if (!volumes.ok) return volumes;
  const steps = found.value.filter(({ labels: own }) => own[label.kind] === 'steps');
  const services = found.value.filter(({ labels: own }) => own[label.kind] === 'service');
  return ok({
    id,
    engine: info.value,
    containers: await Promise.all(steps.map((container) => containerStatus(engine, container))),
    services: services.map(({ name, state, labels: own }) => ({
      name: own[label.service] ?? '',
      container: name,
      state,
    })),
    volumes: volumes.value.map(({ name, labels: own }) => {
      return { name, kind: own[label.kind] ?? '', path: own[label.path] ?? null };
    }),
  });
}

async function containerStatus(engine: Engine, container: ContainerInfo): Promise<ContainerStatus> {
  const session =
    container.state === 'running' ? await reachSupervisor(engine, container, { observeOnly: true }) : undefined;
  if (session?.ok) session.value.close();
  const [job, toolchain] = [container.labels[label.job], container.labels[label.toolchain]];
  const ready = session?.ok ? session.value.ready : undefined;
  return {
    name: container.name,
    network: container.labels[label.network] ?? '',
    ...(job === undefined ? {} : { job }),
    ...(toolchain === undefined ? {} : { toolchain }),
    state: container.state,
    imageId: container.imageId,
    ageSeconds: Math.max(0, Math.floor(Date.now() / 1000) - Number(container.labels[label.created] ?? 0)),
    leaseLeftSeconds: ready === undefined ? null : Math.round(ready.leaseLeft),
    sessions: ready?.sessions ?? 0,
    commands: ready?.commands ?? [],
  };
}
