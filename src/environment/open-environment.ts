import { ok, type Result } from '../core/result.ts';
import type { ContainerInfo } from '../engine/engine.ts';
import { collectCachedFacts, collectFacts, type CollectedFacts } from './collect-facts.ts';
import { checkPorts, factsFor, planSteps, toolchainsAtHand, type StepsPlan } from './container-plan.ts';
import type { WarmContainers } from './container-sessions.ts';
import type { DraftEnvironment, Environment } from './environment.ts';
import type { DraftableRequest, EnvironmentRequest } from './environment-request.ts';
import { isInstalled } from './installed-projects.ts';
import { machineKey } from './machine.ts';
import { OpenedEnvironment } from './opened-environment.ts';
import { buildMachine, wantedMachines } from './wanted-machines.ts';
import { reachDirectly, sessionOptions } from './reach-supervisor.ts';
import type { Session } from './session.ts';

/**
 * Opens a project's environment: finds its warm containers, replaces what was made from something else, and makes what is
 * missing when it is first used. Two processes may do so at once. Err: what could not be had, with what to type.
 */
export function openEnvironment(request: EnvironmentRequest): Promise<Result<Environment>> {
  return open(request);
}

/**
 * The same with a draft in the workspace's place: a copy of which nothing is brought back, by its number (drafts that are in use at the same
 * time have different ones).
 */
export function openDraftEnvironment(request: EnvironmentRequest, draft: number): Promise<Result<DraftEnvironment>> {
  return open({ ...request, draft });
}

async function open(request: DraftableRequest): Promise<Result<OpenedEnvironment>> {
  const ports = checkPorts(request.config.services);
  if (!ports.ok) return ports;
  const collected = await collectFacts(request);
  return collected.ok ? await openFrom(request, collected.value) : collected;
}

/**
 * The environment when all containers that will surely be used are warm and answer. The engine is not asked anything: it describes itself
 * from the cache. Undefined when the engine has to be asked: then openEnvironment does.
 */
export async function openWarmEnvironment(request: EnvironmentRequest): Promise<Environment | undefined> {
  const { engine, config, cold, accesses = [] } = request;
  // Only the engine knows whether a service is well.
  if (config.services.length > 0 || cold === true || accesses.length === 0) return undefined;
  const info = await engine.describe();
  const cached = info.ok ? await collectCachedFacts(request, info.value) : undefined;
  // Building takes as long as asking the engine, and may fail, which is told once.
  if (!info.ok || cached === undefined) return undefined;
  const own = toolchainsAtHand(cached.facts).map((name) => factsFor(cached.facts, name));
  if (!own.every((facts) => isInstalled(facts, buildMachine(request, facts)))) return undefined;
  const plans = new Map<string, StepsPlan>();
  const sessions = new Map<string, Session>();
  const found: ContainerInfo[] = [];
  for (const machine of wantedMachines(request)) {
    const plan = planSteps(cached.facts, machine);
    const { name, image, labels } = plan.spec;
    const session = await reachDirectly(name, info.value, sessionOptions(request, cached.leaseSeconds));
    if (session === undefined) {
      for (const other of sessions.values()) other.close();
      return undefined;
    }
    plans.set(machineKey(machine), plan);
    sessions.set(machineKey(machine), session);
    // Engines take a name for an ID.
    found.push({ id: name, name, imageId: image, labels, state: 'running' });
  }
  const opened = await openFrom(request, { ...cached, found }, { plans, sessions });
  return opened.ok ? opened.value : undefined;
}

async function openFrom(
  request: EnvironmentRequest,
  collected: CollectedFacts,
  warm?: WarmContainers,
): Promise<Result<OpenedEnvironment>> {
  const environment = new OpenedEnvironment(request, collected, warm);
  const prepared = await environment.prepare();
  if (prepared.ok) return ok(environment);
  await environment.release();
  return prepared;
}
