import { findProject } from '../../config/project.ts';
import { ok, type Result } from '../../core/result.ts';
import { readHistory } from '../../records/run-history.ts';
import { projectKey } from '../../records/project-key.ts';
import { historyText } from '../../report/history-text.ts';
import { createPaint } from '../../report/paint.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';

/** What `parity history` is asked. */
export interface HistoryFlags {
  /** How many entries at most. */
  readonly number: number;
  /** Image and lock changes, clean and down as well. */
  readonly all: boolean;
}

/** `parity history`: the project's last runs, the newest first; as JSON one object with `schemaVersion` and the audit's `entries`. Exit code 0. */
export async function history(context: CommandContext, { number, all }: HistoryFlags): Promise<Result<number>> {
  const project = await findProject(context.cwd);
  if (!project.ok) return project;
  const { dir } = project.value;
  const known = readHistory(projectKey(dir)).filter(({ type }) => all || type === 'run');
  const entries = known.slice(-number).toReversed();
  if (context.terminal.json)
    context.terminal.print(JSON.stringify({ type: 'history', schemaVersion: 1, project: dir, entries }));
  else if (entries.length === 0) context.terminal.print(`No run of ${dir} is known yet: parity up`);
  else context.terminal.print(historyText(entries, createPaint(context.terminal.color)));
  return ok(exitCodes.yes);
}
