import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failure } from '../core/failure.ts';
import { debianArchitecture, platforms, type Platform } from '../core/platform.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Engine } from '../engine/engine.ts';
import { packagesOfUris, pinPreferences } from './debian/uris.ts';
import { openScriptRunner } from './debian/open-script-runner.ts';
import type { SystemPackages } from './debian/resolve-debian.ts';
import type { LockedDebianPackage } from './locked-base.ts';

/** What to resolve on top of an image. */
export interface SystemRequest {
  readonly engine: Engine;
  /** The base image's ID or name. */
  readonly image: string;
  readonly platform: Platform;
  readonly names: readonly string[];
  /** Versions to keep where the sources still have them. */
  readonly keep?: SystemPackages | undefined;
  readonly onOutput: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves Debian packages on top of an image, inside it, for both architectures; git is added when the image has none.
 * Err `recipe-invalid` when something has to be added and the image has no apt.
 */
export async function resolveSystem(
  request: SystemRequest,
): Promise<Result<{ readonly system: SystemPackages; readonly added: readonly string[] }>> {
  const opened = await openScriptRunner({
    engine: request.engine,
    suite: '',
    image: request.image,
    platform: request.platform,
    onOutput: request.onOutput,
    signal: request.signal,
  });
  if (!opened.ok) return opened;
  const runner = opened.value;
  try {
    const { dir } = runner;
    const reads = ['all.names'];
    await writeFile(join(dir, 'all.names'), request.names.map((name) => `${name}\n`).join(''));
    for (const platform of request.keep === undefined ? [] : platforms) {
      const name = `preferences-${debianArchitecture(platform)}`;
      await writeFile(join(dir, name), pinPreferences(request.keep?.[platform] ?? []));
      reads.push(name);
    }
    const resolved = await runner.run({
      script: 'resolve-inside.sh',
      args: (work) => [work],
      reads,
      writes: ['all-amd64.uris', 'all-arm64.uris', 'added'],
      title: 'the system packages could not be resolved in the base image',
    });
    if (!resolved.ok) {
      if (resolved.error.detail?.includes('parity: no apt-get in this image') !== true) return resolved;
      return err(
        failure('recipe-invalid', 'the base image has no apt-get, with which parity adds git and the system packages', {
          next: 'choose a base made from Debian, or one that has git, with no toolchain.system',
        }),
      );
    }
    const added = (await readFile(join(dir, 'added'), 'utf8')).split('\n').filter((name) => name !== '');
    const system: Partial<Record<Platform, readonly LockedDebianPackage[]>> = {};
    for (const platform of platforms) {
      const uris = await readFile(join(dir, `all-${debianArchitecture(platform)}.uris`), 'utf8');
      system[platform] = packagesOfUris(uris, [...request.names, ...added]);
    }
    return ok({ system: system as SystemPackages, added });
  } finally {
    await runner.close();
  }
}
