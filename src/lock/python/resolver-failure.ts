import { lockToolOf } from '../../config/lock-source.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { platforms } from '../../core/platform.ts';
import { toolsSource } from '../requirements/reading.ts';
import { normalisedName } from '../../formats/package-name.ts';
import { upgradeCommand } from '../requirements/dependency-lock-freshness.ts';
import type { Requirement } from '../requirements/requirement.ts';
import { machineOf } from './compile.ts';
import { diagnosticOf } from './lock-packages.ts';

/*
 * The one place where uv's text is matched. Above each pattern stands what uv (0.13) says.
 */

// error: Request failed after 3 retries in 10.7s
//   cause: Failed to fetch: https://…/simple/black/
//   cause: dns error
const networkText = /Failed to fetch: (?:`)?(\S+?)(?:`)?\s*$|error sending request for url \((\S+)\)/m;
const statusText = /HTTP status (?:client|server) error \((\d{3})[^)]*\)|(\d{3}) (?:Unauthorized|Forbidden|Not Found)/;

// cause: Because no-such-package was not found in the package registry and you require no-such-package, …
const unknownPackage = /\b([a-z0-9][a-z0-9._-]*) was not found in the (?:package registry|provided package locations)/;

// cause: Because there is no version of black==99.0 and you require black==99.0, …
const unknownVersion = /there (?:is no version|are no versions) of ([a-z0-9][a-z0-9._-]*)(\S*)/;

