import type { StepConfig } from '../config/config.ts';
import type { EnvironmentRequest } from './environment-request.ts';
import { machineKey, machineOf, stepMachine, type Machine } from './machine.ts';

type MachineRequest = Pick<EnvironmentRequest, 'config' | 'fresh'>;

/** The machine of a command: of a run's, that of its step; of all others, one that sees the work tree unless they name a job. */
export function commandMachine(
  { config, fresh }: MachineRequest,
  command: Pick<StepConfig, 'network' | 'job' | 'toolchain'>,
): Machine {
  return fresh === true ? stepMachine(config, command) : machineOf(config, command);
}

/** The machine on which the repository's own packages are built; undefined when it has none. */
export function buildMachine(
  request: MachineRequest,
  { build, toolchain }: Pick<EnvironmentRequest, 'build' | 'toolchain'>,
): Machine | undefined {
  if (build === undefined) return undefined;
  return commandMachine(request, { network: build.network, ...(toolchain === undefined ? {} : { toolchain }) });
}

/** The machines to have ready when an environment is opened. */
export function wantedMachines(
  request: MachineRequest & Pick<EnvironmentRequest, 'accesses' | 'steps' | 'toolchain'>,
): readonly Machine[] {
  const { accesses = [], toolchain } = request;
  const named = toolchain === undefined ? {} : { toolchain };
  const { steps = accesses.map((network) => ({ network, ...named })) } = request;
  const machines = steps.map((step) => commandMachine(request, step));
  return [...new Map(machines.map((machine) => [machineKey(machine), machine])).values()];
}

/** Whether any command may run on a machine that sees the work tree itself. */
export function mayUseTree(request: MachineRequest & Pick<EnvironmentRequest, 'build'>): boolean {
  const { config, fresh, build } = request;
  const commands = [...config.pipeline, ...(build === undefined ? [] : [build])];
  return fresh !== true || commands.some((command) => commandMachine(request, command).clean === undefined);
}
