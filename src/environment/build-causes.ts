import { posix } from 'node:path';
import { developmentPackage } from '../core/development-package.ts';

/** Why a build failed, as its output tells. */
export interface BuildCause {
  readonly cause: string;
  /** Relative to the project. */
  readonly place?: { readonly file: string; readonly line: number };
  /** What to type or edit. */
  readonly next?: string;
}

interface KnownCause {
  readonly pattern: RegExp;
  readonly cause: (match: RegExpExecArray) => string;
  readonly next: (match: RegExpExecArray) => string;
}

/*
 * The one place where the output of build backends is matched. Above each pattern stands what they say.
 */

// <urlopen error [Errno -3] Temporary failure in name resolution>
// fatal: unable to access 'https://…': Could not resolve host: github.com
const wantsNetwork =
  /Temporary failure in name resolution|Name or service not known|Could not resolve host|Network is unreachable|Failed to establish a new connection|nodename nor servname|EAI_AGAIN/;

const causes: readonly KnownCause[] = [
  {
    pattern: wantsNetwork,
    cause: () => 'it wants the network, which a build does not have unless parity.yaml says so',
    next: () => 'let it: in parity.yaml, toolchain: { build: { network: full } }',
  },
  {
    // error: command 'gcc' failed: No such file or directory
    // error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory
    pattern: /command '([^']*(?:gcc|g\+\+|cc|clang|cargo|gfortran))' failed: No such file/,
    cause: ([, program = 'a compiler']) => `it needs ${program}, which the image does not have`,
    next: () =>
      'add it in parity.yaml: toolchain: { system: [gcc, g++, libc6-dev, make, python3-dev] }, then: parity lock',
  },
  {
    // fast.c:1:10: fatal error: Python.h: No such file or directory
    pattern: /fatal error: (Python\.h|pyconfig\.h): No such file/,
    cause: () => "it needs Python's headers, which the image does not have",
    next: () => 'add them in parity.yaml: toolchain: { system: [python3-dev] }, then: parity lock',
  },
  {
    // fast.c:1:10: fatal error: zlib.h: No such file or directory
    pattern: /fatal error: (\S+\.h(?:pp)?): No such file/,
    cause: ([, header = '']) => `no package of the image has the header ${header}`,
    next: ([, header = '']) => {
      const known = developmentPackage(header);
      const what = known ?? `the Debian package that has ${header}`;
      return `add ${what} to toolchain.system in parity.yaml${known === undefined ? ' (for zlib.h: zlib1g-dev)' : ''}, then: parity lock`;
    },
  },
  {
    // LookupError: setuptools-scm was unable to detect version for /workspace.
    // ValueError: Error getting the version from source `vcs`: …
    pattern:
      /was unable to detect version for|Error getting the version from source `vcs`|Cannot find version from tags/,
    cause: () => "its version comes from git's tags, and there is no commit or tag that gives one",
    next: () => 'git fetch --tags --unshallow, or make the first tag: git tag v0.1.0',
  },
  {
    // error: could not create 'shop.egg-info': Permission denied
    pattern: /Permission denied: '?([^'\n]+)'?|could not create '([^']+)': Permission denied/,
    cause: ([, path, other = '']) => `this user may not write ${path ?? other}, where the backend works`,
    next: () => 'make the folder yours: chmod -R u+w . (or chown), as CI has it',
  },
  {
    // ModuleNotFoundError: No module named 'numpy'
    pattern: /ModuleNotFoundError: No module named '([\w.]+)'/,
    cause: ([, module = '']) => `its build imports ${module}, which is not among its build requirements`,
    next: ([, module = '']) =>
      `name what has ${module} in requires of [build-system] in pyproject.toml, then: parity lock`,
  },
];

/** What of a failed build's output people see first: what the program said that a script of the build started, then where the script ended. Pure. */
export function shownOutput(output: string): string {
  const lines = output.trimEnd().split('\n');
  const at = lines.findLastIndex((line) => /^\s*Traceback \(most recent call last\):$/.test(line));
  const isProgrammes = at > 0 && /CalledProcessError/.test(lines.at(-1) ?? '');
  if (!isProgrammes) return lines.slice(-20).join('\n');
  return [...lines.slice(Math.max(0, at - 15), at), ...lines.slice(at + 1).slice(-5)].join('\n');
}

/**
 * What a failed build says of its cause, with the place in the project (an absolute path in the container) that it names last. `network` is what the
 * build may reach. Pure.
 */
export function explainBuildFailure(output: string, project: string, network: 'none' | 'full' = 'none'): BuildCause {
  const place = placeIn(output, project);
  for (const { pattern, cause, next } of causes) {
    if (pattern === wantsNetwork && network === 'full') continue;
    const match = pattern.exec(output);
    if (match !== null) return { cause: cause(match), next: next(match), ...(place === undefined ? {} : { place }) };
  }
  // With the network, it is that of this machine which does not reach something.
  const asked = output.split('\n').find((line) => wantsNetwork.test(line));
  if (asked !== undefined)
    return {
      cause: `it cannot reach what it asks for: ${shortened(asked.trim())}`,
      next: 'look at the network, the proxy and the VPN of this machine, then run it again',
      ...(place === undefined ? {} : { place }),
    };
  return { cause: lastWord(output), ...(place === undefined ? {} : { place }) };
}

/** The place that a traceback, a compiler or a TOML reader names. */
function placeIn(output: string, project: string): BuildCause['place'] {
  // fast.c:12:5: error: expected ';' before 'return'
  const [, source, sourceLine] = /^([\w./-]+\.\w+):(\d+):(?:\d+:)? (?:fatal )?error: /m.exec(output) ?? [];
  if (source !== undefined) return inProject(source, Number(sourceLine), project);
  // tomllib.TOMLDecodeError: Expected '=' after a key in a key/value pair (at line 3, column 8)
  const toml = /TOMLDecodeError: .*\(at line (\d+), column \d+\)/.exec(output)?.[1];
  if (toml !== undefined) return { file: 'pyproject.toml', line: Number(toml) };
  //   File "/workspace/setup.py", line 3, in <module>;   File "<string>", line 3 is setup.py itself, which setuptools runs as text
  const frames = [...output.matchAll(/^\s*File "([^"]+)", line (\d+)/gm)].toReversed();
  for (const [, file = '', line] of frames) {
    if (/^<(?!string>)/.test(file)) continue;
    const found =
      file === '<string>' ? { file: 'setup.py', line: Number(line) } : inProject(file, Number(line), project);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inProject(file: string, line: number, project: string): BuildCause['place'] {
  const path = posix.relative(project, posix.resolve(project, file));
  return path === '' || path.startsWith('..') ? undefined : { file: path, line };
}

/** The line that says most: an error's own, else the last one. */
function lastWord(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(?:\[end of output\]|note: )/.test(line));
  const error = lines.findLast((line) => /^(?:[\w.]+(?:Error|Exception|Exit)\b|error:|fatal:)/.test(line));
  const said = error ?? lines.at(-1) ?? 'it said nothing';
  return shortened(said);
}

function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
