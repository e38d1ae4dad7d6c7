import type { ImageInfo, Labels, NetworkInfo, RemoteImage, VolumeInfo } from '../engine.ts';
import type { FakeContainer } from './fake-container.ts';

/** What a fake engine holds. Tests may look at it and change it. */
export interface FakeState {
  readonly images: FakeImage[];
  /** What registries have, by reference. */
  readonly remote: Map<string, RemoteImage>;
  readonly containers: FakeContainer[];
  readonly volumes: VolumeInfo[];
  readonly networks: NetworkInfo[];
  /** A number that no other call gives: IDs come from it, so a run of the fake repeats exactly. */
  count(): number;
  ensureVolume(name: string, labels?: Labels): void;
}

/** An image of the fake; its tags change. */
export type FakeImage = Omit<ImageInfo, 'tags'> & { tags: string[] };

/** An empty state. */
export function fakeState(): FakeState {
  let counter = 0;
  const volumes: VolumeInfo[] = [];
  return {
    images: [],
    remote: new Map(),
    containers: [],
    volumes,
    networks: [],
    count: () => (counter += 1),
    ensureVolume(name, labels = {}) {
      if (!volumes.some((volume) => volume.name === name)) volumes.push({ name, labels });
    },
  };
}

/** True when the labels have all of the wanted ones (`key` or `key=value`). */
export function carriesAll(labels: Labels, wanted: readonly string[]): boolean {
  return wanted.every((want) => {
    const at = want.indexOf('=');
    return at < 0 ? Object.hasOwn(labels, want) : labels[want.slice(0, at)] === want.slice(at + 1);
  });
}
