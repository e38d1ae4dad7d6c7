import { Readable } from 'node:stream';
import { sha256 } from '../../core/digest.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { BuildOptions, Engine, ImageInfo } from '../engine.ts';
import type { ImageMethods } from '../docker/images.ts';
import { readWhole } from '../docker/client.ts';
import { carriesAll, type FakeImage, type FakeState } from './fake-state.ts';

/** Plays a build: tells progress and gives the image that comes out, or why none does. */
export type FakeBuild = (options: BuildOptions, context: Buffer) => Promise<Result<Partial<ImageInfo>>>;

/** The fake's images. */
export function fakeImageMethods(state: FakeState, build: FakeBuild): ImageMethods & Pick<Engine, 'build'> {
  const { images, remote } = state;

  const find = (ref: string): FakeImage | undefined =>
    images.find((image) => image.id === ref || image.tags.includes(fullTag(ref)) || image.repoDigests.includes(ref));
  const notFound = (ref: string, doing: string) =>
    err(failure('image-not-found', `could not ${doing}`, { detail: `No such image: ${ref}` }));

  function add(ref: string | undefined, id: string, more: Partial<ImageInfo>): string {
    const known = images.find((image) => image.id === id);
    if (known === undefined) images.push({ ...plainImage(id), ...more, id, tags: [...(more.tags ?? [])] });
    if (ref !== undefined) retag(id, ref);
    return id;
  }
  function retag(id: string, ref: string): void {
    for (const image of images) image.tags = image.tags.filter((tag) => tag !== fullTag(ref));
    images.find((image) => image.id === id)?.tags.push(fullTag(ref));
  }

  return {
    inspectImage: async (ref) => ok(find(ref)),
    listImages: async (labels) => ok(images.filter((image) => carriesAll(image.labels, labels))),

    registryLogin: async () => ok({}),

    async resolveImage(ref) {
      const found = remote.get(ref);
      return found === undefined ? notFound(ref, `ask the registry for ${ref}`) : ok(found);
    },

    async pullImage(ref, { onProgress } = {}) {
      const found = remote.get(ref);
      if (found === undefined) return notFound(ref, `pull ${ref}`);
      onProgress?.({ type: 'layer', id: 'layer', status: 'Pull complete', currentBytes: 1, totalBytes: 1 });
      add(ref, sha256(`pulled ${found.digest}`), { repoDigests: [`${ref.replace(/[:@][^/]*$/, '')}@${found.digest}`] });
      return ok(undefined);
    },

    async pushImage(ref) {
      const found = find(ref);
      if (found === undefined) return notFound(ref, `push ${ref}`);
      remote.set(ref, { digest: sha256(`pushed ${found.id}`), platforms: ['linux/amd64'] });
      return ok(undefined);
    },

    async importImage(tar, ref, { changes = [] } = {}) {
      const bytes = await readWhole(tar as AsyncIterable<Buffer>);
      return ok(add(ref, sha256(Buffer.concat([bytes, Buffer.from(changes.join('\n'))])), fromChanges(changes)));
    },

    async loadImages(archive, { onProgress } = {}) {
      const saved = parse(await readWhole(archive as AsyncIterable<Buffer>));
      if (saved === undefined)
        return err(failure('engine-refused', 'could not load images', { detail: 'invalid tar header' }));
      const refs = saved.flatMap(({ id, tags, ...more }) => {
        add(undefined, id, more);
        for (const tag of tags) retag(id, tag);
        return tags.length > 0 ? tags : [id];
      });
      onProgress?.({ type: 'text', text: `Loaded image: ${refs.join(', ')}` });
      return ok(refs);
    },

    async saveImages(refs) {
      const missing = refs.find((ref) => find(ref) === undefined);
      if (missing !== undefined) return notFound(missing, `save ${refs.join(', ')}`);
      const saved = refs.map((ref) => ({ ...find(ref), tags: ref.startsWith('sha256:') ? [] : [fullTag(ref)] }));
      return ok(Readable.from([Buffer.from(JSON.stringify(saved))]));
    },

    async tagImage(ref, newRef) {
      const found = find(ref);
      if (found === undefined) return notFound(ref, `tag ${ref} as ${newRef}`);
      retag(found.id, newRef);
      return ok(undefined);
    },

    async removeImage(ref, { force = false } = {}) {
      const found = find(ref);
      if (found === undefined) return ok(undefined);
      if (found.id !== ref && found.tags.length > 1) {
        found.tags = found.tags.filter((tag) => tag !== fullTag(ref));
        return ok(undefined);
      }
      if (!force && state.containers.some((container) => container.imageId === found.id))
        return err(failure('engine-refused', `could not remove image ${ref}`, { detail: 'a container uses it' }));
      images.splice(images.indexOf(found), 1);
      return ok(undefined);
    },

    async build(options) {
      const context = await readWhole(options.context as AsyncIterable<Buffer>);
      const built = await build(options, context);
      if (!built.ok) return built;
      const id =
        built.value.id ??
        sha256(
          Buffer.concat([context, Buffer.from(JSON.stringify([options.target, options.buildArgs, options.labels]))]),
        );
      add(undefined, id, { ...built.value, labels: { ...built.value.labels, ...options.labels } });
      for (const tag of options.tags) retag(id, tag);
      return ok(id);
    },
  };
}

/** An image with nothing in it. */
export function plainImage(id: string): FakeImage {
  return {
    id,
    tags: [],
    repoDigests: [],
    platform: 'linux/amd64',
    labels: {},
    sizeBytes: 1000,
    createdAt: '2026-01-01T00:00:00Z',
    layers: [sha256(`layer of ${id}`)],
    entrypoint: [],
    command: [],
    env: [],
    user: '',
    workingDir: '',
  };
}

// The engine's own default.
function fullTag(ref: string): string {
  return ref.lastIndexOf(':') > ref.lastIndexOf('/') ? ref : `${ref}:latest`;
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
    ...(command !== undefined && { command: JSON.parse(command) as string[] }),
  };
}

function parse(bytes: Buffer): (FakeImage & { tags: string[] })[] | undefined {
  try {
    return JSON.parse(bytes.toString()) as (FakeImage & { tags: string[] })[];
  } catch {
    return undefined;
  }
}
