import { posix } from 'node:path';
import type { StepConfig } from '../../config/config.ts';
import { shellCommands } from '../../formats/shell.ts';
import type { TypedFolder } from './facts.ts';

const checkers = /^(?:tsc|vue-tsc|svelte-check|tsgo|glint)$/;
// Builds that check types by themselves.
const builders = /^(?:next|ng|nuxt|nuxi|gatsby)$/;
const runners = /^(?:npm|pnpm|yarn|bun)$/;

/** The folders with a tsconfig.json for which no step of the pipeline runs a checker of types, by itself or by a script of package.json. */
export function uncheckedFolders(
  folders: readonly TypedFolder[],
  pipeline: readonly Pick<StepConfig, 'run' | 'cwd'>[],
  project: string,
): readonly TypedFolder[] {
  return folders.filter(
    (folder) => !pipeline.some((step) => reaches(step, folder, project) && checks(step.run, folder.scripts, 0)),
  );
}

/** A step in the folder, above it or below it, or that speaks of it. */
function reaches({ run, cwd }: Pick<StepConfig, 'run' | 'cwd'>, { dir }: TypedFolder, project: string): boolean {
  const at = posix.join(project, cwd);
  const within = (inner: string, outer: string): boolean =>
    outer === '.' || inner === outer || inner.startsWith(`${outer}/`);
  return within(dir, at) || within(at, dir) || run.includes(dir);
}

function checks(run: string, scripts: TypedFolder['scripts'], depth: number): boolean {
  return shellCommands(run).some(({ words }) => {
    const texts = words.map(({ text }) => text);
    const names = texts.map((text) => posix.basename(text));
    if (names.some((name) => checkers.test(name))) return true;
    if (names.some((name) => builders.test(name)) && texts.includes('build')) return true;
    // What a script of another language does is not seen; it may well check.
    if (depth > 3 || !names.some((name) => runners.test(name))) return false;
    return Object.entries(scripts).some(([name, script]) => texts.includes(name) && checks(script, scripts, depth + 1));
  });
}
