import { posix } from 'node:path';
import { shellCommands } from '../../formats/shell.ts';
import type { Audit } from '../audit.ts';
import type { LocatedCommandDeclaration } from '../declaration.ts';
import type { ToolSettings } from '../tool-settings.ts';
import { firstDifference, foundSettings, isConfigured } from './found-settings.ts';
import { invocationOf, type Invocation } from './invocation.ts';

/** A hook that finds other settings than CI or a step does for the same files. */
export interface HookApart {
  readonly tool: string;
  readonly hook: LocatedCommandDeclaration;
  readonly hookSettings: ToolSettings | undefined;
  /** Where CI or the step runs the tool: `CI (format)`, `the step black`. */
  readonly runners: readonly string[];
  readonly command: LocatedCommandDeclaration | undefined;
  /** The folder that those are about. */
  readonly folder: string;
  readonly settings: ToolSettings | undefined;
  /** What the two say first that differs: the hook's, the others'. */
  readonly difference: { readonly one: string; readonly other: string };
}

interface Run {
  readonly invocation: Invocation;
  readonly cwd: string;
  readonly runner: string;
  readonly command?: LocatedCommandDeclaration;
}

/**
 * The hooks of pre-commit, which run from the repository's top over all files, whose tool finds other settings there than CI and the steps
 * find in a folder below. Nothing for a hook that is given some files only, or that names its config.
 */
export function hooksApart({ commands, settings, pipeline = [], project }: Audit): readonly HookApart[] {
  const runs = [...ciRuns(commands), ...stepRuns(pipeline, project)];
  return commands.flatMap((hook): readonly HookApart[] => {
    if (hook.by !== 'pre-commit' || hook.isPartial === true) return [];
    // A formatter is no check without --check; its hook is one all the same.
    const own = invocationOf(hook.command) ?? invocationOf(`${hook.command} --check`);
    if (own === undefined || !isConfigured(own.tool) || own.config !== undefined) return [];
    const { tool } = own;
    const hookSettings = foundSettings({ tool, cwd: '.', paths: ['.'] }, settings);
    const apart = new Map<string, HookApart>();
    for (const { invocation, cwd, runner, command } of runs) {
      if (invocation.tool !== tool || invocation.config !== undefined) continue;
      const found = foundSettings({ tool, cwd, paths: invocation.paths }, settings);
      const difference = firstDifference(hookSettings, found);
      if (found === hookSettings || difference === undefined) continue;
      const key = found?.path ?? '';
      const before = apart.get(key);
      apart.set(
        key,
        before === undefined
          ? {
              tool,
              hook,
              hookSettings,
              runners: [runner],
              command,
              folder: found === undefined ? cwd : posix.dirname(found.path),
              settings: found,
              difference,
            }
          : { ...before, runners: [...new Set([...before.runners, runner])], command: before.command ?? command },
      );
    }
    return [...apart.values()];
  });
}

function ciRuns(commands: readonly LocatedCommandDeclaration[]): readonly Run[] {
  return commands.flatMap((command): readonly Run[] => {
    if (command.by !== 'ci') return [];
    const cwd = posix.normalize(command.cwd ?? '.');
    const invocation = invocationOf(command.command, cwd);
    return invocation === undefined ? [] : [{ invocation, cwd, runner: `CI (${command.where})`, command }];
  });
}

function stepRuns(pipeline: NonNullable<Audit['pipeline']>, project: string): readonly Run[] {
  return pipeline.flatMap((step) => {
    let cwd = posix.join(project, step.cwd);
    return shellCommands(step.run).flatMap(({ words }): readonly Run[] => {
      const [first, second] = words;
      if (first?.text === 'cd' && second !== undefined) cwd = posix.join(cwd, second.text);
      const invocation = invocationOf(words.map(({ text }) => text).join(' '), cwd);
      return invocation === undefined ? [] : [{ invocation, cwd, runner: `the step ${step.name}` }];
    });
  });
}
