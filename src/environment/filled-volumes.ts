import { rm } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../core/cache-folder.ts';
import { cacheJson, readCachedJson } from '../core/json-cache.ts';
import { memberOf } from '../core/json.ts';
import type { Engine } from '../engine/engine.ts';
import { label } from './environment-id.ts';

// What a step left in a volume can't be seen from outside. A mark in parity's cache says which step's key filled it last, and when the engine made
// the volume: it goes before a step writes there, and comes back when that step has passed.

/** Records that a volume's content is unknown; called before a step that writes there starts. */
export function unmarkVolume(name: string): void {
  rmSync(markerFile(name), { force: true });
}

/** Says which step's key has filled a volume. One that can't be said costs time, nothing else. */
export async function markVolume(engine: Engine, name: string, stepKey: string): Promise<void> {
  const created = (await creationTimes(engine)).get(name);
  if (created === undefined) return;
  await cacheJson(markerFile(name), { key: stepKey, created });
}

/** Whether all these volumes are there and were filled last by the step with this key. */
export async function areFilledBy(engine: Engine, names: readonly string[], key: string): Promise<boolean> {
  const times = await creationTimes(engine);
  const held = await Promise.all(
    names.map(async (name) => {
      const created = times.get(name);
      if (created === undefined) return false;
      const isMarked = (mark: unknown): boolean =>
        memberOf(mark, 'key') === key && memberOf(mark, 'created') === created;
      if (readCachedJson(markerFile(name), isMarked) === true) return true;
      await rm(markerFile(name), { force: true });
      return false;
    }),
  );
  return held.every(Boolean);
}

async function creationTimes(engine: Engine): Promise<ReadonlyMap<string, string>> {
  const listed = await engine.listVolumes([`${label.kind}=volume`]);
  if (!listed.ok) return new Map();
  return new Map(listed.value.map(({ name, labels, createdAt }) => [name, createdAt ?? labels[label.created] ?? '']));
}

function markerFile(name: string): string {
  return join(cacheFolder('volumes'), `${name}.json`);
}
