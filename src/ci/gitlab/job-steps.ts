import { shellCommands } from '../../formats/shell.ts';
import { shellStatements } from '../../formats/statements.ts';
import type { CiPlace, DecidedStep, LeftOut } from '../decided-pipeline.ts';
import { expandsVariable, hasWord } from '../expands-variable.ts';
import { commandKind } from '../import/command.ts';
import { isInstallerSetting } from '../installer-setting.ts';
import type { Leg } from '../legs.ts';
import type { CiVariable } from '../model.ts';
import { isThereAtStart } from '../variables-at-start.ts';
import { dotenvFiles, passesOn } from './artifacts.ts';
import { isOwnVariable } from './own-variable.ts';
import type { VariableValue } from './rules.ts';
import { placeOf, variablesIn, type Unit } from './unit.ts';

/**
 * The steps of a job. GitLab hands all its lines to one shell: where one of them changes that shell for those after it (`cd`, `export`, a
 * variable), they stay one step; else each line is a step of its own.
 */
export function stepsOf(unit: Unit, leg: Leg, name: string, leftOut: LeftOut[]): readonly DecidedStep[] {
  const { job } = unit;
  const lines = job.steps
    .flatMap((step) => (step.kind === 'run' ? [step] : []))
    .map(({ part, script: value }): Line => ({
      text: (value.value.text ?? '').replaceAll('\r\n', '\n').trim(),
      place: placeOf(value),
      ends: part === 'after_script',
    }));
  const script = lines.filter(({ ends }) => !ends);
  const after = joined(lines.filter(({ ends }) => ends));
  const tellsStatus = after.some(({ text }) => hasWord(text, 'CI_JOB_STATUS'));
  const shares = tellsStatus || needsOneShell(script.map(({ text }) => text));
  const body = shares ? joined(script) : withTheirOwn(script);
  const entries = [...(tellsStatus ? body.map(tellingStatus) : body), ...after];
  const handedOn = unit.isTaken ? dotenvFiles(job).map(passesOn) : [];
  const beginsAlways = job.when?.value.text === 'always';
  const variable = variablesIn(unit, leg);
  return entries.flatMap(({ text, place, ends }, at): DecidedStep[] => {
    const leave = (why: string): DecidedStep[] => {
      const [line = ''] = text.split('\n');
      leftOut.push({ place, what: `\`${line.length > 90 ? `${line.slice(0, 90)}…` : line}\` of job ${job.id}`, why });
      return [];
    };
    if (text.includes('$[[')) return leave('it holds an input that only GitLab can decide');
    const { fallbacks = [], ...env } = environmentOf(unit, leg, text, variable);
    if ('why' in env) return leave(env.why);
    const timeoutSeconds = secondsOf(job.timeout?.value.text);
    return [
      {
        place,
        job: job.id,
        ...(name === '' ? {} : { leg: name }),
        script: [...fallbacks, text, ...(at === body.length - 1 ? handedOn : [])].join('\n'),
        ...env,
        ...(unit.takesVariables ? { takesVariables: true } : {}),
        cwd: '.',
        ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
        ...(ends
          ? { mayFail: 'an after_script, whose result counts for nothing', endsJob: true as const }
          : job.mayFail?.value.text === 'true'
            ? { mayFail: 'allow_failure: true', mayFailAsJob: true }
            : {}),
        pipefail: true,
        tools: [],
        always: ends,
        ...(beginsAlways && !ends ? { beginsAlways: true as const } : {}),
      },
    ];
  });
}

/** An entry of a script, or several that one shell runs. */
interface Line {
  readonly text: string;
  readonly place: CiPlace;
  /** It is of the `after_script`, which has a shell of its own. */
  readonly ends: boolean;
}

function joined(lines: readonly Line[]): readonly Line[] {
  const [first] = lines;
  return first === undefined ? [] : [{ ...first, text: lines.map(({ text }) => text).join('\n') }];
}

/** Tells the `after_script` how the job ended, as GitLab does. */
function tellingStatus(line: Line): Line {
  if (/\btrap\b.*\b(?:EXIT|0)\b/.test(line.text)) return line;
  const status = '$([ $? -eq 0 ] && echo success || echo failed)';
  return { ...line, text: `trap 'echo "CI_JOB_STATUS=${status}" >> "$GITHUB_ENV"' EXIT\n${line.text}` };
}

