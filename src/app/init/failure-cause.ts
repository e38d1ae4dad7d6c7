import type { StepFinished } from '../../pipeline/events.ts';

/** Whose a failure looks like, and the sign by which. */
export interface FailureCause {
  readonly of: 'environment' | 'code';
  /** In a few words, for people. */
  readonly sign: string;
}

/** What an environment's failures print, the most telling first; `$1` stands for what the pattern found. */
const signs: readonly (readonly [pattern: RegExp, sign: string])[] = [
  [/(?:^|[\s:])([\w.+-]+): (?:command )?not found\s*$/m, 'the program $1 is missing'],
  [/env: ['‘’]?([\w.+-]+)['‘’]?: No such file or directory/, 'the program $1 is missing'],
  [/FileNotFoundError: \[Errno 2\] No such file or directory: '([\w.+-]+)'/, 'the program $1 is missing'],
  [/ModuleNotFoundError: No module named '([^']+)'/, 'the module $1 is missing'],
  [/Cannot find (?:module|package) '([^'./][^']*)'/, 'the package $1 is missing'],
  [/No module named ([\w.]+)\s*$/m, 'the module $1 is missing'],
  [/error while loading shared libraries: (\S+?):?\s/, 'the library $1 is missing'],
  [/ImportError: (lib\S+?\.so\S*): cannot open shared object/, 'the library $1 is missing'],
  [
    /Could not resolve host|Temporary failure in name resolution|Name or service not known|EAI_AGAIN|ENOTFOUND|Network is unreachable|ENETUNREACH/,
    'it asks for the network',
  ],
  [/Connection refused|ECONNREFUSED|could not connect to server/i, 'a service does not answer'],
  [
    /Could not find a version that satisfies the requirement (\S+)|No matching distribution found for (\S+)/,
    'the package $1 is missing',
  ],
  [/Read-only file system|\[Errno 13\] Permission denied|EACCES|EROFS/, 'it writes where it may not'],
  [/unsupported locale setting|No space left on device/, 'the machine is another one'],
];

/** Tells from its end and its last output whether a failed step looks like the environment's fault (a missing program, module, network) or the code's. */
export function failureCause(
  { reason, exitCode, signal }: Pick<StepFinished, 'reason' | 'exitCode' | 'signal'>,
  output: string,
): FailureCause {
  if (reason === 'timeout') return { of: 'environment', sign: 'it took too long' };
  if (reason === 'out-of-memory') return { of: 'environment', sign: 'there was not enough memory' };
  if (reason === 'environment-lost') return { of: 'environment', sign: 'its container ended' };
  for (const [pattern, sign] of signs) {
    const found = pattern.exec(output);
    if (found !== null) return { of: 'environment', sign: sign.replace('$1', found[1] ?? found[2] ?? '') };
  }
  if (exitCode === 127) return { of: 'environment', sign: 'a program is missing' };
  return { of: 'code', sign: exitCode === null ? `it ended by ${signal ?? 'a signal'}` : `exit code ${exitCode}` };
}
