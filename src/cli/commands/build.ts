import type { Config } from '../../config/config.ts';
import type { ToolchainName } from '../../config/toolchains.ts';
import type { Platform } from '../../core/platform.ts';
import type { EmitProgress } from '../../core/progress.ts';
import { ok, type Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';
import type { EnsuredImage } from '../../image/ensure-options.ts';
import type { Lock } from '../../lock/lock.ts';
import { ensureLockedImage } from '../../app/project/locked-image.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { toolchainWords, withLockedProject, type LockedProjectOptions } from '../with-locked-project.ts';

/** `parity build`. */
export async function build(
  context: CommandContext,
  flags: Pick<LockedProjectOptions, 'toolchains' | 'frozen'> & { readonly noCache: boolean; readonly check: boolean },
): Promise<Result<number>> {
  const { print, json } = context.terminal;
  const { toolchains } = flags;
  const opening = { frozen: flags.frozen || flags.check, partsAhead: !flags.noCache, toolchains };
  return await withLockedProject(context, opening, async (project) => {
    const building = { ...project, print, json };
    if (flags.check) {
      const same = await buildCheckCommand(building);
      return same.ok ? ok(same.value ? exitCodes.yes : exitCodes.no) : same;
    }
    const { noCache, frozen } = flags;
    const built = await buildCommand({ ...building, noCache, frozen });
    return built.ok ? ok(exitCodes.yes) : built;
  });
}

/** What `parity build` needs. */
export interface BuildCommandOptions {
  readonly engine: Engine;
  /** Absolute path of the project's folder. */
  readonly projectDir: string;
  /** The toolchain whose config and lock these are; absent for the default one. */
  readonly toolchain?: ToolchainName;
  readonly config: Config;
  readonly lock: Lock;
  readonly platform: Platform;
  /** Build again, with nothing of the engine's build cache. */
  readonly noCache: boolean;
  /** Leave the lock as it is. */
  readonly frozen: boolean;
  readonly emit: EmitProgress;
  readonly signal?: AbortSignal;
  /** Prints the result: text, or one JSON object. */
  readonly print: (text: string) => void;
  readonly json: boolean;
}

/** `parity build`: prints the image's name and ID; an image that is there already is not built again, and that is said. */
export async function buildCommand(options: BuildCommandOptions): Promise<Result<EnsuredImage>> {
  const { engine, projectDir, toolchain, config, lock, platform, noCache, frozen, emit, signal } = options;
  const building = { engine, projectDir, toolchain, config, lock, platform, noCache, onProgress: emit, signal };
  const image = await ensureLockedImage({ ...building, frozen });
  if (!image.ok) return image;
  const { reference, imageId, origin } = image.value;
  if (origin === 'present')
    emit({
      type: 'note',
      severity: 'note',
      message: `the lock has not changed: its image ${toolchain === undefined ? '' : `of ${toolchain} `}is already there`,
    });
  const words = toolchainWords(toolchain);
  options.print(
    options.json
      ? JSON.stringify({ type: 'build', ...words.json, reference, imageId, origin })
      : `${words.line}${reference}\n${imageId}`,
  );
  return ok(image.value);
}

/** `parity build --check`: builds from nothing and prints whether that is the lock's image; the exit code says it too. */
export async function buildCheckCommand(
  options: Omit<BuildCommandOptions, 'noCache' | 'frozen'>,
): Promise<Result<boolean>> {
  const { engine, projectDir, toolchain, config, lock, platform, emit, signal, print, json } = options;
  const { checkImage } = await import('../../image/check-image.ts');
  const checked = await checkImage({ engine, projectDir, config, lock, platform, onProgress: emit, signal });
  if (!checked.ok) return checked;
  const { same, expected, found, difference, unpinned } = checked.value;
  const words = toolchainWords(toolchain);
  if (json) print(JSON.stringify({ type: 'build-check', ...words.json, ...checked.value }));
  else if (same) print(`${words.line}the same image as the lock's: ${expected.config}`);
  else
    print(
      [
        `${words.line}not the lock's image:`,
        `  expected ${expected.config}`,
        `  found    ${found.config}`,
        difference === undefined
          ? '  the engine has no image of the lock to compare the files with'
          : `  the first difference: ${difference}`,
        ...(unpinned.length === 0 ? [] : [`  the lock does not hold all of: ${unpinned.join(', ')}`]),
      ].join('\n'),
    );
  return ok(same);
}
