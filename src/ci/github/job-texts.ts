import { expandsVariable } from '../expands-variable.ts';
import type { CiJob, CiVariable } from '../model.ts';
import { knownAction } from './known-actions.ts';

/** Variables that choose what a command runs. */
const taskVariable = /^(?:|TOX_?ENV|TOX_?ENVS|NOX_?SESSIONS?|TASKS?|SESSION|SUITE|TEST_SUITE|COMMAND)$/i;

/** Where a job names what runs: its scripts and their conditions, its folders, and what actions and called workflows get that is no version. */
export function jobTexts(job: CiJob): readonly string[] {
  const chosen = (variables: readonly CiVariable[], script = ''): readonly (string | undefined)[] =>
    variables
      .filter(({ name }) => taskVariable.test(name) || expandsVariable(script, name))
      .map(({ value }) => value.text);
  const given = (job.calls?.inputs ?? []).filter(({ name }) => !/version/.test(name)).map(({ value }) => value.text);
  return [[...chosen(job.variables), ...given].join('\n')].concat(
    job.steps.map((step) => {
      const parts =
        step.kind === 'run'
          ? [withoutInstalls(step.script.value.text ?? '')]
          : step.kind === 'other' || !mayRun(step.uses.value.text ?? '')
            ? []
            : step.inputs.filter(({ name }) => !/version/.test(name)).map(({ value }) => value.text);
      const named = chosen([...step.variables, ...job.variables], parts.join('\n'));
      const runs = parts.some((part) => part !== undefined && part.trim() !== '');
      return [...parts, ...named, step.folder?.value.text, runs ? step.condition?.value.text : ''].join('\n');
    }),
  );
}

/** What a script installs is a version of the toolchain, not what runs. */
function withoutInstalls(script: string): string {
  const installs =
    /^.*\b(?:pip[\d.]*|uv|uv pip|poetry|pdm|pipenv|npm|pnpm|yarn|bun|apt|apt-get|conda|mamba) (?:\S+ )*?(?:install|add|sync|ci|i)\b.*$/gm;
  return script.replace(/\\\n/g, ' ').replace(installs, '');
}

/** An action that may stand for a command: none that sets up, caches or uploads. */
function mayRun(uses: string): boolean {
  const known = knownAction(uses.split('@')[0]?.toLowerCase() ?? '');
  return known === undefined || known.kind === 'command';
}
