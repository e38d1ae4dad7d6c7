import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { runProgram } from '../../core/run-program.ts';
import { memberOf, parseJson } from '../../core/json.ts';
import { npmVariables } from '../../core/npm-variables.ts';

/** A version of a package as the npm registry has it. */
export interface NpmVersion {
  readonly version: string;
  readonly integrity: string;
  /** The range of Node that it says it runs on. */
  readonly nodeEngines?: string;
}

/** A dead network is told in seconds; npm's own patience is over a minute. */
const patience = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=4000'] as const;
// A package may have thousands of versions.
const mostBytes = 64 * 1024 * 1024;

/**
 * Asks the host's npm, with the user's own configuration and none of a repository's, which versions of a package match a range, oldest first; empty when none
 * does. Err `host-tool-missing` without npm, `network` when the registry can't be asked.
 */
export async function npmView(
  name: string,
  range: string,
  signal?: AbortSignal,
): Promise<Result<readonly NpmVersion[]>> {
  const answer = await runNpm(
    ['view', '--json', ...patience, `${name}@${range}`, 'version', 'dist.integrity', 'engines'],
    signal,
  );
  if (!answer.ok) return answer;
  const { stdout, stderr } = answer.value;
  const parsed = parseJson(stdout.trim() === '' ? '[]' : stdout);
  if (!parsed.ok) return err(unreadable(name, `${stdout.slice(0, 500)}\n${stderr}`));
  const { value } = parsed;
  const problem = memberOf(value, 'error');
  if (problem !== undefined) {
    if (memberOf(problem, 'code') === 'E404') return ok([]);
    return err(refusal(String(memberOf(problem, 'code') ?? ''), String(memberOf(problem, 'summary') ?? ''), stderr));
  }
  return ok(readVersions(value));
}

/** Reads the JSON of `npm view NAME@RANGE version dist.integrity engines`: an object for one version, a list for more. Pure. */
export function readVersions(value: unknown): NpmVersion[] {
  return (Array.isArray(value) ? value : [value]).flatMap((entry: unknown) => {
    const version = memberOf(entry, 'version');
    const integrity = memberOf(entry, 'dist.integrity');
    const engines = memberOf(entry, 'engines');
    const node = memberOf(engines, 'node');
    if (typeof version !== 'string' || typeof integrity !== 'string' || !integrity.startsWith('sha512-')) return [];
    return [{ version, integrity, ...(typeof node === 'string' ? { nodeEngines: node } : {}) }];
  });
}

async function runNpm(
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Result<{ readonly stdout: string; readonly stderr: string }>> {
  const ran = await runProgram({
    argv: ['npm', ...args],
    variables: npmVariables(),
    signal,
    maxOutputBytes: mostBytes,
  });
  if (ran.ok) return ran;
  if (signal?.aborted === true) return err(failure('interrupted', 'npm was stopped'));
  return err(noNpm(ran.error.message));
}

function noNpm(why: string): Failure {
  return failure('host-tool-missing', 'npm is not on this machine, and it is what finds the Node to lock', {
    detail: why,
    next: 'install Node.js with npm; a project without Node leaves toolchain.node out of parity.yaml',
  });
}

function refusal(code: string, summary: string, stderr: string): Failure {
  const detail = `${code} ${summary}`.trim() || stderr.trim();
  if (code === 'E401' || code === 'E403')
    return failure('network', 'the npm registry refused access', { detail, next: 'npm login, then: parity lock' });
  return failure('network', "the npm registry can't be asked for Node", {
    detail,
    next: "check `npm ping` and npm's registry and proxy settings, then: parity lock",
  });
}

function unreadable(name: string, detail: string): Failure {
  return failure('network', `npm gave no readable answer about ${name}`, { detail, next: 'npm view npm --json' });
}
