import { posix } from 'node:path';
import picomatch from 'picomatch';
import { shellCommands } from '../../formats/shell.ts';
import type { ShellStatement } from '../../formats/statements.ts';

/**
 * Why a statement may not run in somebody's work tree: it removes, moves or overwrites files of the repository. CI's checkout is thrown away
 * afterwards, a developer's is not. `files` are those that git does not ignore, relative to the repository's top, as `cwd` is. Undefined for
 * what is harmless, and for what can't be told (a path in a variable).
 */
export function destructiveReason(
  statement: ShellStatement,
  cwd: string,
  files: readonly string[],
): string | undefined {
  const isOwn = (path: string): boolean => matchesOwn(posix.join(cwd, path), files);
  for (const { words } of shellCommands(statement.text)) {
    const [program = '', ...rest] = words.map(({ text }) => text);
    const paths = rest.filter((word) => !word.startsWith('-') && !word.includes('$'));
    const tool = program.replace(/^.*\//, '');
    if (tool === 'rm' || tool === 'unlink') {
      const path = paths.find(isOwn);
      if (path !== undefined) return `it removes ${path}, which is the repository's`;
    }
    if (tool === 'mv' || tool === 'cp') {
      const path = (tool === 'mv' ? paths : paths.slice(-1)).find((each) => isOwn(each) && !isFolder(each, cwd, files));
      const moved = tool === 'mv' ? paths.slice(0, -1).find(isOwn) : undefined;
      if (path !== undefined || moved !== undefined)
        return `it ${moved === undefined ? 'overwrites' : 'moves'} ${moved ?? path}, which is the repository's`;
    }
    if (tool === 'sed' && rest.some((word) => /^(?:-\w*i|--in-place)/.test(word)) && paths.some(isOwn))
      return `it rewrites ${paths.find(isOwn)}, which is the repository's`;
    if (tool === 'git' && changesTree(rest)) return `\`git ${rest[0]}\` changes the work tree`;
  }
  const target = [...statement.text.matchAll(/(?<![0-9&>])>\|?\s*(["']?)([\w./-]+)\1/g)]
    .map(([, , path = '']) => path)
    .find(isOwn);
  return target === undefined ? undefined : `it overwrites ${target}, which is the repository's`;
}

function changesTree([command = '', ...rest]: readonly string[]): boolean {
  if (command === 'reset') return rest.includes('--hard');
  return ['checkout', 'switch', 'clean', 'stash', 'restore', 'rebase', 'merge', 'pull', 'rm', 'mv'].includes(command);
}

function matchesOwn(path: string, files: readonly string[]): boolean {
  const pattern = path.replace(/\/+$/, '');
  if (pattern === '.') return files.length > 0;
  if (!picomatch.scan(pattern).isGlob) return files.some((file) => file === pattern || file.startsWith(`${pattern}/`));
  const matches = picomatch(pattern);
  return files.some((file) => file.split('/').some((_, index, parts) => matches(parts.slice(0, index + 1).join('/'))));
}

function isFolder(path: string, cwd: string, files: readonly string[]): boolean {
  const prefix = `${posix.join(cwd, path).replace(/\/+$/, '')}/`;
  return prefix === './' || files.some((file) => file.startsWith(prefix));
}
