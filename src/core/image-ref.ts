import { isDigest, type Digest } from './digest.ts';

/** An image reference in its parts: registry/repository:tag@digest. */
export interface ImageRef {
  /** `host` or `host:port`; absent when the reference names none (the engine's own default applies). */
  readonly registry?: string;
  /** Path without registry, tag and digest, as written (`library/` is not added). */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const repositoryPattern = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * Reads an image reference by the distribution project's grammar (https://github.com/distribution/reference).
 * Returns undefined when the text is not one.
 */
export function parseImageRef(text: string): ImageRef | undefined {
  let rest = text;
  let digest: Digest | undefined;
  const at = rest.indexOf('@');
  if (at >= 0) {
    const candidate = rest.slice(at + 1);
    if (!isDigest(candidate)) return undefined;
    digest = candidate;
    rest = rest.slice(0, at);
  }
  let tag: string | undefined;
  const colon = rest.lastIndexOf(':');
  if (colon > rest.lastIndexOf('/')) {
    tag = rest.slice(colon + 1);
    if (!tagPattern.test(tag)) return undefined;
    rest = rest.slice(0, colon);
  }
  let registry: string | undefined;
  const slash = rest.indexOf('/');
  const first = slash >= 0 ? rest.slice(0, slash) : '';
  if (first.includes('.') || first.includes(':') || first === 'localhost') {
    registry = first;
    rest = rest.slice(slash + 1);
  }
  if (!repositoryPattern.test(rest)) return undefined;
  return {
    ...(registry === undefined ? {} : { registry }),
    repository: rest,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Writes an image reference as text; the inverse of parseImageRef. */
export function formatImageRef(ref: ImageRef): string {
  const registry = ref.registry === undefined ? '' : `${ref.registry}/`;
  const tag = ref.tag === undefined ? '' : `:${ref.tag}`;
  const digest = ref.digest === undefined ? '' : `@${ref.digest}`;
  return `${registry}${ref.repository}${tag}${digest}`;
}
