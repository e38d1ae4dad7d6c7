import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, posix } from 'node:path';
import type { Config, StepConfig } from '../config/config.ts';
import { canonicalJson, sha256, shortDigest } from '../core/digest.ts';
import { cacheDir } from '../core/paths.ts';
import { writeCacheFile } from '../core/write-file.ts';
import type { Engine, EngineInfo } from '../engine/engine.ts';
import type { Environment } from '../environment/environment.ts';
import { areFilled, markVolume, unmarkVolume } from '../environment/filled-volumes.ts';
import { imageIdOn, lockedImage } from '../image/identity.ts';
import { readRecipe } from '../image/recipe.ts';
import { readLock } from '../lock/read.ts';
import type { Pass } from '../pipeline/cache/pass.ts';
import { openResults } from '../pipeline/cache/results.ts';
import { isCacheable, stepKeys, type Fingerprint } from '../pipeline/fingerprint.ts';
import type { RunEvent } from '../pipeline/events.ts';
import type { CachedPasses } from '../pipeline/run.ts';
import type { Surroundings } from '../pipeline/surroundings.ts';
import { inputsDigest } from '../workspace/inputs.ts';
import type { FileState } from '../workspace/file-state.ts';
import type { CommandContext } from './context.ts';

/** What the steps of a run will see. */
export interface SeenFiles {
  readonly files: readonly FileState[];
  /** The project's folder relative to the workspace's root; `.` for the root. */
  readonly project: string;
}

/** What a run's steps are looked up by. */
export interface StepCacheOptions {
  readonly projectDir: string;
  readonly config: Config;
  readonly steps: readonly StepConfig[];
  readonly surroundings: Surroundings;
  readonly seen: SeenFiles;
  readonly workspace: Fingerprint['workspace'];
  /** Looks again, after the run: what was edited meanwhile proves nothing. */
  readonly seeAgain: () => Promise<SeenFiles | undefined>;
}

/** The engine as it was when this project last used it: enough to tell what has passed without asking it. */
export interface RememberedEngine extends Pick<EngineInfo, 'platform' | 'imageStore' | 'cpus'> {}

/** The passes that stand for steps of one run, and the keeping of new ones. */
export interface StepCache extends CachedPasses {
  /**
   * Withdraws passes whose volumes are gone or hold something else, where a step that will run needs them; and sees to it that volumes which
   * are written to have no mark until their step has passed.
   */
  checkVolumes(environment: Environment, engine: Engine): Promise<void>;
  /** Keeps what has passed in this run, unless its inputs changed while it ran. */
  keep(): Promise<void>;
}

// Of a large output the end is kept.
const logBytes = 256 * 1024;

