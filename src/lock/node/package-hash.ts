import { createHash, getHashes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { npmVariables } from '../../core/npm-variables.ts';
import { runProgram } from '../../core/run-program.ts';
import type { LockedNpmPackage } from '../lock.ts';

/** What package.json's packageManager says a package hashes to. */
export interface PackageHash {
  /** `sha512`, or another hash of Node's crypto. */
  readonly algorithm: string;
  readonly hex: string;
}

/** Reads `sha512.<hex>`; undefined for a hash that Node does not know. */
export function readPackageHash(text: string): PackageHash | undefined {
  const [, algorithm = '', hex = ''] = /^(\w+)\.([0-9a-fA-F]+)$/.exec(text) ?? [];
  return getHashes().includes(algorithm) ? { algorithm, hex: hex.toLowerCase() } : undefined;
}

/**
 * The hash of a package as corepack has it: of its archive, and of Yarn 2 and later of the one program in it. It asks the registry, through
 * the host's npm, only where the package's integrity does not say it already. Err as that npm fails.
 */
export async function packageHash(
  { name, version, integrity }: LockedNpmPackage,
  algorithm: string,
  signal?: AbortSignal,
): Promise<Result<string>> {
  const program = name === '@yarnpkg/cli-dist' ? 'package/bin/yarn.js' : undefined;
  if (program === undefined && algorithm === 'sha512') return ok(hexOf(integrity));
  const folder = await mkdtemp(join(tmpdir(), 'parity-'));
  try {
    const argv = [
      'npm',
      'pack',
      '--silent',
      '--ignore-scripts',
      '--pack-destination',
      folder,
      `${name}@${version}`,
    ] as const;
    const ran = await runProgram({ argv, variables: npmVariables(), signal });
    const [file] = await readdir(folder);
    if (!ran.ok || ran.value.exitCode !== 0 || file === undefined) {
      if (signal?.aborted === true) return err(failure('interrupted', 'npm was stopped'));
      const detail = ran.ok ? ran.value.stderr : ran.error.message;
      return err(failure('network', `npm can't fetch ${name} ${version}`, { detail, next: 'npm ping' }));
    }
    const archive = await readFile(join(folder, file));
    if (digest('sha512', archive) !== hexOf(integrity))
      return err(failure('integrity-mismatch', `${name} ${version} is not what the npm registry says it is`));
    const bytes = program === undefined ? archive : await entryOf(gunzipSync(archive), program);
    return ok(bytes === undefined ? '' : digest(algorithm, bytes));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function digest(algorithm: string, bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

function hexOf(integrity: string): string {
  return Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
}

/** One file of a tar; undefined when it is not in it. */
async function entryOf(tar: Buffer, path: string): Promise<Buffer | undefined> {
  const reading = extract();
  reading.end(tar);
  let found: Buffer | undefined;
  for await (const entry of reading) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (entry.header.name === path) found = Buffer.concat(chunks);
  }
  return found;
}
