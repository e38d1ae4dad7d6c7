import type { Platform } from '../../core/platform.ts';
import { headCommit, isDirty, runGit } from '../../git/git.ts';
import type { Lock } from '../../lock/lock.ts';
import { lockContentDigest } from '../image-reference.ts';

/**
 * What is written beside a shared image, by OCI's names (https://github.com/opencontainers/image-spec/blob/main/annotations.md): the lock
 * that made it, and the repository and commit that the lock is of. Not in the image: its digests are the lock's alone. A folder that is
 * no repository, or one with changes, gives no commit.
 */
export async function imageAnnotations(
  projectDir: string,
  lock: Lock,
  platform: Platform,
): Promise<Readonly<Record<string, string>>> {
  const [head, dirty, origin] = await Promise.all([
    headCommit(projectDir),
    isDirty(projectDir),
    runGit(projectDir, ['remote', 'get-url', 'origin']),
  ]);
  const revision = head.ok && dirty.ok && !dirty.value ? head.value : undefined;
  const source = origin.ok ? webAddress(origin.value.trim()) : undefined;
  return {
    'dev.parity.lock': lockContentDigest(lock, platform),
    ...(revision === undefined ? {} : { 'org.opencontainers.image.revision': revision }),
    ...(source === undefined ? {} : { 'org.opencontainers.image.source': source }),
  };
}

/** A remote's address as a URL without credentials; undefined for one on this machine. */
export function webAddress(remote: string): string | undefined {
  // scp's form: git@host:path
  const text = /^(?:[^@/]+@)?([^/:]+\.[^/:]+):(?!\/\/)(.+)$/.exec(remote)?.slice(1).join('/');
  const address = text === undefined ? remote : `https://${text}`;
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (!['http:', 'https:', 'ssh:', 'git:'].includes(url.protocol)) return undefined;
  const port = url.protocol.startsWith('http') && url.port !== '' ? `:${url.port}` : '';
  return `https://${url.hostname}${port}${url.pathname.replace(/\.git$/, '')}`;
}
