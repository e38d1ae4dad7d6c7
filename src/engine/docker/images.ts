import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { isDigest } from '../../core/digest.ts';
import { failure } from '../../core/failure.ts';
import { parseImageRef } from '../../core/image-ref.ts';
import type { TransferProgress } from '../../core/progress.ts';
import { err, ok } from '../../core/result.ts';
import type { Engine } from '../engine.ts';
import { wholeTar } from './whole-tar.ts';
import { readWhole, type DockerClient } from './client.ts';
import { unlessStatus } from './containers.ts';
import { fromImageInspect, fromRemotePlatforms, sha256Id, toLabelFilter } from './convert.ts';
import { credentialsFor, type Credentials } from './credentials.ts';
import { readRecords, type ProgressRecord } from './records.ts';

/** The methods of an engine that are about images, but for the build. */
export type ImageMethods = Pick<
  Engine,
  | 'inspectImage'
  | 'listImages'
  | 'resolveImage'
  | 'registryLogin'
  | 'pullImage'
  | 'pushImage'
  | 'importImage'
  | 'loadImages'
  | 'saveImages'
  | 'tagImage'
  | 'removeImage'
>;

/** Images through a client. */
export function imageMethods(client: DockerClient): ImageMethods {
  const inspect = async (docker: Docker, ref: string) => fromImageInspect(await docker.getImage(ref).inspect());

  const credentials = (docker: Docker, ref: string): Promise<Credentials> =>
    credentialsFor(ref, async () => ((await docker.info()) as { IndexServerAddress?: string }).IndexServerAddress);

  return {
    inspectImage: (ref) =>
      client.call(`inspect image ${ref}`, (docker) => unlessStatus(404, undefined, () => inspect(docker, ref))),

    listImages: (labels) =>
      client.call('list images', async (docker) => {
        const listed = await docker.listImages({ filters: toLabelFilter(labels) });
        // The list lacks platform and layers; one that is removed meanwhile is left out.
        const images = await Promise.all(
          listed.map((entry) => unlessStatus(404, undefined, () => inspect(docker, sha256Id(entry.Id)))),
        );
        return images.filter((image) => image !== undefined);
      }),

    async resolveImage(ref, { timeoutMs = 30_000 } = {}) {
      const doing = `ask the registry for ${ref}`;
      const timeout = AbortSignal.timeout(timeoutMs);
      const asked = await client.call(
        doing,
        async (docker) => {
          // dockerode's own method can't be stopped.
          const { authconfig } = await credentials(docker, ref);
          const path = `/distribution/${ref}/json`;
          const answer = await client.stream(docker, 'GET', path, {}, { signal: timeout, authconfig });
          const raw = JSON.parse((await readWhole(answer)).toString()) as RawDistribution;
          return { digest: raw.Descriptor.digest, platforms: fromRemotePlatforms(raw.Platforms ?? []) };
        },
        { otherwise: 'network', signal: timeout },
      );
      if (!asked.ok && asked.error.reason === 'interrupted')
        return err(
          failure('network', `could not ${doing}: no answer within ${timeoutMs} ms`, {
            next: 'check the network and the proxy of the engine',
          }),
        );
      if (!asked.ok) return asked;
      const { digest, platforms } = asked.value;
      if (!isDigest(digest)) return err(failure('network', `could not ${doing}: its digest is ${digest}`));
      return ok({ digest, platforms });
    },

    registryLogin: (ref) =>
      client.call(`find the credentials for ${ref}`, async (docker) => (await credentials(docker, ref)).authconfig),

    pullImage: (ref, { platform, onProgress, signal } = {}) =>
      client.call(
        `pull ${ref}`,
        async (docker) => {
          const { name, tag } = nameAndTag(ref);
          const query = { fromImage: name, tag, ...(platform !== undefined && { platform }), ...abortable(signal) };
          const auth = (await credentials(docker, ref)).authconfig;
          const answer = (await docker.createImage(auth as object, query)) as Readable;
          await readRecords(answer, (record) => reportTransfer(record, onProgress));
        },
        { signal, otherwise: 'network' },
      ),

    pushImage: (ref, { onProgress, signal } = {}) =>
      client.call(
        `push ${ref}`,
        async (docker) => {
          const { name, tag } = nameAndTag(ref);
          const options = { tag, ...(await credentials(docker, ref)), ...abortable(signal) };
          const answer = (await docker.getImage(name).push(options)) as Readable;
          await readRecords(answer, (record) => reportTransfer(record, onProgress));
        },
        { signal, otherwise: 'network' },
      ),

    async importImage(tar, ref, { changes = [], signal } = {}) {
      const imported = await client.call(
        `import ${ref}`,
        async (docker) => {
          // Podman does not look at the API's `tag` here.
          const options = { repo: ref, changes: [...changes], ...abortable(signal) };
          const answer = (await docker.importImage(tar, options as object)) as Readable;
          let id: string | undefined;
          await readRecords(answer, ({ status }) => {
            if (status !== undefined && isDigest(status)) id = status;
          });
          return id ?? (await inspect(docker, ref)).id;
        },
        { signal },
      );
      tar.destroy();
      return imported;
    },

    async loadImages(archive, { onProgress, signal } = {}) {
      const loaded: string[] = [];
      const done = await client.call(
        'load images',
        async (docker) => {
          const answer = (await docker.loadImage(archive, { quiet: false, ...abortable(signal) })) as Readable;
          await readRecords(answer, (record) => {
            loaded.push(...loadedRefs(record));
            reportTransfer(record, onProgress);
          });
          return loaded;
        },
        { signal },
      );
      archive.destroy();
      return done;
    },

    async saveImages(refs) {
      const doing = `save ${refs.join(', ')}`;
      const saved = await client.call(doing, (docker) => client.stream(docker, 'GET', '/images/get', { names: refs }));
      return saved.ok ? ok(wholeTar(saved.value, client.describeCall(doing))) : saved;
    },

    tagImage: (ref, newRef) =>
      client.call(`tag ${ref} as ${newRef}`, async (docker) => {
        const { name, tag } = nameAndTag(newRef);
        await docker.getImage(ref).tag({ repo: name, tag });
      }),

    removeImage: (ref, { force = false } = {}) =>
      client.call(`remove image ${ref}`, async (docker) => {
        await unlessStatus(404, undefined, () => docker.getImage(ref).remove({ force }));
      }),
  };
}

