import { ok, type Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';
import { cleanEngine } from '../../environment/end-environment.ts';
import { prunePartCache } from '../../image/parts/part-cache.ts';
import { openPassCache } from '../../pipeline/cache/results.ts';
import { pruneHistory } from '../../records/run-history.ts';
import { pruneRunLogs } from '../../records/run-logs.ts';
import { removeUnusedCheckouts } from '../../workspace/checkouts/remove-unused-checkouts.ts';
import { appendHistory } from '../../app/history/append-history.ts';
import { startConnecting } from '../../app/project/pending-engine.ts';
import type { CommandContext } from '../context.ts';

/** `parity clean`. */
export async function clean(context: CommandContext, { all }: { readonly all: boolean }): Promise<Result<number>> {
  const { print, json } = context.terminal;
  const pending = startConnecting(context);
  try {
    const engine = await pending.engine();
    return engine.ok ? await cleanCommand({ engine: engine.value, all, print, json }) : engine;
  } finally {
    await pending.close();
  }
}

/** What `parity clean` needs. */
export interface CleanOptions {
  readonly engine: Engine;
  /** Also what running sessions use. */
  readonly all: boolean;
  readonly print: (text: string) => void;
  readonly json: boolean;
}

// The history of a project is kept for half a year after its last run.
const keptAuditMs = 180 * 24 * 3600 * 1000;

/**
 * `parity clean`: removes everything of parity's from the engine, and nothing else, and from its cache the passes of earlier runs and
 * the checkouts, image parts and logs that no run needs any more (with `all` every one that is not in use); says what and how much. Exit code 0.
 */
export async function cleanCommand({ engine, all, print, json }: CleanOptions): Promise<Result<number>> {
  const cleaned = await cleanEngine(engine, { all });
  if (!cleaned.ok) return cleaned;
  const { containers, volumes, networks, images, inUse } = cleaned.value;
  // After the containers that had them mounted.
  const { removed: checkouts } = await removeUnusedCheckouts({ all });
  const { entries: passes } = await openPassCache().prune({ all: true });
  const { removed: imageParts, freedBytes: partBytes } = await prunePartCache({ all });
  const { runs: logs, freedBytes: logBytes } = pruneRunLogs({ all });
  const freedBytes = cleaned.value.freedBytes + partBytes + logBytes;
  await appendHistory('machine', {
    type: 'clean',
    all,
    removed: {
      containers: containers.length,
      volumes: volumes.length,
      networks: networks.length,
      images: images.length,
      checkouts: checkouts.length,
      passes,
      imageParts,
      logs,
    },
    freedBytes,
  });
  pruneHistory(keptAuditMs);
  if (json) {
    const cache = { checkouts: checkouts.length, passes, imageParts, logs };
    print(JSON.stringify({ type: 'clean', ...cleaned.value, freedBytes, ...cache }));
    return ok(0);
  }
  const counted = [
    count(containers.length, 'container'),
    count(volumes.length, 'volume'),
    count(networks.length, 'network'),
    count(images.length, 'image'),
    count(checkouts.length, 'checkout'),
    passes === 0 ? undefined : `${passes} kept pass${passes === 1 ? '' : 'es'}`,
    count(imageParts, 'image part'),
    logs === 0 ? undefined : `the logs of ${logs} run${logs === 1 ? '' : 's'}`,
  ].filter((text) => text !== undefined);
  const lines = [
    counted.length === 0 ? 'Nothing to remove.' : `Removed ${counted.join(', ')}: ${bytes(freedBytes)} freed.`,
  ];
  if (inUse.length > 0)
    lines.push(`Left alone, in use: ${inUse.join(', ')}`, 'To end and remove those as well: parity clean --all');
  print(lines.join('\n'));
  return ok(0);
}

function count(number: number, noun: string): string | undefined {
  return number === 0 ? undefined : `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function bytes(number: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = number;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
