import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gitTop, isUvMember } from './project.ts';

/** The folder above, in the same git repository, whose uv.lock has the package of a folder; undefined for none, and where the folder has its own. */
export function uvWorkspaceAbove(dir: string): string | undefined {
  const top = gitTop(dir);
  if (top === undefined || existsSync(join(dir, 'uv.lock'))) return undefined;
  for (let above = dir; above !== top;) {
    above = dirname(above);
    if (isUvMember(above, dir)) return above;
  }
  return undefined;
}