// cause: Because pywin32==306 has no `… platform_machine == 'x86_64' …`-compatible wheels and you require …
// cause: Because x==1 has no wheels with a matching platform tag (e.g., `manylinux_2_36_aarch64`) and …
// cause: Because tensorflow==2.4.0 has no wheels with a matching Python version tag (e.g., `cp311`) and …
const noWheel =
  /\b([a-z0-9][a-z0-9._-]*)==(\S+) has no (?:`([^`]*)`-compatible wheels|wheels with a matching ([^(]*)(?:\(([^)]*)\))?)/;

// cause: Because the requested Python version (>=3.11.2) does not satisfy Python>=3.12 and django>=6.0,<=6.0.10 depends on Python>=3.12, …
const otherPython =
  /the requested Python version \((\S+)\) does not satisfy Python(\S+) and ([a-z0-9][a-z0-9._-]*?)(?:[<>=!~]\S*)? depends on Python/;

// error: Couldn't parse requirement in `requirements-1.txt` at position 7
//   cause: Expected one of `@`, `(`, …, found `b`
const unparsable = /Couldn't parse requirement in `([^`]+)` at position (\d+)\s*(?:cause: )?([^\n]*)/;

// error: Failed to build `mysqlclient==2.1.0`
//   cause: The build backend returned an error
const buildFailed = /Failed to (?:build|download and build) `([^`]+)`/;

/** The resolver's input, which tells the requirement behind an error. */
export interface ResolverInput {
  readonly requirements: readonly Requirement[];
  /** Source name by the file's name in the container. */
  readonly sources: ReadonlyMap<string, string>;
  /** The text of each such file. */
  readonly files: Readonly<Record<string, string>>;
}

/** Converts uv's error text to a failure that names the requirements and their places, with uv's text as the detail. Pure. */
export function resolverFailure(text: string, asked: ResolverInput): Failure {
  const detail = tidy(text, asked.sources);
  const parse = unparsable.exec(text);
  if (parse !== null) return notARequirement(parse, asked, detail);
  const built = buildFailed.exec(text)?.[1];
  if (built !== undefined) return cannotBuild(built, asked, detail);
  if (/No solution found|unsatisfiable/.test(text)) return noSolution(text, asked, detail);
  const fetch = networkText.exec(text);
  if (fetch !== null || statusText.test(text)) return noIndex(fetch?.[1] ?? fetch?.[2], text, detail);
  if (/No space left on device/.test(text))
    return failure('disk-full', 'the engine has no space left for the resolver', { detail, next: 'parity clean' });
  return failure('requirements-unsupported', `the resolver refused the requirements: ${firstLine(detail)}`, {
    detail,
    next: 'mend what it names in parity.yaml or the requirements files, then: parity lock',
  });
}

function noSolution(text: string, asked: ResolverInput, detail: string): Failure {
  const unknown = unknownPackage.exec(text)?.[1];
  if (unknown !== undefined) {
    const askers = requirementsNamed([unknown], asked);
    return failure('requirements-unsupported', `no package index has ${unknown}${inBrackets(askers)}`, {
      detail,
      diagnostics: askers.flatMap((one) => diagnosticOf(one, 'requirement-unknown', `no index has ${unknown}`)),
      next: "mend the name; a private package needs its index: --extra-index-url in the requirements file, or pip's configuration",
    });
  }
  const wheel = noWheel.exec(text);
  if (wheel !== null) return noDistribution(wheel, asked, detail);
  const python = otherPython.exec(text);
  if (python !== null) return needsOtherPython(python, asked, { text, detail });
  const named = requirementsNamed(namesIn(text, asked), asked);
  const version = unknownVersion.exec(text);
  const contradictory = named.length > 1;
  // Two requirements may name the same missing version, which is no conflict.
  const ofOne = named.length <= 1 || (version?.[2]?.startsWith('==') === true && named.every(isOf(version[1] ?? '')));
  if (version !== null && !/\bdepends on\b/.test(text) && ofOne) {
    const wanted = `${version[1] ?? ''}${version[2] ?? ''}`.replace(/,$/, '');
    return failure('requirements-conflict', `the package index has no ${wanted}${inBrackets(named)}`, {
      detail,
      diagnostics: named.flatMap((one) => diagnosticOf(one, 'requirement-version', `no index has ${wanted}`)),
      next: `ask for a version that exists, or loosen the condition, then: parity lock`,
    });
  }
  // cause: Because only poetry<=2.5.1 is available and you require poetry==77.1.*, …
  const [only, ...others] = named;
  if (only !== undefined && others.length === 0 && isOnlyOthers(text, only.name))
    return failure('requirements-conflict', `the package index has no ${only.text} (${describeRequirement(only)})`, {
      detail,
      diagnostics: diagnosticOf(only, 'requirement-version', `no index has ${only.text}`),
      next: `ask for a version that exists, or loosen the condition, then: parity lock`,
    });
  const who = named.map(describeRequirement);
  return failure(
    'requirements-conflict',
    contradictory
      ? `the requirements contradict each other: ${who.join(', ')}`
      : `the requirements can't be met together${inBrackets(named)}`,
    {
      detail,
      diagnostics: named.flatMap((one) =>
        diagnosticOf(
          one,
          'requirements-conflict',
          contradictory ? `${one.constraint ? 'limits' : 'asks'} ${one.text}` : `${one.text} can't be met`,
        ),
      ),
      next: nextForConflict(named),
    },
  );
}

/** All versions that are asked for are for another Python. */
function needsOtherPython(
  [, here = '', wanted = '', name = '']: RegExpExecArray,
  asked: ResolverInput,
  { text, detail }: { readonly text: string; readonly detail: string },
): Failure {
  const askers = requirementsNamed([name], asked);
  // Of several that ask for it, the one whose versions uv could not find.
  const required = text.toLowerCase().replace(/\s+/g, '');
  const exact = askers.filter((one) => required.includes(`yourequire${one.text.toLowerCase().replace(/\s+/g, '')}`));
  const ones = exact.length > 0 ? exact : askers;
  const what = ones.length === 0 ? name : ones.map((one) => `${one.text} (${placeName(one)})`).join(', ');
  const version = here.replace(/^[>=]+/, '');
  return failure('requirements-conflict', `${what}: only for Python ${wanted}, and this one is ${version}`, {
    detail,
    diagnostics: ones.flatMap((one) => diagnosticOf(one, 'requirement-python', `${one.text} is for Python ${wanted}`)),
    next: 'set toolchain.python to such a Python, give the steps that need it a toolchain of their own (toolchains:), or loosen the condition, then: parity lock',
  });
}

