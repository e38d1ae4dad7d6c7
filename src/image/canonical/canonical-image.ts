import { canonicalJson, sha256, type Digest } from '../../core/digest.ts';
import type { Platform } from '../../core/platform.ts';
import { canonicalTime, type CanonicalLayer } from './canonical-layer.ts';

/** Media types of the parts, as OCI names them. */
export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  // Not compressed: compressors differ from version to version, and the digest must not.
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

/** What a container of the image starts with. */
export interface ImageSettings {
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** An image in its canonical form: what its two digests are made from. */
export interface CanonicalImage {
  readonly platform: Platform;
  /** The base's first. */
  readonly layers: readonly CanonicalLayer[];
  readonly config: Blob;
  readonly manifest: Blob;
}

/** A document of an image and its digest. */
export interface Blob {
  readonly digest: Digest;
  readonly bytes: Buffer;
}

/**
 * The config and the manifest of an image, as short as engines accept them, keys sorted: functions of their arguments alone. The
 * config's digest is the image's ID on an engine with a graph driver, the manifest's on one with the containerd store.
 */
export function canonicalImage(
  platform: Platform,
  layers: readonly CanonicalLayer[],
  settings: ImageSettings,
): CanonicalImage {
  const created = new Date(canonicalTime * 1000).toISOString().replace('.000', '');
  const [os = '', architecture = ''] = platform.split('/');
  const config = blob({
    architecture,
    config: {
      Cmd: settings.command.length === 0 ? undefined : settings.command,
      Entrypoint: settings.entrypoint.length === 0 ? undefined : settings.entrypoint,
      Env: settings.env,
      Labels: settings.labels,
      User: settings.user === '' ? undefined : settings.user,
      WorkingDir: settings.workingDir === '' ? undefined : settings.workingDir,
    },
    created,
    // Podman builds on no image whose history does not count its layers.
    history: layers.map(() => ({ created, created_by: 'parity' })),
    os,
    rootfs: { diff_ids: layers.map(({ digest }) => digest), type: 'layers' },
  });
  const manifest = blob({
    config: { digest: config.digest, mediaType: mediaTypes.config, size: config.bytes.length },
    layers: layers.map(({ digest, sizeBytes }) => ({ digest, mediaType: mediaTypes.layer, size: sizeBytes })),
    mediaType: mediaTypes.manifest,
    schemaVersion: 2,
  });
  return { platform, layers, config, manifest };
}

function blob(value: unknown): Blob {
  const bytes = Buffer.from(canonicalJson(value));
  return { digest: sha256(bytes), bytes };
}
