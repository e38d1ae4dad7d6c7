import type Docker from 'dockerode';
import { parseImageRef } from '../../core/image-ref.ts';
import type { ImageInfo } from '../engine.ts';
import { fromImageInspect } from './convert.ts';
import { credentialsFor, type Credentials } from './credentials.ts';

/** An image as the engine has it; rejects as dockerode does. */
export async function inspectImage(docker: Docker, ref: string): Promise<ImageInfo> {
  return fromImageInspect(await docker.getImage(ref).inspect());
}

/** What the engine is sent for the registry of a reference. */
export function credentialsOf(docker: Docker, ref: string): Promise<Credentials> {
  return credentialsFor(ref, async () => ((await docker.info()) as { IndexServerAddress?: string }).IndexServerAddress);
}

/** The name without tag and digest, and what the API's `tag` parameter takes: the digest if there is one, else the tag or `latest`. */
export function nameAndTag(ref: string): { readonly name: string; readonly tag: string } {
  const parsed = parseImageRef(ref);
  if (parsed === undefined) return { name: ref, tag: '' };
  const name = parsed.registry === undefined ? parsed.repository : `${parsed.registry}/${parsed.repository}`;
  return { name, tag: parsed.digest ?? parsed.tag ?? 'latest' };
}
