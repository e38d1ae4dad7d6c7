import { posix } from 'node:path';
import { workspaceRoot, type CiPlace, type DecidedStep, type LeftOut } from '../decided-pipeline.ts';
import { hasWord } from '../expands-variable.ts';
import { isInstallerSetting } from '../installer-setting.ts';
import { isThereAtStart } from '../variables-at-start.ts';
import { contextOf, type ExpressionScope } from './context.ts';
import { interpolate, textOf } from './expression.ts';

/** Whether a value is one of the repository's secrets, or the job's token. */
export function isSecret(text: string): boolean {
  return /^\s*\$\{\{\s*(?:secrets\.\w+|github\.token)\s*\}\}\s*$/i.test(text);
}

/** Files that GitHub gives each step to write to. */
const runnerFiles = /^GITHUB_(?:ENV|PATH|OUTPUT|STEP_SUMMARY|STATE)$/;

/** A step's variables, and those of its own that can't be decided and that its command does not name. */
export interface StepEnvironment extends Pick<DecidedStep, 'env' | 'passEnv' | 'secrets'> {
  readonly dropped: readonly { readonly name: string; readonly ofStep: boolean; readonly why: string }[];
}

/** Decides a step's variables: its own, its job's, its container's and its workflow's, or says why its command can't do without CI. */
export function environmentOf(scope: ExpressionScope, script: string): StepEnvironment | { readonly why: string } {
  const env: Record<string, string> = {};
  const dropped: { name: string; ofStep: boolean; why: string }[] = [];
  const passEnv: string[] = [];
  const secrets: string[] = [];
  const seen = new Set<string>();
  const [own = []] = scope.variables;
  for (const [index, list] of scope.variables.entries())
    for (const { name, value } of list) {
      if (name === '') {
        const map = interpolate(value.text ?? '', contextOf(scope));
        if (!map.known) return { why: `its variables can only be decided by CI: ${map.why}` };
        if (typeof map.value !== 'object' || map.value === null || Array.isArray(map.value)) continue;
        for (const [each, set] of Object.entries(map.value)) env[each] ??= textOf(set);
        continue;
      }
      if (seen.has(name) || value.text === undefined) continue;
      seen.add(name);
      const uses = hasWord(script, name);
      if (isInstallerSetting(name) && !uses) continue;
      if (!/^[A-Za-z_]\w*$/.test(name)) continue;
      if (isSecret(value.text)) {
        // One that the whole job gets is not necessarily one that this step wants.
        if (/github(?:_|\.)token/i.test(value.text) || (index > 0 && !uses)) passEnv.push(name);
        else secrets.push(name);
        continue;
      }
      const set = interpolate(value.text, contextOf(scope));
      if (set.known) env[name] = textOf(set.value);
      else if (uses) return { why: `its variable ${name} can only be decided by CI: ${set.why}` };
      else {
        // It may be there on this machine, too: a variable of the repository's settings, for one.
        if (!/^(?:PATH|HOME|PYTHON\w*|LD_\w*)$/.test(name)) passEnv.push(name);
        dropped.push({
          name,
          ofStep: own.some((each) => each.name === name),
          why: `only CI can decide it: ${set.why}; it is taken from your environment when set there`,
        });
      }
    }
  Object.assign(env, Object.fromEntries(Object.entries(scope.exported).filter(([name]) => !seen.has(name))));
  for (const [, name = ''] of script.matchAll(/\$\{?((?:GITHUB|RUNNER|ACTIONS)_[A-Z_]+)\b/g)) {
    if (name in env || passEnv.includes(name) || secrets.includes(name)) continue;
    if (name === 'GITHUB_ACTION_PATH' && scope.actionFolder !== undefined) {
      env[name] = posix.join(workspaceRoot, scope.actionFolder);
      continue;
    }
    if (isThereAtStart('github', name)) continue;
    if (!runnerFiles.test(name)) return { why: `it uses $${name}, which only GitHub sets` };
    env[name] = '/dev/null';
  }
  return { env, passEnv, secrets, dropped };
}

/** The variables that only CI can decide, as parts that are left out: one of the whole job is said the same way by each of its steps. */
export function withoutVariables(
  dropped: StepEnvironment['dropped'],
  { place, owner, job }: { readonly place: CiPlace; readonly owner: string; readonly job: string },
): readonly LeftOut[] {
  return dropped.map(({ name, ofStep, why }) => ({
    place,
    what: `variable ${name} of ${ofStep ? owner : `job ${job}`}`,
    why,
  }));
}
