import type { EnsuredImage } from '../../image/ensure-options.ts';
import type { HistoryFact } from '../../records/history-entry.ts';

/** Adds a line to the history of a project (its folder absolute and real), or of the machine. A line that can't be written is left out: the command goes on. */
export async function appendHistory(projectDir: string | 'machine', fact: HistoryFact, at?: number): Promise<void> {
  const [{ appendHistory: appendAudit, machineKey }, { projectKey }] = await Promise.all([
    import('../../records/run-history.ts'),
    import('../../records/project-key.ts'),
  ]);
  appendAudit(projectDir === 'machine' ? machineKey : projectKey(projectDir), fact, at);
}

/** Tells of an image that the engine did not have before. It is the machine's: whichever checkout of a project it was made in, all use it. */
export async function appendImageHistory({ origin, reference, imageId }: EnsuredImage): Promise<void> {
  if (origin !== 'present') await appendHistory('machine', { type: 'image', origin, reference, imageId });
}
