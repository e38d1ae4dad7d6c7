import { appendHistory } from '../../app/history/append-history.ts';
import { ok, type Result } from '../../core/result.ts';
import { endEnvironment } from '../../environment/end-environment.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { withEngine } from '../with-engine.ts';

/** `parity down`: ends the project's containers now. Caches and dependencies stay in their volumes. */
export async function down(context: CommandContext): Promise<Result<number>> {
  const { print, json } = context.terminal;
  return await withEngine(context, async (engine, projectDir) => {
    const ended = await endEnvironment(engine, projectDir);
    if (!ended.ok) return ended;
    const { containers } = ended.value;
    if (containers.length > 0) await appendHistory(projectDir, { type: 'down', containers });
    if (json) print(JSON.stringify({ type: 'down', containers }));
    else print(containers.length === 0 ? 'Nothing was running.' : `Ended: ${containers.join(', ')}`);
    return ok(exitCodes.yes);
  });
}
