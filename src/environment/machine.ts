import type { Config, NetworkAccess, StepConfig } from '../config/config.ts';

/**
 * The machine that a command runs on: what it may reach, and the job with whose steps it shares it; without one, it shares it with all that have
 * none.
 */
export interface Machine {
  readonly access: NetworkAccess;
  readonly job?: string;
  /** The toolchain whose image it has; absent for the default one. */
  readonly toolchain?: string;
  /** It has a checkout of its own: a copy of what git does not ignore, in which nothing of earlier runs is left. A job always has. */
  readonly clean?: true;
}

/** What of a config decides the machines. */
export type MachineFacts = Pick<Config, 'services' | 'pipeline' | 'ci'>;

/** The access that a step really gets: where no service is declared, `services` is `none`. */
export function effectiveAccess(config: Pick<Config, 'services'>, access: NetworkAccess): NetworkAccess {
  return access === 'services' && config.services.length === 0 ? 'none' : access;
}

/** The machine of a command that is no step of a run: of a shell, of a build that anybody may need. It sees the work tree as it is. */
export function machineOf(
  config: MachineFacts,
  { network, job, toolchain }: Pick<StepConfig, 'network' | 'job' | 'toolchain'>,
): Machine {
  const named = toolchain === undefined ? {} : { toolchain };
  if (job === undefined) return { access: effectiveAccess(config, network), ...named };
  // As in CI, where one machine has one network: what one step needs of it, the others have, and a server answers them all.
  const asked = config.pipeline.filter((step) => step.job === job).map((step) => step.network);
  const accesses = new Set([network, ...asked].map((access) => effectiveAccess(config, access)));
  return { access: widest.find((access) => accesses.has(access)) ?? 'none', job, ...named, clean: true };
}

const widest = ['full', 'services', 'none'] as const;

/** The machine of a step of a run. */
export function stepMachine(config: MachineFacts, step: Pick<StepConfig, 'network' | 'job' | 'toolchain'>): Machine {
  const machine = machineOf(config, step);
  return config.ci?.checkout === 'clean' ? { ...machine, clean: true } : machine;
}

/** Whether the services run beside a machine's container: one that shares them with no job has them in a container of their access. */
export function hasServices(config: Pick<Config, 'services'>, { access, job }: Machine): boolean {
  if (config.services.length === 0) return false;
  return job === undefined ? access === 'services' : access !== 'none';
}

/** A text that tells machines of one environment apart. */
export function machineKey({ access, job, toolchain, clean }: Machine): string {
  const key = toolchain === undefined ? access : `${access} (${toolchain})`;
  if (job !== undefined) return `${key} ${job}`;
  return clean === true ? `${key} (clean)` : key;
}

/** A text that tells the checkouts of machines apart; undefined for a machine that sees the work tree. */
export function checkoutKey({ job, toolchain, clean }: Machine): string | undefined {
  if (clean !== true) return undefined;
  // Steps of a job have one toolchain.
  return job ?? (toolchain === undefined ? '' : `\n${toolchain}`);
}
