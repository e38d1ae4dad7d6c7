import { ok, type Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';
import { endEnvironment } from '../../environment/end-environment.ts';
import { appendHistory } from '../../app/history/append-history.ts';

/** What `parity down` needs. */
export interface DownOptions {
  readonly engine: Engine;
  /** The project's folder on the host. */
  readonly projectDir: string;
  readonly print: (text: string) => void;
  readonly json: boolean;
}

/** `parity down`: ends the project's containers now. Caches and dependencies stay in their volumes. Exit code 0. */
export async function downCommand({ engine, projectDir, print, json }: DownOptions): Promise<Result<number>> {
  const ended = await endEnvironment(engine, projectDir);
  if (!ended.ok) return ended;
  const { containers } = ended.value;
  if (containers.length > 0) await appendHistory(projectDir, { type: 'down', containers });
  if (json) print(JSON.stringify({ type: 'down', containers }));
  else print(containers.length === 0 ? 'Nothing was running.' : `Ended: ${containers.join(', ')}`);
  return ok(0);
}
