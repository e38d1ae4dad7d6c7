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
  if (
    /fatal error: (\S+\.h): No such file|(?:gcc|cc|g\+\+)['’]? (?:failed|not found)|pg_config|Failed to build `/.test(
      text,
    )
  )
    return failure(
      'image-build-failed',
      said === undefined ? found.message : `a package could not be built from its source`,
      {
        ...more,
        next: 'name the Debian packages that its source needs in toolchain.system (for example libpq-dev), then run: parity lock',
      },
    );
  return { ...found, ...more, ...(said === undefined ? {} : { message: said }) };
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
