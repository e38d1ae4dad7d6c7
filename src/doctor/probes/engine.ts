import { statfs } from 'node:fs/promises';
import type { Connection } from '../../engine/connect-engine.ts';
import { ok, type Result } from '../../core/result.ts';
import type { ObservedEngine } from '../observed.ts';

/** What the chosen engine is, and how much room it has, where its disk is this machine's. Err as describe has it. */
export async function probeEngine({ engine, endpoint }: Connection): Promise<Result<ObservedEngine>> {
  const described = await engine.describe();
  if (!described.ok) return described;
  const { product, version, platformText, seesHostFiles, dataRoot } = described.value;
  const disk = seesHostFiles && dataRoot !== '' ? await statfs(dataRoot).catch(() => undefined) : undefined;
  return ok({
    address: endpoint.address,
    product,
    version,
    platform: platformText,
    hostPlatform: hostPlatform(process.arch),
    ...(disk === undefined ? {} : { freeBytes: disk.bavail * disk.bsize }),
  });
}

/** The platform whose images run here without emulation: engines on macOS and Windows run Linux on the same processor. */
export function hostPlatform(arch: string): string {
  const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
  return `linux/${architectures[arch] ?? arch}`;
}
