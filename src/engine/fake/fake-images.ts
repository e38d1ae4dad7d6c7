import { Readable } from 'node:stream';
import { sha256 } from '../../core/digest.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { isStrings, memberOf, readJson, shaped } from '../../core/json.ts';
import { err, ok, type Err, type Result } from '../../core/result.ts';
import type { BuildOptions, Engine, ImageInfo } from '../engine.ts';
import type { TransferMethods } from '../docker/image-transfers.ts';
import type { ImageMethods } from '../docker/images.ts';
import { readWhole } from '../docker/client.ts';
import { FakeImageStore, fullTag } from './fake-image-store.ts';
import { carriesAll, type FakeImage, type FakeState } from './fake-state.ts';

/** Plays a build: tells progress and gives the image that comes out, or why none does. */
export type FakeBuild = (options: BuildOptions, context: Buffer) => Promise<Result<Partial<ImageInfo>>>;

/** The fake's images. */
export function fakeImageMethods(state: FakeState, build: FakeBuild): ImageMethods & Pick<Engine, 'build'> {
  const store = new FakeImageStore(state.images);
  return { ...namingMethods(state, store), ...transferMethods(state, store), ...buildMethod(store, build) };
}

function namingMethods(
  state: FakeState,
  store: FakeImageStore,
): Pick<ImageMethods, 'inspectImage' | 'listImages' | 'registryLogin' | 'resolveImage' | 'tagImage' | 'removeImage'> {
  return {
    inspectImage: async (ref) => ok(store.find(ref)),

    listImages: async (labels) => ok(state.images.filter((image) => carriesAll(image.labels, labels))),

    registryLogin: async () => ok({}),

    async resolveImage(ref) {
      const found = state.remote.get(ref);
      return found === undefined ? notFound(ref, `ask the registry for ${ref}`) : ok(found);
    },

    async tagImage(ref, newRef) {
      const found = store.find(ref);
      if (found === undefined) return notFound(ref, `tag ${ref} as ${newRef}`);
      store.retag(found.id, newRef);
      return ok(undefined);
    },

    async removeImage(ref, { force = false } = {}) {
      const found = store.find(ref);
      if (found === undefined) return ok(undefined);
      if (found.id !== ref && found.tags.length > 1) {
        found.tags = found.tags.filter((tag) => tag !== fullTag(ref));
        return ok(undefined);
      }
      if (!force && state.containers.some((container) => container.imageId === found.id))
        return err(failure('engine-refused', `could not remove image ${ref}`, { detail: 'a container uses it' }));
      state.images.splice(state.images.indexOf(found), 1);
      return ok(undefined);
    },
  };
}

function transferMethods(state: FakeState, store: FakeImageStore): TransferMethods {
  return {
    async pullImage(ref, { onProgress } = {}) {
      const found = state.remote.get(ref);
      if (found === undefined) return notFound(ref, `pull ${ref}`);
      onProgress?.({ type: 'layer', id: 'layer', status: 'Pull complete', currentBytes: 1, totalBytes: 1 });
      store.add(ref, sha256(`pulled ${found.digest}`), {
        repoDigests: [`${ref.replace(/[:@][^/]*$/, '')}@${found.digest}`],
      });
      return ok(undefined);
    },

    async pushImage(ref) {
      const found = store.find(ref);
      if (found === undefined) return notFound(ref, `push ${ref}`);
      state.remote.set(ref, { digest: sha256(`pushed ${found.id}`), platforms: ['linux/amd64'] });
      return ok(undefined);
    },

    async importImage(tar, ref, { changes = [] } = {}) {
      const bytes = await readWhole(tar as AsyncIterable<Buffer>);
      return ok(store.add(ref, sha256(Buffer.concat([bytes, Buffer.from(changes.join('\n'))])), fromChanges(changes)));
    },

    async loadImages(archive, { onProgress } = {}) {
      const saved = parse(await readWhole(archive as AsyncIterable<Buffer>));
      if (saved === undefined)
        return err(failure('engine-refused', 'could not load images', { detail: 'invalid tar header' }));
      const refs = saved.flatMap(({ id, tags, ...more }) => {
        store.add(undefined, id, more);
        for (const tag of tags) store.retag(id, tag);
        return tags.length > 0 ? tags : [id];
      });
      onProgress?.({ type: 'text', text: `Loaded image: ${refs.join(', ')}` });
      return ok(refs);
    },

    async saveImages(refs) {
      const missing = refs.find((ref) => store.find(ref) === undefined);
      if (missing !== undefined) return notFound(missing, `save ${refs.join(', ')}`);
      const saved = refs.map((ref) => ({ ...store.find(ref), tags: ref.startsWith('sha256:') ? [] : [fullTag(ref)] }));
      return ok(Readable.from([Buffer.from(JSON.stringify(saved))]));
    },
  };
}

function buildMethod(store: FakeImageStore, build: FakeBuild): Pick<Engine, 'build'> {
  return {
    async build(options) {
      const context = await readWhole(options.context as AsyncIterable<Buffer>);
      const built = await build(options, context);
      if (!built.ok) return built;
      const id =
        built.value.id ??
        sha256(
          Buffer.concat([context, Buffer.from(JSON.stringify([options.target, options.buildArgs, options.labels]))]),
        );
      store.add(undefined, id, { ...built.value, labels: { ...built.value.labels, ...options.labels } });
      for (const tag of options.tags) store.retag(id, tag);
      return ok(id);
    },
  };
}

function notFound(ref: string, action: string): Err<Failure> {
  return err(failure('image-not-found', `could not ${action}`, { detail: `No such image: ${ref}` }));
}

// `LABEL key=value`, `ENV A=b`, `CMD ["sh"]`, `USER x`, `WORKDIR /x`: what parity's own changes use.
function fromChanges(changes: readonly string[]): Partial<ImageInfo> {
  const of = (word: string): string[] =>
    changes.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const labels = of('LABEL').map(
    (pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const,
  );
  const [command] = of('CMD');
  return {
    labels: Object.fromEntries(labels),
    env: of('ENV'),
    ...(command !== undefined && { command: readJson(command, shaped(isStrings)) ?? [] }),
  };
}

function parse(bytes: Buffer): readonly SavedFakeImage[] | undefined {
  return readJson(bytes.toString(), shaped(areSavedImages));
}

type SavedFakeImage = FakeImage & { tags: string[] };

function areSavedImages(value: unknown): value is readonly SavedFakeImage[] {
  return Array.isArray(value) && value.every((image) => isStrings(memberOf(image, 'tags')));
}
