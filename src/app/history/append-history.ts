import type { EnsuredImage } from '../../image/build.ts';
import type { AuditFact } from '../../records/entry.ts';

/** Adds a line to the audit of a project (its folder absolute and real), or of the machine; never fails what it tells of. */
export async function appendHistory(projectDir: string | 'machine', fact: AuditFact, at?: number): Promise<void> {
  const [{ appendAudit, machineKey }, { projectKey }] = await Promise.all([
    import('../../records/audit.ts'),
    import('../../records/project-key.ts'),
  ]);
  appendAudit(projectDir === 'machine' ? machineKey : projectKey(projectDir), fact, at);
}

/** Tells of an image that the engine did not have before. It is the machine's: whichever checkout of a project it was made in, all use it. */
export async function appendImageHistory({ origin, reference, imageId }: EnsuredImage): Promise<void> {
  if (origin !== 'present') await appendHistory('machine', { type: 'image', origin, reference, imageId });
}
