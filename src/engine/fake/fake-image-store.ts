import { sha256 } from '../../core/digest.ts';
import type { ImageInfo } from '../engine.ts';
import type { FakeImage } from './fake-state.ts';

/** The fake's images, found as an engine finds them: by ID, tag or digest. */
export class FakeImageStore {
  readonly #images: FakeImage[];

  /** Works on the images of a fake's state, which tests may change as well. */
  constructor(images: FakeImage[]) {
    this.#images = images;
  }

  /** The image of a reference or ID. */
  find(ref: string): FakeImage | undefined {
    return this.#images.find(
      (image) => image.id === ref || image.tags.includes(fullTag(ref)) || image.repoDigests.includes(ref),
    );
  }

  /** Adds an image, unless one of that ID is there, and gives it the reference if there is one. Returns the ID. */
  add(ref: string | undefined, id: string, more: Partial<ImageInfo>): string {
    const known = this.#images.find((image) => image.id === id);
    if (known === undefined) this.#images.push({ ...plainImage(id), ...more, id, tags: [...(more.tags ?? [])] });
    if (ref !== undefined) this.retag(id, ref);
    return id;
  }

  /** Moves a tag to an image. */
  retag(id: string, ref: string): void {
    for (const image of this.#images) image.tags = image.tags.filter((tag) => tag !== fullTag(ref));
    this.#images.find((image) => image.id === id)?.tags.push(fullTag(ref));
  }
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

/** A reference with its tag: without one, the engine's default. */
export function fullTag(ref: string): string {
  return ref.lastIndexOf(':') > ref.lastIndexOf('/') ? ref : `${ref}:latest`;
}
