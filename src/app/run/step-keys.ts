import { posix } from 'node:path';
import type { Config, StepConfig } from '../../config/config.ts';
import { toolchainConfig, toolchainsOf, type ToolchainName } from '../../config/toolchains.ts';
import type { Digest } from '../../core/digest.ts';
import type { Platform } from '../../core/platform.ts';
import { stepMachine } from '../../environment/machine.ts';
import { builtInChecksDigest } from '../../environment/built-in-checks.ts';
import { lockedImage } from '../../image/identity.ts';
import { readRecipe } from '../../image/recipe.ts';
import { lockDigest } from '../../lock/digest.ts';
import type { Lock, LockedImage } from '../../lock/lock.ts';
import { readLock } from '../../lock/read.ts';
import { toolchainLock } from '../../lock/toolchain-lock.ts';
import { lockFileName } from '../../lock/write.ts';
import { stepKeys, type Fingerprint } from '../../pipeline/fingerprint.ts';
import type { StepVariables } from '../../pipeline/step-variables.ts';
import type { FileState } from '../../workspace/file-state.ts';
import { buildOf } from '../project/project-build.ts';
import { inputsDigest } from '../../workspace/step-inputs.ts';

/** What the steps of a run will see. */
export interface SeenFiles {
  readonly files: readonly FileState[];
  /** The project's folder relative to the workspace's root; `.` for the root. */
  readonly project: string;
}

/** What the keys of a run's steps are made from, but for the files. */
export interface StepKeyFacts {
  readonly projectDir: string;
  readonly config: Config;
  readonly steps: readonly StepConfig[];
  readonly variables: StepVariables;
  readonly workspace: Fingerprint['workspace'];
}

/** The keys of a run's steps, for whatever they see. */
export interface StepKeys {
  /** The image of a step's toolchain on the platform. */
  readonly imageOf: (step: StepConfig) => LockedImage;
  /** Each step's key for these files and the lock as it is now, by name; empty when there is no lock any more. */
  of(seen: SeenFiles): Promise<ReadonlyMap<string, string>>;
}

/** How the keys of steps are made. Undefined when they can't be: no lock that names the platform's image (before its first build). */
export async function openStepKeys(platform: Platform, facts: StepKeyFacts): Promise<StepKeys | undefined> {
  const { projectDir, config, steps, variables, workspace } = facts;
  const [recipe, lock] = await Promise.all([readRecipe(projectDir, config), readLock(projectDir)]);
  if (!recipe.ok || !lock.ok || lock.value === undefined) return undefined;
  const images = new Map<ToolchainName, LockedImage>();
  for (const name of toolchainsOf(steps)) {
    const view = toolchainLock(lock.value, name);
    const image = view === undefined ? undefined : lockedImage(view, platform, recipe.value);
    if (image === undefined) return undefined;
    images.set(name, image);
  }
  const imageOf = ({ toolchain }: StepConfig): LockedImage => {
    const image = images.get(toolchain);
    if (image === undefined) throw new Error(`parity: no image of toolchain ${toolchain ?? 'default'}`);
    return image;
  };
  const checks = steps.some(({ uses }) => uses !== undefined) ? builtInChecksDigest() : undefined;
  let last: { readonly seen: SeenFiles; readonly keys: ReadonlyMap<string, string> } | undefined;
  return {
    imageOf,
    async of(seen) {
      // The very same list: nothing has changed, the lock among the files neither.
      if (last?.seen.files === seen.files && last.seen.project === seen.project) return last.keys;
      const pins = await readLock(projectDir);
      if (!pins.ok || pins.value === undefined) return new Map();
      const { project } = seen;
      const builds = new Map<ToolchainName, Digest | undefined>();
      for (const name of images.keys()) {
        const view = toolchainLock(pins.value, name);
        if (view === undefined) return new Map();
        const own = { project: { dir: projectDir }, config: toolchainConfig(config, name) };
        builds.set(name, (await buildOf(own, view, seen))?.key);
      }
      const files = withPins(seen, pins.value);
      const keys = stepKeys(steps, {
        toolchainOf: (step) => ({ image: imageOf(step).config, build: builds.get(step.toolchain) }),
        platform,
        project,
        workspace,
        machineOf: (step) => stepMachine(config, step),
        services: config.services,
        variables: variables.byStep,
        checks,
        inputsOf: (step) => inputsDigest(files, { ...step, project }),
      });
      last = { seen, keys };
      return keys;
    },
  };
}

/** The lock counts by what it pins: the first build of an image writes the image's digests into it, and a fingerprint has those anyway. */
function withPins({ files, project }: SeenFiles, lock: Lock): readonly FileState[] {
  const path = posix.join(project, lockFileName);
  const at = files.findIndex((file) => file.path === path);
  const file = files[at];
  return file === undefined ? files : files.with(at, { ...file, digest: lockDigest(lock) });
}
