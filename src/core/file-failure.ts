import { failure, type Failure } from './failure.ts';

/** The failure that an error of the file system is: `disk-full` or `io`; throws what is no such error. `doing` is the sentence's start. */
export function fileFailure(error: unknown, doing: string): Failure {
  if (!(error instanceof Error) || !('code' in error)) throw error;
  const full = error.code === 'ENOSPC' || error.code === 'EDQUOT';
  if (!full) return failure('io', `${doing}: ${error.message}`);
  return failure('disk-full', `${doing}: the disk is full`, { next: 'free some space, then run this again' });
}
