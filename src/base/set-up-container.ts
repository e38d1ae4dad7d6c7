import type { Engine, Labels } from '../engine/engine.ts';

const kind = 'dev.parity.kind';
const madeAt = 'dev.parity.made-at';

/** The labels of a container that resolves or makes something and is gone afterwards. */
export function setUpLabels(): Labels {
  // By its age the next one knows one that a killed parity has left.
  return { [kind]: 'lock', [madeAt]: String(Date.now()) };
}

/** Removes what a killed parity left before or after such a container ran. One that runs ends by itself. */
export async function sweepSetUp(engine: Engine): Promise<void> {
  const found = await engine.listContainers([`${kind}=lock`]);
  if (!found.ok) return;
  const left = found.value.filter(
    ({ state, labels }) => state !== 'running' && Date.now() - Number(labels[madeAt] ?? Infinity) > 60_000,
  );
  await Promise.all(left.map(({ id }) => engine.removeContainer(id)));
}
