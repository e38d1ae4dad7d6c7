import { baseDigest } from '../../base/base-reference.ts';
import { canonicalJson, sha256, type Digest } from '../../core/digest.ts';
import type { Platform } from '../../core/platform.ts';
import type { Lock, LockedNode } from '../../lock/lock.ts';
import { neededByTools } from '../../lock/locked-content.ts';
import type { Recipe } from '../recipe.ts';

/** A part of an image that `images/toolchain.py parts` makes by itself. */
export interface Part {
  /** `system`, `node`, `venv`, `build`, or `python/` and a package's name. */
  readonly name: string;
  /** The digest of all that decides its content. */
  readonly key: Digest;
  /** True for the venv and the packages in it, and for the venv that builds the repository's packages. */
  readonly isPython: boolean;
  /** True for a package that is built from its source, which may need the system's packages. */
  readonly isBuilt: boolean;
}

/** Part of the key only where there are any: images without them stay what they are. */
function managersOf({ managers }: LockedNode, platform: Platform): readonly unknown[] {
  if (managers === undefined) return [];
  const { bun } = managers;
  return [{ ...managers, ...(bun === undefined ? {} : { bun: bun.platforms[platform] }) }];
}

/** The parts of a lock's image in parity's own recipe: a list for each layer above the base, in the order in which Dockerfile.parity copies them. Pure. */
export function partsOf(lock: Lock, platform: Platform, recipe: Recipe): readonly (readonly Part[])[] {
  const base = baseDigest(lock.base, platform);
  const part = (name: string, content: unknown, isBuilt = false): Part => {
    const isPython = name === 'venv' || name === 'build' || name.startsWith('python/');
    return { name, key: sha256(canonicalJson([name, recipe.digest, base, content])), isPython, isBuilt };
  };
  const { node, python } = lock;
  const system = lock.system[platform].map(({ sha256: hash }) => hash);
  // A package may be there in several versions, each for other platforms.
  const names = [...new Set(python.packages.map(({ name }) => name))];
  const tools = neededByTools(python.packages);
  const packageOf = (name: string): Part => {
    const versions = python.packages.filter((each) => each.name === name);
    const isBuilt = versions.some(({ sdist }) => sdist === true);
    const pins = versions.map((each) => ({ ...each, via: undefined }));
    return part(`python/${name}`, [python.version, pins, isBuilt ? system : []], isBuilt);
  };
  const needed = python.build?.packages;
  const builds = needed?.some(({ sdist }) => sdist === true) === true;
  const build =
    needed === undefined
      ? []
      : [
          part(
            'build',
            [python.version, needed.map((each) => ({ ...each, via: undefined })), builds ? system : []],
            builds,
          ),
        ];
  return [
    [part('system', system)],
    [part('node', node === undefined ? null : [node.platforms[platform], node.npm, ...managersOf(node, platform)])],
    [part('venv', python.version), ...names.filter((name) => tools.has(name)).map(packageOf), ...build],
    names.filter((name) => !tools.has(name)).map(packageOf),
  ];
}
