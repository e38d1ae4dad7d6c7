import { replayEvents, currentReplay } from '../app/replay/replay-events.ts';
import { callOf } from '../app/replay/replay.ts';
import { ok } from '../core/result.ts';
import { exitCodeOfRun } from './exit.ts';
import { isGlobalOptions } from './options.ts';
import { inSession, type ProcessEdge } from './session.ts';

/** Replays a call's last run when nothing has changed since, and gives its exit code; undefined when the command has to run. */
export async function replayRun(edge: ProcessEdge): Promise<number | undefined> {
  const begun = Date.now();
  const current = await currentReplay(callOf(edge.argv, edge.cwd, edge.env), edge.env);
  const options = current?.replay.options;
  if (current === undefined || !isGlobalOptions(options)) return undefined;
  return await inSession(edge, options, async ({ events }) =>
    ok(exitCodeOfRun(replayEvents(current, events.emit, begun))),
  );
}