function isOnlyOthers(text: string, name: string): boolean {
  const said = text.matchAll(
    /\bonly (?:the following versions of )?([a-z0-9][a-z0-9._-]*?)(?:[<>=!~]\S*)?(?: is| are)? available/g,
  );
  return !/\bdepends on\b/.test(text) && [...said].some(([, other = '']) => normalisedName(other) === name);
}

function isOf(name: string): (one: Requirement) => boolean {
  return (one) => one.name === normalisedName(name);
}

function nextForConflict(named: readonly Requirement[]): string {
  const held = named.find((each) => each.constraint && lockToolOf(each.source) !== undefined);
  const asker = named.find((each) => each.name === held?.name && each.source !== held.source);
  if (held !== undefined && asker !== undefined) return nextForHeld(held, asker);
  const pinned = named.filter((one) => /===?/.test(one.text) && !/===?\s*[^,;]*\*/.test(one.text));
  const [one, other] = pinned;
  if (one !== undefined && other !== undefined && one.name === other.name)
    return `make both ask the same version of ${one.name}: change ${placeName(one)} or ${placeName(other)}, then: parity lock`;
  // A tool's pin is the team's choice; what a file asks is the likelier one to give way.
  const loosest = pinned.find((asker) => asker.source !== toolsSource) ?? pinned[0] ?? named[0];
  return loosest === undefined
    ? 'loosen one of the requirements that the detail names, then: parity lock'
    : `loosen or change one of them, for example ${loosest.text} in ${placeName(loosest)}, then: parity lock`;
}

/** What a lock file holds, only its own tool moves. */
function nextForHeld(held: Requirement, asker: Requirement): string {
  const tool = lockToolOf(held.source);
  if (tool === undefined || lockToolOf(asker.source) !== undefined)
    return `let ${held.source} and ${asker.source} hold the same ${held.name}, or give each its own parity.yaml`;
  const move = upgradeCommand({ source: { tool }, file: held.source }, held.name);
  return `take ${asker.text} out at ${placeName(asker)}: ${held.source} decides; or move it there (${move}), then: parity lock`;
}

function noDistribution(match: RegExpExecArray, asked: ResolverInput, detail: string): Failure {
  const [, name = '', version = '', marker, kind = '', example = ''] = match;
  const askers = requirementsNamed([name], asked);
  const platform = platforms.find((one) => (marker ?? example).includes(machineOf(one)));
  const forPython = kind.startsWith('Python');
  const where = forPython || platform === undefined ? 'this Python' : platform;
  return failure(
    'requirements-unsupported',
    `${name} ${version} has nothing to install on ${where}: no fitting wheel and no source${inBrackets(askers)}`,
    {
      detail,
      diagnostics: askers.flatMap((one) => diagnosticOf(one, 'requirement-platform', `nothing to install on ${where}`)),
      next: forPython
        ? `choose a version of ${name} that supports the Python in toolchain.python, or another Python`
        : `choose a version of ${name} for ${platforms.join(' and ')}; what only other systems need takes a marker: ${name} ; sys_platform == "win32"`,
    },
  );
}

function notARequirement(match: RegExpExecArray, asked: ResolverInput, detail: string): Failure {
  const [, file = '', position = '0', complaint = ''] = match;
  const before = (asked.files[file] ?? '').slice(0, Number(position)).split('\n').length - 1;
  const source = asked.sources.get(file);
  const constraint = file.startsWith('constraints');
  const one = asked.requirements.filter((each) => each.source === source && each.constraint === constraint)[before];
  const where = one === undefined ? (source ?? file) : placeName(one);
  return failure(
    'requirements-unsupported',
    `${where}: ${one?.text ?? 'a line'} is not a requirement: ${complaint.trim()}`,
    {
      detail,
      ...(one === undefined ? {} : { diagnostics: diagnosticOf(one, 'requirement-malformed', complaint.trim()) }),
      next: 'write NAME==VERSION, with an optional marker after ";"',
    },
  );
}

