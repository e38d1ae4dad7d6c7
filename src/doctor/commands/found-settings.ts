import { posix } from 'node:path';
import type { ConfiguredTool, ToolSettings } from '../tool-settings.ts';

/** Where a tool begins to look for its settings. */
export interface ToolRun {
  readonly tool: string;
  /** The folder that it runs in, relative to the repository's top. */
  readonly cwd: string;
  /** What it looks at, likewise. */
  readonly paths: readonly string[];
}

// black and isort look from what they are given, flake8 and mypy from where they run; each upwards.
const byPaths: ReadonlySet<string> = new Set<ConfiguredTool>(['black', 'isort']);
const configured: ReadonlySet<string> = new Set<ConfiguredTool>(['black', 'isort', 'flake8', 'mypy']);

/** True for a tool that looks for its settings itself, once for all files that it is given. */
export function isConfigured(tool: string): tool is ConfiguredTool {
  return configured.has(tool);
}

/** The settings that a tool finds by itself; undefined when it finds none up to the repository's top. */
export function foundSettings(
  { tool, cwd, paths }: ToolRun,
  settings: readonly ToolSettings[],
): ToolSettings | undefined {
  for (let folder = byPaths.has(tool) ? sharedFolder(paths, cwd) : cwd; ; folder = posix.dirname(folder)) {
    const found = settings.find((each) => each.tool === tool && posix.dirname(each.path) === folder);
    if (found !== undefined || folder === '.') return found;
  }
}

function sharedFolder(paths: readonly string[], cwd: string): string {
  const folders = paths.map((path) => (/\.pyi?$/.test(path) ? posix.dirname(path) : path).split('/'));
  const [first] = folders;
  if (first === undefined) return cwd;
  const different = first.findIndex((name, at) => folders.some((other) => other[at] !== name));
  return first.slice(0, different < 0 ? first.length : different).join('/') || '.';
}

/** The first option in which two files differ, `line-length 79` and `line-length 110`; undefined when they say the same. */
export function firstDifference(
  one: ToolSettings | undefined,
  other: ToolSettings | undefined,
): { readonly one: string; readonly other: string } | undefined {
  const names = new Set([...(one?.options.keys() ?? []), ...(other?.options.keys() ?? [])]);
  for (const name of names) {
    const [a, b] = [one?.options.get(name), other?.options.get(name)];
    if (a !== b)
      return {
        one: a === undefined ? `no ${name}` : `${name} ${a}`,
        other: b === undefined ? `no ${name}` : `${name} ${b}`,
      };
  }
  return undefined;
}
