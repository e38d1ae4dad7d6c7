import type { Readable } from 'node:stream';
import { isDigest } from '../../core/digest.ts';
import type { TransferProgress } from '../../core/progress.ts';
import { ok } from '../../core/result.ts';
import type { Engine } from '../engine.ts';
import type { DockerClient } from './client.ts';
import { credentialsOf, inspectImage, nameAndTag } from './image-requests.ts';
import { readRecords, type ProgressRecord } from './records.ts';
import { wholeTar } from './whole-tar.ts';

/** The methods of an engine that move images in and out of it. */
export type TransferMethods = Pick<Engine, 'pullImage' | 'pushImage' | 'importImage' | 'loadImages' | 'saveImages'>;

/** Moves images through a client. */
export function transferMethods(client: DockerClient): TransferMethods {
  return {
    pullImage: (ref, { platform, onProgress, signal } = {}) =>
      client.call(
        `pull ${ref}`,
        async (docker) => {
          const { name, tag } = nameAndTag(ref);
          const query = { fromImage: name, tag, ...(platform !== undefined && { platform }), ...abortable(signal) };
          const auth = (await credentialsOf(docker, ref)).authconfig;
          const answer = (await docker.createImage(auth as object, query)) as Readable;
          await readRecords(answer, (record) => reportTransfer(record, onProgress));
        },
        { signal, fallbackReason: 'network' },
      ),

    pushImage: (ref, { onProgress, signal } = {}) =>
      client.call(
        `push ${ref}`,
        async (docker) => {
          const { name, tag } = nameAndTag(ref);
          const options = { tag, ...(await credentialsOf(docker, ref)), ...abortable(signal) };
          const answer = (await docker.getImage(name).push(options)) as Readable;
          await readRecords(answer, (record) => reportTransfer(record, onProgress));
        },
        { signal, fallbackReason: 'network' },
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
          return id ?? (await inspectImage(docker, ref)).id;
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
      const action = `save ${refs.join(', ')}`;
      const saved = await client.call(action, (docker) => client.stream(docker, 'GET', '/images/get', { names: refs }));
      return saved.ok ? ok(wholeTar(saved.value, client.describeCall(action))) : saved;
    },
  };
}

function abortable(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

// `Loaded image: name:tag`, `Loaded image ID: sha256:…`, Podman's `Loaded image: localhost/name:tag` (several, with commas, on old ones)
function loadedRefs({ stream }: ProgressRecord): readonly string[] {
  const found = /^Loaded image(?:s|\(s\)| ID)?: (.+)/m.exec(stream ?? '');
  return found?.[1]?.split(/,\s*/).map((ref) => ref.trim()) ?? [];
}

function reportTransfer(record: ProgressRecord, onProgress: ((progress: TransferProgress) => void) | undefined): void {
  const { id, status, stream, progressDetail: detail } = record;
  if (id !== undefined && status !== undefined)
    onProgress?.({
      type: 'layer',
      id,
      status,
      ...(detail?.current !== undefined && { currentBytes: detail.current }),
      ...(detail?.total !== undefined && { totalBytes: detail.total }),
    });
  else {
    const text = (status ?? stream ?? '').trimEnd();
    if (text !== '') onProgress?.({ type: 'text', text });
  }
}
