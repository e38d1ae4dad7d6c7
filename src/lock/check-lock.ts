import { join, resolve } from 'node:path';
import { readTextIfExists } from '../core/read-text-if-exists.ts';
import type { Config } from '../config/config.ts';
import { toolchainConfig, toolchainKey, toolchainNames, type ToolchainName } from '../config/toolchains.ts';
import { canonicalJson, compareBytes, sha256, type Digest } from '../core/digest.ts';
import { cacheFolder } from '../core/cache-folder.ts';
import { cacheJson, readCachedJson } from '../core/json-cache.ts';
import { shaped } from '../core/json.ts';
import { ok, type Result } from '../core/result.ts';
import { parityVersion } from '../core/version.ts';
import { inputDigests } from './inputs.ts';
import type { Lock } from './lock.ts';
import { readRequirements } from './requirements/read-requirements.ts';
import { toolchainLock } from './toolchain-lock.ts';

/** An input that changed since the lock was resolved. */
export interface ChangedInput {
  /** `toolchain.tools`, `core/requirements.txt` … */
  readonly input: string;
  /** `appeared`: the lock does not have it; `vanished`: the project does not name it any more. */
  readonly change: 'changed' | 'appeared' | 'vanished';
  /** The toolchain whose input it is; absent for the default one. */
  readonly toolchain?: string;
}

/** Whether a lock matches its inputs; `moved` lists the inputs that changed. */
export interface LockStatus {
  readonly current: boolean;
  readonly moved: readonly ChangedInput[];
}

/**
 * Compares a lock with the project's present inputs. It reads a few small files and needs no network and no engine. Err as
 * readRequirements.
 */
export async function checkLock(lock: Lock, projectDir: string, config: Config): Promise<Result<LockStatus>> {
  const moved: ChangedInput[] = [];
  const names = toolchainNames(config);
  for (const name of names) {
    const own = toolchainLock(lock, name);
    if (own === undefined) {
      moved.push({ input: toolchainKey(name), change: 'appeared', ...named(name) });
      continue;
    }
    const status = await checkToolchain(own, projectDir, toolchainConfig(config, name));
    if (!status.ok) return status;
    const { moved: inputs } = status.value;
    moved.push(...inputs.map((each) => ({ ...each, input: inputOf(each.input, name), ...named(name) })));
  }
  for (const name of Object.keys(lock.toolchains ?? {}).filter((each) => !names.includes(each)))
    moved.push({ input: toolchainKey(name), change: 'vanished', ...named(name) });
  return ok({ current: moved.length === 0, moved });
}

function named(toolchain: ToolchainName): Pick<ChangedInput, 'toolchain'> {
  return toolchain === undefined ? {} : { toolchain };
}

/** As a person finds it: `toolchains.lint.tools`; a file has its own name. */
function inputOf(input: string, name: ToolchainName): string {
  return input.startsWith('toolchain.') ? `${toolchainKey(name)}.${input.slice('toolchain.'.length)}` : input;
}

/** Compares a lock with the inputs of its one toolchain. */
async function checkToolchain(lock: Lock, projectDir: string, config: Config): Promise<Result<LockStatus>> {
  const checkedFiles = checkedFilesPath(lock, config);
  if (areUnchanged(checkedFiles, projectDir)) return ok({ current: true, moved: [] });
  const requirements = await readRequirements(projectDir, config);
  if (!requirements.ok) return requirements;
  const moved = compareInputs(lock.inputs, inputDigests(config, requirements.value));
  if (moved.length === 0) await cacheJson(checkedFiles, [...requirements.value.consulted]);
  return ok({ current: moved.length === 0, moved });
}

/** The inputs that differ between the lock and the project, in byte order. */
export function compareInputs(locked: Lock['inputs'], now: Lock['inputs']): ChangedInput[] {
  const names = [...new Set([...Object.keys(locked), ...Object.keys(now)])].sort(compareBytes);
  return names.flatMap((input): ChangedInput[] => {
    if (locked[input] === now[input]) return [];
    const change = locked[input] === undefined ? 'appeared' : now[input] === undefined ? 'vanished' : 'changed';
    return [{ input, change }];
  });
}

/** One of them: a file of a named toolchain with its toolchain. */
export function describeChangedInput({ input, change, toolchain }: ChangedInput): string {
  const isKey = toolchain === undefined || /^(?:toolchains|image)\./.test(input);
  return `${input}${isKey ? '' : ` (${toolchain})`} ${change}`;
}

/** Describes changed inputs for a person: `core/requirements.txt changed, toolchain.node appeared`. */
export function describeChangedInputs(moved: readonly ChangedInput[]): string {
  return moved.map(describeChangedInput).join(', ');
}

/*
 * Parsing a big requirements file takes tens of milliseconds, hashing it takes one. So checkLock caches, for a lock that is
 * current, which files were read and their digests. While these match, parsing them again would give the same result.
 */

function checkedFilesPath(lock: Lock, config: Config): string {
  const question = canonicalJson([parityVersion, lock.inputs, config.toolchain, config.image.base]);
  return join(cacheFolder('locks'), `${sha256(question).slice('sha256:'.length)}.inputs.json`);
}

function areUnchanged(file: string, projectDir: string): boolean {
  const consulted = readCachedJson(file, shaped(isConsulted));
  if (consulted === undefined) return false;
  for (const [path, digest] of consulted) {
    const text = readTextIfExists(resolve(projectDir, path));
    if ((text === undefined ? null : sha256(text)) !== digest) return false;
  }
  return true;
}

/** Files that were read, relative to the project, each with its digest; null for a missing file. */
function isConsulted(value: unknown): value is readonly (readonly [string, Digest | null])[] {
  return Array.isArray(value) && value.every(isConsultedFile);
}

function isConsultedFile(entry: unknown): boolean {
  if (!Array.isArray(entry)) return false;
  const [path, digest] = entry as readonly unknown[];
  return typeof path === 'string' && (digest === null || typeof digest === 'string');
}
