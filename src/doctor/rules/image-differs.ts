import type { Rule, RuleFinding } from '../audit.ts';
import type { ObservedImage } from '../observed.ts';

/** PD031. */
export const imageDiffers: Rule = {
  id: 'PD031',
  name: 'image-differs',
  severity: 'error',
  observes: true,
  sentence: 'The image, or the one that the running environment uses, is not the image that the lock names.',
  check: ({ observed: { image, images = new Map<string, ObservedImage>() } }) => [
    ...findingsOf(image, undefined),
    ...[...images].flatMap(([name, each]) => findingsOf(each, name)),
  ],
};

function findingsOf(image: ObservedImage | undefined, toolchain: string | undefined): readonly RuleFinding[] {
  if (image === undefined || image.lockedId === null) return [];
  const { id, lockedId, runningId } = image;
  const of = toolchain === undefined ? '' : ` of ${toolchain}`;
  const found: RuleFinding[] = [];
  const finding = (message: string, observed: string, hint: string): RuleFinding => ({
    confidence: 'high',
    topic: 'image',
    message,
    locked: lockedId,
    observed,
    related: [],
    hint,
  });
  if (id !== lockedId)
    found.push(
      finding(`the image${of} here is ${short(id)}, the lock names ${short(lockedId)}`, id, 'parity build --check'),
    );
  if (runningId !== undefined && runningId !== lockedId)
    found.push(
      finding(
        `the environment${of} that is up uses ${short(runningId)}, the lock names ${short(lockedId)}`,
        runningId,
        'parity down   the next parity up starts the right one',
      ),
    );
  return found;
}

function short(id: string): string {
  return id.replace('sha256:', '').slice(0, 12);
}