function cannotBuild(built: string, asked: ResolverInput, detail: string): Failure {
  const name = normalisedName(built.split(/[=<>@ ]/)[0] ?? built);
  const askers = requirementsNamed([name], asked);
  return failure(
    'requirements-unsupported',
    `${built} has no wheel, and what it needs is known only by building it, which failed${inBrackets(askers)}`,
    {
      detail,
      diagnostics: askers.flatMap((one) => diagnosticOf(one, 'requirement-build', `${built} could not be built`)),
      next: `ask for a version of ${name} with wheels (some packages have a NAME-binary variant)`,
    },
  );
}

function noIndex(address: string | undefined, text: string, detail: string): Failure {
  const shown = address?.replace(/\/\/[^/@]*@/, '//') ?? 'the package index';
  const status = statusText.exec(text);
  const code = status?.[1] ?? status?.[2];
  if (code === '401' || code === '403')
    return failure('network', `the package index refused access (${code}): ${shown}`, {
      detail,
      next: 'use a mirror that needs no credentials in its address, or check your access to it',
    });
  if (code !== undefined)
    return failure('network', `the package index answered ${code}: ${shown}`, { detail, next: 'parity lock' });
  if (/certificate|UnknownIssuer/i.test(text))
    return failure('network', `the package index's certificate is not trusted: ${shown}`, {
      detail,
      next: "point SSL_CERT_FILE at a bundle that holds your network's certificate authority, then: parity lock",
    });
  return failure('network', `the package index can't be reached: ${shown}`, {
    detail,
    next: "check the network and the proxy settings (HTTPS_PROXY, pip's index-url), then: parity lock",
  });
}

function namesIn(text: string, asked: ResolverInput): string[] {
  const words = new Set((text.match(/[A-Za-z0-9][A-Za-z0-9._-]*/g) ?? []).map(normalisedName));
  return [...new Set(asked.requirements.map((one) => one.name))].filter((name) => words.has(name));
}

function requirementsNamed(names: readonly string[], asked: ResolverInput): Requirement[] {
  const normalised = names.map(normalisedName);
  const named = asked.requirements.filter((one) => normalised.includes(one.name));
  // A lock file that the toolchain names twice, with other options, says a line of it twice.
  return [...new Map(named.toReversed().map((one) => [describeRequirement(one), one])).values()].toReversed();
}

function inBrackets(askers: readonly Requirement[]): string {
  return askers.length === 0 ? '' : ` (${askers.map(describeRequirement).join(', ')})`;
}

function describeRequirement(one: Requirement): string {
  return `${placeName(one)} ${one.constraint ? 'limits' : 'asks'} ${one.text}`;
}

function placeName({ source, place }: Requirement): string {
  if (source === toolsSource)
    return place === undefined ? toolsSource : `${toolsSource} in ${place.file}:${place.span.line}`;
  return place === undefined ? source : `${place.file}:${place.span.line}`;
}

/** uv's text with the names that a person knows in place of those in the container. */
function tidy(text: string, sources: ReadonlyMap<string, string>): string {
  let result = text
    .replace(/(:\/\/)[^/@\s]*@/g, '$1')
    .replace(/^warning: .*\n/gm, '')
    .replace(/ for split \(markers: [^\n]*\)(?=:?$)/gm, '')
    .replace(/^(?:Resolved|Prepared|Using) .*\n/gm, '');
  for (const [file, source] of sources) result = result.replaceAll(`\`${file}\``, source);
  return result.trim();
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.replace(/^error: /, '') ?? '';
}