interface RawDistribution {
  readonly Descriptor: { readonly digest: string };
  readonly Platforms?: readonly { readonly os?: string; readonly architecture?: string }[];
}

function abortable(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** The name without tag and digest, and what the API's `tag` parameter takes: the digest if there is one, else the tag or `latest`. */
function nameAndTag(ref: string): { readonly name: string; readonly tag: string } {
  const parsed = parseImageRef(ref);
  if (parsed === undefined) return { name: ref, tag: '' };
  const name = parsed.registry === undefined ? parsed.repository : `${parsed.registry}/${parsed.repository}`;
  return { name, tag: parsed.digest ?? parsed.tag ?? 'latest' };
}

// `Loaded image: name:tag`, `Loaded image ID: sha256:…`, Podman's `Loaded image: localhost/name:tag` (several, with commas, on old ones)
function loadedRefs({ stream }: ProgressRecord): readonly string[] {
  const found = /^Loaded image(?:s|\(s\)| ID)?: (.+)/m.exec(stream ?? '');
  return found?.[1]?.split(/,\s*/).map((ref) => ref.trim()) ?? [];
}

function reportTransfer(record: ProgressRecord, tell: ((progress: TransferProgress) => void) | undefined): void {
  const { id, status, stream, progressDetail: detail } = record;
  if (id !== undefined && status !== undefined)
    tell?.({
      type: 'layer',
      id,
      status,
      ...(detail?.current !== undefined && { currentBytes: detail.current }),
      ...(detail?.total !== undefined && { totalBytes: detail.total }),
    });
  else {
    const text = (status ?? stream ?? '').trimEnd();
    if (text !== '') tell?.({ type: 'text', text });
  }
}
