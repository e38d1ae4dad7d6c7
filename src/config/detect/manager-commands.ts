import { shellWord } from '../../core/shell-word.ts';
import type { FolderManager } from './package-managers.ts';

/** A workspace's member that has a script. */
export interface ScriptMember {
  /** Its name in package.json; absent when it has none. */
  readonly name: string | undefined;
}

/** The command that runs a script of a folder's package.json. */
export function scriptCommand({ name }: FolderManager, script: string): string {
  return `${name} run ${shellWord(script)}`;
}

/** The command that runs a program of a folder's dependencies. */
export function programCommand({ name }: FolderManager, program: string): string {
  switch (name) {
    case 'npm':
      return `npx ${program}`;
    case 'pnpm':
      return `pnpm exec ${program}`;
    case 'yarn':
    case 'bun':
      return `${name} run ${program}`;
    default:
      return name satisfies never;
  }
}

/** The command that runs a script in all members of a workspace that have it. */
export function memberCommand({ name }: FolderManager, script: string, members: readonly ScriptMember[]): string {
  switch (name) {
    case 'npm':
      return `npm run ${script} --workspaces --if-present`;
    case 'pnpm':
      return `pnpm --recursive run ${script}`;
    case 'yarn':
      // What runs a script everywhere is another command in each Yarn, and Yarn 1's fails where a member lacks it.
      return members.map((each) => `yarn workspace ${shellWord(each.name ?? '')} run ${script}`).join(' && ');
    case 'bun':
      return `bun run --filter '*' ${script}`;
    default:
      return name satisfies never;
  }
}
