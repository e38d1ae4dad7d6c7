import { parseImageRef } from '../core/image-ref.ts';
import { isPublicKey, isSigningSecret } from '../core/signing.ts';
import type { ValueCheck } from './value-checks.ts';

const registryScheme = 'oci://';

/** A registry repository in which passes are shared. */
export interface CacheRepository {
  /** `host` or `host:port`. */
  readonly registry: string;
  readonly repository: string;
}

/** The repository that `cache.remote` names; undefined when it names a folder, or no repository. */
export function cacheRepository(remote: string): CacheRepository | undefined {
  if (!remote.startsWith(registryScheme)) return undefined;
  const ref = parseImageRef(remote.slice(registryScheme.length));
  if (ref?.registry === undefined || ref.tag !== undefined || ref.digest !== undefined) return undefined;
  return { registry: ref.registry, repository: ref.repository };
}

/** Where passes are shared: a folder, or a repository with its registry. */
export const cacheRemote: ValueCheck = (value) => {
  const code = 'bad-cache-remote';
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return undefined;
  if (cacheRepository(value) !== undefined) return undefined;
  if (!value.startsWith(registryScheme))
    return {
      code,
      message: `\`${value}\` is neither a folder nor a registry`,
      hint: 'a folder such as `/mnt/share/parity`, or `oci://localhost:5000/team/cache`',
    };
  const ref = parseImageRef(value.slice(registryScheme.length));
  const bare = ref?.registry === undefined ? undefined : `${registryScheme}${ref.registry}/${ref.repository}`;
  return {
    code,
    message: `\`${value}\` names no repository in a registry`,
    hint:
      bare === undefined ? 'registry and path, such as `oci://localhost:5000/team/cache`' : `did you mean \`${bare}\`?`,
  };
};

/** A public key of `parity cache key`. */
export const trustedKey: ValueCheck = (value) => {
  if (isPublicKey(value)) return undefined;
  const code = 'bad-key';
  if (isSigningSecret(value))
    return {
      code,
      message: 'this is the secret half of a key: whoever reads it can sign passes',
      hint: 'make another with `parity cache key`, and write its public half, `ed25519:…`',
    };
  const hint = '`parity cache key` makes one: `ed25519:` and 44 characters of base64';
  return { code, message: `\`${value}\` is no public key`, hint };
};