/** Lines that say nothing by themselves (`mkdir -p reports`) stand with the line after them, the last of them with the line before. */
function withTheirOwn(lines: readonly Line[]): readonly Line[] {
  const entries: Line[] = [];
  let before = '';
  for (const [index, line] of lines.entries()) {
    const text = `${before}${line.text}`;
    const isNeutral = shellCommands(line.text).every((command) => commandKind(command) === 'neutral');
    before = isNeutral && index < lines.length - 1 ? `${text}\n` : '';
    const last = entries.at(-1);
    if (isNeutral && index === lines.length - 1 && last !== undefined)
      entries.splice(-1, 1, { ...last, text: `${last.text}\n${text}` });
    else if (before === '') entries.push({ ...line, text });
  }
  return entries;
}

/** Whether a line changes the shell for those after it, ends it before them, or asks for what one before it left there. */
function needsOneShell(texts: readonly string[]): boolean {
  return texts.some((text, at) => {
    const commands = shellCommands(text).map(({ words }) => words[0]?.text);
    const asks = at > 0 && (/\$[?!_]/.test(text) || commands.includes('wait'));
    return asks || (at < texts.length - 1 && (changesShell(text) || commands.includes('exit')));
  });
}

function changesShell(text: string): boolean {
  return shellStatements(text).some(
    (statement) =>
      statement.changesShell && !shellCommands(statement.text).every((command) => commandKind(command) === 'aside'),
  );
}

type Environment = Pick<DecidedStep, 'env' | 'passEnv' | 'secrets'> & {
  /** Lines that set what no earlier job has set. */
  readonly fallbacks?: readonly string[];
};

function environmentOf(
  { job, pipeline, takesVariables, handed }: Unit,
  leg: Leg,
  script: string,
  variable: (name: string) => VariableValue,
): Environment | { readonly why: string; readonly fallbacks?: undefined } {
  const env: Record<string, string> = {};
  const fallbacks: string[] = [];
  const uses = (name: string): boolean => expandsVariable(script, name);
  const set: readonly CiVariable[] = [...job.variables, ...pipeline.variables];
  for (const name of [...Object.keys(leg), ...set.map((each) => each.name)]) {
    if (name in env || (isInstallerSetting(name) && !uses(name)) || !/^[A-Za-z_]\w*$/.test(name)) continue;
    const value = variable(name);
    // A variable of a report stands above those of the file.
    if (typeof value === 'string' && handed.has(name) && uses(name))
      fallbacks.push(`[ -n "\${${name}+set}" ] || export ${name}='${value.replaceAll("'", `'\\''`)}'`);
    else if (typeof value === 'string') env[name] = value;
    else if (uses(name)) return { why: `its variable ${name} can only be decided by GitLab` };
  }
  const passEnv: string[] = [];
  // Of what GitLab says of the job itself, a program may be asked by its name alone: `printenv CI_JOB_NAME`.
  for (const [, braced, plain, bare] of script.matchAll(
    /(?<!\\)\$(?:\{([A-Za-z_]\w*)|([A-Z_][A-Z0-9_]*)\b)|(?<![\w$])(CI_(?:JOB_(?:NAME|STAGE|NAME_SLUG)|NODE_(?:INDEX|TOTAL)))\b/g,
  )) {
    const name = braced ?? plain ?? bare ?? '';
    if (name in env || handed.has(name) || passEnv.includes(name) || isOwnVariable(name, script)) continue;
    if (isThereAtStart('gitlab', name)) continue;
    const value = variable(name);
    if (typeof value === 'string' && !/^CI_COMMIT|^CI_MERGE|^CI_PIPELINE/.test(name)) env[name] = value;
    // What the files of earlier jobs hold is not known here.
    else if (takesVariables) continue;
    else if (/^(?:CI_|GITLAB_)/.test(name)) return { why: `it uses $${name}, which only GitLab sets` };
    // Set in the project's settings, or not at all.
    else if (/^[A-Z][A-Z0-9_]*$/.test(name)) passEnv.push(name);
  }
  return { env, passEnv, secrets: [], fallbacks };
}

/** `1h 30m`, `30 minutes`, `90s` as seconds. */
function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  let seconds = 0;
  for (const [, count, unit = 's'] of text.matchAll(/(\d+)\s*(h|m|s)\w*/g))
    seconds += Number(count) * ({ h: 3600, m: 60 }[unit] ?? 1);
  return seconds > 0 ? seconds : undefined;
}
