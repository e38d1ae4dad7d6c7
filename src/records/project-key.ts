import { sha256, shortDigest } from '../core/digest.ts';

/** What a project's records are kept under; its folder absolute and real. */
export function projectKey(projectDir: string): string {
  return shortDigest(sha256(projectDir));
}
