import { rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { cacheFolder } from '../../core/cache-folder.ts';
import { readCachedJson } from '../../core/json-cache.ts';
import { isObject, isStrings, memberOf, shaped } from '../../core/json.ts';
import { looksSecret } from '../../core/secret-patterns.ts';
import { parityVersion } from '../../core/version.ts';
import type { RunEvent } from '../../pipeline/events.ts';
import { fileStamp } from '../../workspace/work-tree-stamp.ts';

// The events of a run in which every step was cached are kept. While the work-tree stamp and everything else that the run depended on are the same,
// the next call replays them: before it reads the command line, the config, the lock or any file, and without most of parity's own code.

/** The words that parity was called with, and how the program read them. */
export interface CommandLine {
  readonly argv: readonly string[];
  /** The process's own folder. */
  readonly cwd: string;
  /** The options that every command takes, as the program read them; plain data. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** How parity was called. */
export interface Call {
  readonly argv: readonly string[];
  /** The process's own folder. */
  readonly cwd: string;
  /** All that may choose another engine, or another way to run. */
  readonly settings: readonly (readonly [name: string, value: string])[];
}

/** A run that may be replayed. */
export interface Replay {
  readonly version: 4;
  /** The parity that ran it. */
  readonly parity: string;
  readonly call: Call;
  /** The options that every command takes, as the program read them. */
  readonly options: CommandLine['options'];
  /** Milliseconds since 1970. */
  readonly at: number;
  /** From when on one of its passes stands no more; null for never. */
  readonly until: number | null;
  /** The repository's top level. */
  readonly root: string;
  readonly sighting: string;
  /** What its audit is kept under, and what of the line to write for it no event says. */
  readonly project: string;
  readonly asked: readonly string[];
  readonly commit: string | null;
  readonly dirty: boolean;
  /** Stat data of files that count whether git knows them or not; null for one that is not there. */
  readonly files: Readonly<Record<string, string | null>>;
  /** Digest of what the steps take from the caller's environment, by the variables' names. */
  readonly variables: readonly string[];
  readonly variablesDigest: string | null;
  /** All events of the run. */
  readonly events: readonly RunEvent[];
}

/** The call of a process. A secret chooses nothing, and is not written down. */
export function callOf(argv: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Call {
  const settings = Object.entries(env).flatMap(([name, value = '']) =>
    /^(?:PARITY|DOCKER)_/.test(name) ? [[name, looksSecret(name, value) ? 'secret' : value] as const] : [],
  );
  return { argv, cwd, settings: settings.sort() };
}

/** Where a call's run is kept. Two calls may share a place: then the later one has it. */
export function replayFile(call: Call): string {
  return join(folder(), `${crc32(JSON.stringify(call)).toString(16)}.json`);
}

/** Removes all kept runs: a pass that one of them depended on may have been withdrawn. */
export function removeReplays(): void {
  rmSync(folder(), { recursive: true, force: true });
}

function folder(): string {
  return cacheFolder('results/unchanged');
}

/** The run kept for a call; undefined when there is none. */
export function readReplay(call: Call): Replay | undefined {
  const kept = readCachedJson(replayFile(call), shaped(isReplay));
  return JSON.stringify(kept?.call) === JSON.stringify(call) ? kept : undefined;
}

// Whole, and of this version; each event is as this parity wrote it.
function isReplay(value: unknown): value is Replay {
  if (!isObject(value) || value['version'] !== 4) return false;
  const { parity, at, until, root, sighting, project, options, files, asked, variables, events } = value;
  if (![parity, root, sighting, project].every((text) => typeof text === 'string') || typeof at !== 'number')
    return false;
  if (until !== null && typeof until !== 'number') return false;
  if (!isObject(options) || !isObject(files) || !isStrings(asked) || !isStrings(variables)) return false;
  return Array.isArray(events) && events.every((event) => typeof memberOf(event, 'type') === 'string');
}

/** This parity as it is installed. */
export function parityInstallation(): string {
  const { ino, mtimeMs } = statSync(dirname(fileURLToPath(import.meta.url)));
  return `${parityVersion} ${ino} ${mtimeMs}`;
}

/** The stat data of files, null for one that is not there. */
export function stampsOf(files: readonly string[]): Replay['files'] {
  return Object.fromEntries(files.map((file) => [file, fileStamp(file) ?? null]));
}

/** Digest of what is taken from an environment; null for nothing. */
export async function digestOf(names: readonly string[], env: NodeJS.ProcessEnv): Promise<string | null> {
  if (names.length === 0) return null;
  const { canonicalJson, sha256 } = await import('../../core/digest.ts');
  return sha256(canonicalJson(names.map((name) => env[name] ?? null)));
}
