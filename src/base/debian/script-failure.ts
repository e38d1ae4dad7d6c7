import { failure, type Failure } from '../../core/failure.ts';

/** The last lines of a tool's output, those that say nothing left out. */
export function lastLines(output: string, count = 12): string {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== '' && !/^(Get|Hit|Ign):\d+ /.test(line));
  return lines.slice(-count).join('\n');
}

/**
 * What went wrong in a script that runs apt and mmdebstrap, told from its output; `what` is the sentence's start, e.g.
 * `the Debian packages could not be resolved`. The one place where apt's and mmdebstrap's texts are matched.
 */
export function scriptFailure(what: string, output: string): Failure {
  const detail = lastLines(output);
  // E: Unable to locate package nosuchthing
  // E: Package 'nosuchthing' has no installation candidate
  const missing = /Unable to locate package (\S+)|Package '?([^\s']+)'? has no installation candidate/.exec(output);
  if (missing !== null)
    return failure('config-invalid', `Debian has no package called ${missing[1] ?? missing[2]}`, {
      detail,
      next: 'correct toolchain.system in parity.yaml; `apt-cache search WORD` finds names',
    });
  if (/No space left on device/.test(output))
    return failure('disk-full', `${what}: the disk is full`, { detail, next: 'free some space and run it again' });
  // E: Failed to fetch …  Hash Sum mismatch
  //    Hashes of expected file:
  //     - SHA256:aaaa
  //    Hashes of received file:
  //     - SHA256:bbbb
  if (/Hash Sum mismatch|File has unexpected size/.test(output)) {
    const file = /Failed to fetch (\S+)/.exec(output)?.[1]?.split('/').at(-1) ?? 'a package';
    const expected = /expected file:\s*\n\s*- SHA256:([0-9a-f]+)/.exec(output)?.[1];
    const found = /received file:\s*\n\s*- SHA256:([0-9a-f]+)/.exec(output)?.[1];
    const hashes =
      expected === undefined || found === undefined ? '' : `: expected sha256 ${expected}, found sha256 ${found}`;
    return failure('integrity-mismatch', `${file} is not what the lock says${hashes}`, {
      detail,
      next: 'run it again; if it stays so, the mirror serves something else: name another in PARITY_DEBIAN_MIRROR',
    });
  }
  if (/NO_PUBKEY|is not signed|signatures couldn't be verified|unable to find.*keyring/i.test(output))
    return failure('host-tool-missing', `${what}: the mirror's signature could not be checked`, {
      detail,
      next: 'apt-get install debian-archive-keyring',
    });
  if (
    /Could not resolve|Temporary failure|Could not connect|Connection refused|[Cc]onnection timed out|Failed to fetch|Unable to connect|Unable to fetch|Certificate verification failed|Could not handshake/.test(
      output,
    )
  )
    return failure('network', `${what}: the Debian mirror could not be reached`, {
      detail,
      next: 'check the network and proxy settings, or name a mirror that you reach in PARITY_DEBIAN_MIRROR',
    });
  return failure('image-build-failed', what, { detail });
}
