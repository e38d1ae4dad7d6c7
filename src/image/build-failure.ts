import { developmentPackage } from '../core/development-package.ts';
import { failure, type Failure } from '../core/failure.ts';

/**
 * Words a failed build for a person: the failing instruction's own last lines as the detail, the cause told from them, and
 * what to type. `output` is the build's output up to the failure. What is no failed instruction is given back as it is.
 */
export function buildFailure(found: Failure, output: string): Failure {
  if (found.reason !== 'image-build-failed') return found;
  const text = `${output}\n${found.detail ?? ''}`;
  // The engine gives the failing instruction's own lines and its own word on it.
  const detail = found.detail ?? lastLines(output);
  const more = detail === undefined ? {} : { detail };
  // images/toolchain.py ends with `parity: <one sentence>`.
  const said = [...text.matchAll(/^parity: (.+)$/gm)].at(-1)?.[1]?.trim();
  if (/No space left on device|ENOSPC/i.test(text))
    return failure('disk-full', "the image could not be built: the engine's disk is full", {
      ...more,
      next: 'free some space (`docker system df` shows what takes it), then run it again',
    });
  // uv: `Hash mismatch for `black==25.9.0`` · pip: `THESE PACKAGES DO NOT MATCH THE HASHES`
  const mismatch = /Hash mismatch for `([^`]+)`|(DO NOT MATCH THE HASHES)/.exec(text);
  if (mismatch !== null || said?.includes('is not what the lock says') === true) {
    const which = said?.includes('is not what the lock says') === true ? said : uvMismatch(text, mismatch?.[1]);
    return failure('integrity-mismatch', which, {
      ...more,
      next: 'find out why the registry serves something else; if that is right, run: parity lock --upgrade',
    });
  }
  if (said?.includes('no longer has') === true)
    return failure('package-vanished', said, {
      ...more,
      next: 'set PARITY_DEBIAN_SNAPSHOT to a snapshot archive’s address, or relock: parity lock --upgrade',
    });
  if (said?.includes('run `parity lock`') === true)
    return failure('lock-stale', said, { ...more, next: 'parity lock' });
  if (
    said?.includes('could not be reached') === true ||
    /Temporary failure in name resolution|Could not resolve|Name or service not known|Connection refused|Connection timed out|dns error|error sending request|Failed to fetch|NewConnectionError|CERTIFICATE_VERIFY_FAILED|invalid peer certificate/i.test(
      text,
    )
  )
    return failure('network', said ?? 'the image could not be built: the network could not be reached', {
      ...more,
      next: 'check the network, the proxy variables and SSL_CERT_FILE (a company certificate), then run it again',
    });
  const unbuilt = unbuiltPackage(text);
  if (unbuilt !== undefined) return failure('image-build-failed', unbuilt.message, { ...more, next: unbuilt.next });
  return { ...found, ...more, ...(said === undefined ? {} : { message: said }) };
}

// uv: `  × Failed to build `psycopg2==2.9.10`` · pip: `ERROR: Failed building wheel for psycopg2`
const failedBuild = /Failed to (?:download and )?build `([^`\s]+)`|Failed building wheel for (\S+)/;
// fast.c:1:10: fatal error: zlib.h: No such file or directory
const missingHeader = /fatal error: (\S+\.h(?:pp|h)?): No such file/;
// Error: pg_config executable not found. · /bin/sh: 1: mysql_config: not found · error: command 'gfortran' failed: No such file or directory
const missingProgram =
  /\b(pg_config|mysql_config|xml2-config|xslt-config|curl-config|krb5-config|pkg-config|cmake|gfortran)\b['’]?(?: executable)?(?::| failed:| is)? (?:command )?(?:not found|No such file)/;

/** What to say of a package whose source could not be built. Undefined where the output shows no such build. */
function unbuiltPackage(text: string): { readonly message: string; readonly next: string } | undefined {
  const [, byUv, byPip] = failedBuild.exec(text) ?? [];
  const needed = missingHeader.exec(text)?.[1] ?? missingProgram.exec(text)?.[1];
  const isCompiled = /(?:gcc|cc|g\+\+)['’]? (?:failed|not found)/.test(text);
  if (byUv === undefined && byPip === undefined && needed === undefined && !isCompiled) return undefined;
  const what = `${byUv ?? byPip ?? 'a package'} could not be built from its source`;
  if (needed === undefined)
    return {
      message: what,
      next: 'ask for a version that has wheels, or name the Debian packages that its source needs in toolchain.system, then: parity lock',
    };
  const known = developmentPackage(needed);
  return {
    message: `${what}: it needs ${needed}, which the image does not have`,
    next: `add ${known ?? `the Debian package that has ${needed}`} to toolchain.system in parity.yaml, then: parity lock`,
  };
}

/** The name of the package that a failure of buildFailure says could not be built; undefined for other failures. */
export function unbuiltName({ reason, message }: Failure): string | undefined {
  if (reason !== 'image-build-failed') return undefined;
  return /^([A-Za-z0-9][\w.-]*)(?:==\S+)? could not be built from its source/.exec(message)?.[1];
}

/** uv prints `Expected:` and `Computed:` with the hashes on the lines below each. */
function uvMismatch(text: string, name: string | undefined): string {
  const expected = /Expected:\s*\n\s*(sha256:[0-9a-f]+)/.exec(text)?.[1];
  const found = /Computed:\s*\n\s*(sha256:[0-9a-f]+)/.exec(text)?.[1];
  const hashes = found === undefined ? '' : `: expected ${expected ?? 'one of its hashes'}, found ${found}`;
  return `${name ?? 'a Python package'} is not what the lock says${hashes}`;
}

/** The last lines that say something. */
function lastLines(output: string): string {
  const lines = output
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  return lines.slice(-20).join('\n');
}
