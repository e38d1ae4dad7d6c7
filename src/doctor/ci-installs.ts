import { posix } from 'node:path';
import { shellCommands } from '../formats/shell.ts';
import type { Audit } from './audit.ts';
import type { LocatedCommandDeclaration } from './declaration.ts';

/** Requirements that a job of CI installs: a file, or extras and groups of the pyproject.toml in a folder. */
export interface CiInstall {
  readonly job: string;
  /** Relative to the repository's top. */
  readonly path: string;
  /** The extras and groups; absent for a file that is installed as a whole. */
  readonly parts?: readonly string[];
  readonly command: LocatedCommandDeclaration;
}

/** What CI's jobs install by `pip install`, `uv pip install` and `pip-sync`, with the files that those take in. */
export function ciInstalls({ commands, includes }: Pick<Audit, 'commands' | 'includes'>): readonly CiInstall[] {
  return commands.flatMap((command): readonly CiInstall[] => {
    if (command.by !== 'ci') return [];
    const base = { job: command.where, command };
    const { files, parts } = installedBy(command.command);
    const folder = command.cwd ?? '.';
    const all = new Set(files.map((file) => posix.join(folder, file)));
    // A set grows while it is gone through: files that files take in.
    for (const path of all)
      for (const each of includes) if (each.from === path && each.as === 'requirements') all.add(each.path);
    return [
      ...[...all].map((path) => ({ ...base, path })),
      ...(parts.length === 0 ? [] : [{ ...base, path: posix.join(folder, 'pyproject.toml'), parts }]),
    ];
  });
}

function installedBy(command: string): { readonly files: readonly string[]; readonly parts: readonly string[] } {
  const files: string[] = [];
  const parts: string[] = [];
  for (const { words } of shellCommands(command)) {
    const texts = words.map(({ text }) => text);
    const verb = texts.findIndex((text) => text === 'install' || text === 'sync' || /(?:^|\/)pip-sync$/.test(text));
    if (verb < 0 || !texts.slice(0, verb + 1).some((text) => /(?:^|\/)(?:pip[\d.]*|pip-sync)$/.test(text))) continue;
    for (const [index, text] of texts.entries()) {
      if (index <= verb) continue;
      const [, option, joined] = /^(-r|--requirements?|--group)(?:=?(.+))?$/.exec(text) ?? [];
      const value = joined ?? texts[index + 1];
      if (option === '--group' && value !== undefined) parts.push(value);
      else if (option !== undefined && value !== undefined) files.push(value);
      const extras = /^(?:\.|\.\/)\[([\w.,\s-]+)\]$/.exec(text)?.[1];
      if (extras !== undefined) parts.push(...extras.split(',').map((extra) => extra.trim()));
      if (texts[verb]?.endsWith('pip-sync') === true && !text.startsWith('-')) files.push(text);
    }
  }
  return { files: files.filter((file) => !/[${}]|:\/\//.test(file)), parts };
}
