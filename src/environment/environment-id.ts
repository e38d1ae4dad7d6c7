import { hostname } from 'node:os';
import { join } from 'node:path';
import { canonicalJson, sha256, shortDigest } from '../core/digest.ts';
import { cacheFolder } from '../core/cache-folder.ts';
import type { Labels } from '../engine/engine.ts';

/** The labels of everything that parity makes in an engine. */
export const label = {
  /** The environment's ID. */
  environment: 'dev.parity.environment',
  /** The project's folder on its host. */
  project: 'dev.parity.project',
  /** Digest of all that a container was made from. */
  generation: 'dev.parity.generation',
  /** steps, service, cache, volume, installed, relay, workspace, workspace-state, probe. */
  kind: 'dev.parity.kind',
  /** A steps container's network access. */
  network: 'dev.parity.network',
  /** The job with whose steps alone a container is used. */
  job: 'dev.parity.job',
  /** `clean` on a container whose checkout is a copy of its own. */
  checkout: 'dev.parity.checkout',
  /** The toolchain in whose image a container runs; absent for the default one. */
  toolchain: 'dev.parity.toolchain',
  /** A service's name. */
  service: 'dev.parity.service',
  /** A volume's folder, relative to the project. */
  path: 'dev.parity.path',
  /** `host/pid` of the process that made it: tells a container that is being created from one that a killed process left behind. */
  creator: 'dev.parity.creator',
  /** Seconds since 1970. */
  created: 'dev.parity.created',
  /** Set on what a `--cold` run made for itself. */
  cold: 'dev.parity.cold',
  /** Set on what belongs to a draft of the workspace: its number. */
  draft: 'dev.parity.draft',
} as const;

/** The ID of a project's environment for this user on this host: 12 hex digits. */
export function environmentId(hostProject: string): string {
  return shortDigest(sha256(canonicalJson([hostname(), process.getuid?.() ?? 'user', hostProject])));
}

/** The label that selects everything of one environment. */
export function environmentLabel(id: string): string {
  return `${label.environment}=${id}`;
}

/** Labels that everything of an environment carries. */
export function commonLabels(id: string, hostProject: string): Labels {
  return {
    [label.environment]: id,
    [label.project]: hostProject,
    [label.creator]: `${hostname()}/${process.pid}`,
    [label.created]: String(Math.floor(Date.now() / 1000)),
  };
}

/** True while the process that a `creator` or `cold` label names may still be at work; one on another host is taken for alive. */
export function isCreatorAlive(creator: string | undefined): boolean {
  const [host, pid] = creator?.split('/') ?? [];
  if (host === undefined || pid === undefined) return false;
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The host folder through which a container's supervisor is reached directly; short, for a socket's path may have 107 bytes. */
export function runDir(containerName: string): string {
  return join(cacheFolder('run'), shortDigest(sha256(containerName)));
}