/** Looks up a run's steps. Undefined when nothing can be told: no lock that names the platform's image (before its first build). */
export async function openStepCache(
  context: CommandContext,
  remembered: RememberedEngine,
  options: StepCacheOptions,
): Promise<StepCache | undefined> {
  const { projectDir, config, steps, surroundings } = options;
  const { platform } = remembered;
  const [recipe, lock] = await Promise.all([readRecipe(projectDir, config), readLock(projectDir)]);
  if (!recipe.ok || !lock.ok || lock.value === undefined || platform === undefined) return undefined;
  const image = lockedImage(lock.value, platform, recipe.value);
  if (image === undefined) return undefined;
  const keysOf = ({ files, project }: SeenFiles): ReadonlyMap<string, string> =>
    stepKeys(steps, {
      image: image.config,
      platform,
      project,
      workspace: options.workspace,
      services: config.services,
      variables: surroundings.byStep,
      inputsOf: (step) => inputsDigest(files, { ...step, project }),
    });
  const keys = keysOf(options.seen);
  const keyOf = (name: string): string => keys.get(name) ?? '';
  const cacheable = steps.filter(isCacheable);
  const results = openResults();
  const found = await Promise.all(cacheable.map(({ name }) => results.get(keyOf(name))));
  const passes = new Map(found.flatMap((pass) => (pass === undefined ? [] : [[pass.step, pass] as const])));

  const heard = new Map<string, Buffer[]>();
  const passed: Pass[] = [];
  let opened: { readonly environment: Environment; readonly engine: Engine } | undefined;
  context.listen(hear);

  return {
    imageId: imageIdOn(remembered, image),
    passes,
    logs: context.verbose,
    async checkVolumes(environment, engine) {
      opened = { environment, engine };
      for (;;) {
        const needed = neededByRunning(steps, passes).filter(
          (step) => passes.has(step.name) && step.volumes.length > 0,
        );
        const states = await Promise.all(
          needed.map(async (step) => ({
            step,
            isFilled: await areFilled(engine, volumesOf(step, environment), keyOf(step.name)),
          })),
        );
        const lost = states.filter(({ isFilled }) => !isFilled);
        if (lost.length === 0) return;
        for (const { step } of lost) passes.delete(step.name);
      }
    },
    async keep() {
      if (passed.length === 0) return;
      const seen = await options.seeAgain();
      const now = seen === undefined ? new Map<string, string>() : keysOf(seen);
      for (const pass of passed) {
        if (now.get(pass.step) !== pass.key) continue;
        await results.put(pass);
        const step = steps.find(({ name }) => name === pass.step);
        if (step === undefined || opened === undefined) continue;
        for (const name of volumesOf(step, opened.environment)) await markVolume(opened.engine, name, pass.key);
      }
    },
  };

  function hear(event: RunEvent): void {
    if (event.type === 'step-started') {
      heard.set(event.step, []);
      const step = steps.find(({ name }) => name === event.step);
      if (step !== undefined && opened !== undefined) volumesOf(step, opened.environment).forEach(unmarkVolume);
    } else if (event.type === 'step-output') {
      const pieces = heard.get(event.step);
      pieces?.push(event.data);
      while ((pieces?.length ?? 0) > 1 && bytesOf(pieces?.slice(1) ?? []) >= logBytes) pieces?.shift();
    } else if (event.type === 'step-finished' && event.outcome === 'passed') {
      if (!cacheable.some(({ name }) => name === event.step)) return;
      const { step, durationMs, diagnostics } = event;
      const log = Buffer.concat(heard.get(step) ?? [])
        .subarray(-logBytes)
        .toString('utf8');
      passed.push({ version: 1, key: keyOf(step), step, durationMs, diagnostics, log });
    }
  }
}

function bytesOf(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

function volumesOf(step: StepConfig, { volumes }: Environment): readonly string[] {
  return step.volumes.flatMap((folder) => volumes.get(posix.join(step.cwd, folder).replace(/\/+$/, '')) ?? []);
}

/** The steps that those which will run need, directly or not. */
function neededByRunning(steps: readonly StepConfig[], passes: ReadonlyMap<string, Pass>): readonly StepConfig[] {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const needed = new Set<string>();
  const queue = steps.filter(({ name }) => !passes.has(name)).flatMap(({ needs }) => needs);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    queue.push(...(byName.get(name)?.needs ?? []));
  }
  return steps.filter(({ name }) => needed.has(name));
}

/** What was remembered of the engine that this host's settings choose; undefined before its first use. */
export async function rememberedEngine(
  context: Pick<CommandContext, 'host' | 'env'>,
): Promise<RememberedEngine | undefined> {
  const text = await readFile(await engineMemory(context), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as RememberedEngine;
  } catch {
    return undefined;
  }
}

/** Remembers what of an engine is needed to do without it. */
export async function rememberEngine(
  context: Pick<CommandContext, 'host' | 'env'>,
  { platform, imageStore, cpus }: EngineInfo,
): Promise<void> {
  const path = await engineMemory(context);
  const text = JSON.stringify({ platform, imageStore, cpus });
  if ((await readFile(path, 'utf8').catch(() => undefined)) !== text)
    await writeCacheFile(path, text).catch(() => undefined);
}

/** By all that decides which engine is used, but whether it answers. */
async function engineMemory({ host, env }: Pick<CommandContext, 'host' | 'env'>): Promise<string> {
  const folder = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker');
  const config = await readFile(join(folder, 'config.json'), 'utf8').catch(() => '');
  const context = /"currentContext"\s*:\s*"([^"]*)"/.exec(config)?.[1];
  const chosen = [host ?? null, env['DOCKER_HOST'] ?? null, env['DOCKER_CONTEXT'] ?? null, context ?? null];
  return join(cacheDir(), 'engines', `${shortDigest(sha256(canonicalJson(chosen)))}.json`);
}
