import type { Rule, RuleFinding } from '../audit.ts';
import type { Lock } from '../../lock/lock.ts';
import type { Subject } from '../declaration.ts';
import type { ObservedImage } from '../observed.ts';
import { agree } from '../versions.ts';

/** PD030. A package with a marker, or that the lock has twice, need not be there as the lock's first line says. */
export const imagePackageDiffers: Rule = {
  id: 'PD030',
  name: 'image-package-differs',
  severity: 'error',
  observes: true,
  sentence: 'What is installed in the image is not what the lock says.',
  check: ({ lock, toolchains = new Map<string, Lock>(), observed: { image, images } }) => [
    ...findingsOf(lock, image, ''),
    ...[...toolchains].flatMap(([name, each]) => findingsOf(each, images?.get(name), ` of ${name}`)),
  ],
};

function findingsOf(lock: Lock | undefined, image: ObservedImage | undefined, of: string): readonly RuleFinding[] {
  if (lock === undefined || image === undefined) return [];
  const found: RuleFinding[] = [];
  const hold = (subject: Subject, locked: string, there: string | undefined): void => {
    if (there === locked) return;
    found.push({
      confidence: 'high',
      topic: subject,
      message:
        there === undefined
          ? `the image${of} lacks it, the lock has ${locked}`
          : `the image${of} has ${there}, the lock has ${locked}`,
      locked,
      ...(there === undefined ? {} : { observed: there }),
      related: [],
      hint: 'parity build --check   says what the image was made from',
    });
  };
  if (image.python !== undefined) hold('python', lock.python.version, image.python);
  for (const { name, version, marker } of lock.python.packages)
    if (marker === undefined && lock.python.packages.filter((each) => each.name === name).length === 1) {
      const there = image.packages.get(name);
      if (there === undefined || !agree(there, version)) hold(`pypi:${name}`, version, there);
    }
  if (lock.node !== undefined) {
    hold('node', lock.node.version, image.node);
    hold('npm:npm', lock.node.npm.version, image.npm);
    const { pnpm, yarn, bun } = lock.node.managers ?? {};
    if (pnpm !== undefined) hold('npm:pnpm', pnpm.version, image.pnpm);
    if (yarn !== undefined) hold('npm:yarn', yarn.version, image.yarn);
    if (bun !== undefined) hold('npm:bun', bun.version, image.bun);
  }
  return found;
}
