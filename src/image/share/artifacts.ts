import { canonicalJson, isDigest, sha256, type Digest } from '../../core/digest.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { memberOf, readJson } from '../../core/json.ts';
import { mediaTypes } from '../canonical/canonical-image.ts';
import { openRegistry, type Registry, type RegistryAddress } from './registry.ts';

/** Small texts in a repository of a registry, each an artifact of one blob (OCI image manifest 1.1, `artifactType`) under a tag. */
export interface Artifacts {
  /** The text under a tag; undefined for none. Err `registry-refused` when it is something else, or larger than asked for. */
  get(tag: string, maxBytes: number): Promise<Result<string | undefined>>;
  /** Puts a text under a tag; with one there already nothing is sent, unless it is to be replaced. */
  put(tag: string, text: Buffer, how: { readonly replace: boolean }): Promise<Result<void>>;
  close(): Promise<void>;
}

const empty = { mediaType: 'application/vnd.oci.empty.v1+json', bytes: Buffer.from('{}') };

/** Opens a repository for artifacts of one type, e.g. `application/vnd.parity.pass.v1`. */
export async function openArtifacts(address: RegistryAddress, artifactType: string): Promise<Result<Artifacts>> {
  const opened = await openRegistry(address);
  if (!opened.ok) return opened;
  const registry = opened.value;
  return ok({
    async get(tag, maxBytes) {
      const manifest = await registry.manifest(tag);
      if (!manifest.ok || manifest.value === undefined) return manifest;
      const blob = onlyBlob(manifest.value, artifactType);
      if (blob !== undefined) return await registry.blob(blob, maxBytes);
      return err(failure('registry-refused', `${address.registry}/${address.repository}:${tag} is no ${artifactType}`));
    },
    async put(tag, text, { replace }) {
      if (!replace) {
        const there = await registry.manifest(tag);
        if (!there.ok) return there;
        if (there.value !== undefined) return ok(undefined);
      }
      for (const bytes of [empty.bytes, text]) {
        const sent = await send(registry, bytes);
        if (!sent.ok) return sent;
      }
      const manifest = Buffer.from(manifestOf(artifactType, text));
      return await registry.putManifest(tag, mediaTypes.manifest, sha256(manifest), manifest);
    },
    close: () => registry.close(),
  });
}

async function send(registry: Registry, bytes: Buffer): Promise<Result<void>> {
  const digest = sha256(bytes);
  const there = await registry.hasBlob(digest);
  if (!there.ok) return there;
  return there.value ? ok(undefined) : await registry.putBlob(digest, bytes.length, () => bytes);
}

function manifestOf(artifactType: string, text: Buffer): string {
  const described = (mediaType: string, bytes: Buffer): object => ({
    mediaType,
    digest: sha256(bytes),
    size: bytes.length,
  });
  return canonicalJson({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType,
    config: described(empty.mediaType, empty.bytes),
    layers: [described(`${artifactType}+json`, text)],
  });
}

function onlyBlob(manifest: string, artifactType: string): Digest | undefined {
  return readJson(manifest, (value) => {
    const layers = memberOf(value, 'layers');
    if (memberOf(value, 'artifactType') !== artifactType || !Array.isArray(layers) || layers.length !== 1)
      return undefined;
    const digest = memberOf(layers[0], 'digest');
    return typeof digest === 'string' && isDigest(digest) ? digest : undefined;
  });
}
