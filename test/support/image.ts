import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/config/config.ts';
import { packageRoot } from '../../src/core/paths.ts';
import type { ProgressEvent } from '../../src/core/progress.ts';
import type { Result } from '../../src/core/result.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Lock } from '../../src/lock/lock.ts';

/** The root parity.lock.json. */
export function referenceLock(): Lock {
  return JSON.parse(readFileSync(join(packageRoot(), 'parity.lock.json'), 'utf8')) as Lock;
}

/** The reference lock's base with no packages, no Node, and what a test wants on it: its image builds in seconds. */
export function bareLock(
  more: Partial<Omit<Lock, 'python'>> & { readonly packages?: Lock['python']['packages'] } = {},
): Lock {
  const { node: _node, ...lock } = referenceLock();
  const { packages = [], ...rest } = more;
  return {
    ...lock,
    system: { 'linux/amd64': [], 'linux/arm64': [] },
    platforms: { 'linux/amd64': { image: null }, 'linux/arm64': { image: null } },
    ...rest,
    python: { version: lock.python.version, packages },
  };
}

/** A config of which an image build looks at nothing but the recipe's name. */
export function imageConfig(dockerfile?: string): Config {
  return {
    source: { kind: 'detected', notes: [] },
    toolchain: { python: '3.11', tools: [], requirements: [], system: [] },
    image: { base: 'auto', ...(dockerfile === undefined ? {} : { dockerfile }) },
    services: [],
    cache: {},
    doctor: { ignore: [] },
    pipeline: [],
  };
}

/** The value; throws the failure as text. */
export function must<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  const { reason, message, detail = '', next = '' } = result.error;
  throw new Error(`${reason}: ${message}\n${detail}\n${next}`);
}

/** Runs a shell command in a container of an image, without network, as a user; gives its output, both streams in order. */
export async function runIn(engine: Engine, image: string, command: string, user = '12345:12345'): Promise<string> {
  const id = must(
    await engine.createContainer({
      image,
      user,
      command: ['sh', '-c', command],
      entrypoint: [],
      labels: { 'dev.parity.kind': 'test' },
      network: 'none',
    }),
  );
  try {
    must(await engine.startContainer(id));
    must(await engine.waitContainer(id));
    return must(await engine.containerLogs(id));
  } finally {
    await engine.removeContainer(id);
  }
}

/** Keeps progress, for a test that looks at it. */
export function kept(): { readonly events: ProgressEvent[]; readonly emit: (event: ProgressEvent) => void } {
  const events: ProgressEvent[] = [];
  return { events, emit: (event) => events.push(event) };
}
