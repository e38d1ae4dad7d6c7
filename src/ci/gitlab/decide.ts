import { shellCommands } from '../../formats/shell.ts';
import { shellStatements } from '../../formats/statements.ts';
import {
  workspaceRoot,
  type CiPlace,
  type DecideFacts,
  type DecidedJob,
  type DecidedPipeline,
  type DecidedStep,
  type DecidedVersion,
  type LeftOut,
} from '../decided-pipeline.ts';
import { commandKind } from '../import/command.ts';
import { expandsVariable } from '../expands-variable.ts';
import { chooseLegs, describeLegs, describeKeptLegs, offersOf, type Leg } from '../legs.ts';
import { spanOf, variableOf, type CiJob, type CiPipeline, type CiValue, type CiVariable } from '../model.ts';
import { sortByNeeds } from '../sort-by-needs.ts';
import { isOtherPython } from '../versions.ts';
import { isInstallerSetting } from '../installer-setting.ts';
import { dotenvFiles, handsFilesOn, passesOn, takesFiles } from './artifacts.ts';
import { expand } from './expand.ts';
import { gitlabService } from './services.ts';
import { isOwnVariable } from './own-variable.ts';
import { gitlabVariables } from './gitlab-variables.ts';
import { runsForChange, variablesOfEvent } from './runs.ts';
import { commitVariables, isThereAtStart } from '../variables-at-start.ts';
import type { VariableValue } from './rules.ts';

/** Decides a GitLab pipeline for a change (a merge request, or a push to a branch that is not the main one). Pure but for `readText`. */
export function decideGitlab(pipeline: CiPipeline, facts: DecideFacts): DecidedPipeline {
  const leftOut: LeftOut[] = [];
  for (const include of pipeline.includes) {
    const said =
      include.value.text ?? include.value.members.map(([key, value]) => `${key.text} ${value.text ?? ''}`).join(', ');
    const why =
      include.why ??
      (include.path === undefined
        ? 'only files of this repository are read'
        : 'there is no such file in the repository');
    if (include.why !== undefined || include.path === undefined || facts.readText(include.path) === undefined)
      leftOut.push({ place: placeOf(include), what: `include of ${include.path ?? said}`, why });
  }
  const stages = pipeline.stages.length > 0 ? pipeline.stages : ['build', 'test', 'deploy'];
  const stageOf = (job: CiJob): number => {
    const stage = job.stage ?? 'test';
    return stage === '.pre' ? -1 : stage === '.post' ? stages.length : stages.indexOf(stage);
  };
  const jobs = pipeline.jobs.filter(({ kind }) => kind === 'job').toSorted((a, b) => stageOf(a) - stageOf(b));
  const givers = jobs.filter(handsFilesOn);
  const given = new Map(
    jobs.map((job) => [job.id, job.needs ?? givers.filter((each) => stageOf(each) < stageOf(job)).map(({ id }) => id)]),
  );
  const takesFrom = (job: CiJob): readonly CiJob[] =>
    givers.filter((each) => given.get(job.id)?.includes(each.id) === true && takesFiles(job, each, pipeline));
  const taken = new Set(jobs.flatMap(takesFrom));
  const decided = jobs.flatMap((job) => {
    const from = takesFrom(job);
    const unit = {
      job,
      pipeline,
      facts,
      needs: given.get(job.id) ?? [],
      takesVariables: from.some((each) => dotenvFiles(each).length > 0),
      isTaken: taken.has(job),
    };
    return decideJob(unit, leftOut).map((each) => ({ ...each, takesFrom: from.map(({ id }) => id) }));
  });
  return { file: pipeline.file.path, jobs: sortByNeeds(decided), leftOut, understood: ['caching', 'artifacts'] };
}

interface Unit {
  readonly job: CiJob;
  readonly pipeline: CiPipeline;
  readonly facts: DecideFacts;
  readonly needs: readonly string[];
  /** Jobs whose files it takes hold variables of it in them. */
  readonly takesVariables: boolean;
  /** Later jobs take its files. */
  readonly isTaken: boolean;
}

function decideJob(given: Unit, leftOut: LeftOut[]): readonly DecidedJob[] {
  const { pipeline, facts } = given;
  const place = placeOf(given.job.key);
  const run = runsForChange(given.job, pipeline, facts);
  const job = withRule(given.job, run.runs ? run.rule : undefined);
  const unit = { ...given, job };
  const leave = (why: string): readonly DecidedJob[] => {
    leftOut.push({ place, what: `job ${job.id}`, why });
    return [];
  };
  if (job.steps.length === 0)
    return leave('it has no script: it starts another pipeline, or its template is not in the repository');
  if (job.id === 'pages') return leave("it publishes the project's pages");
  if (job.environment !== undefined)
    return leave(
      `it deploys to the environment ${job.environment.value.text ?? job.environment.value.get('name')?.text ?? ''}`,
    );
  if (!run.runs) return leave(run.why);
  const tags = job.runsOn?.value.items.map(({ text }) => text ?? '').join(' ') ?? '';
  if (/windows|macos/i.test(tags)) return leave(`it runs on ${tags}; the image is Linux`);

  const codes = job.mayFail?.value.get('exit_codes');
  if (codes !== undefined && job.mayFail !== undefined)
    leftOut.push({
      place: placeOf(job.mayFail),
      what: `allow_failure of job ${job.id}`,
      why: `in CI it may fail with exit code ${codes.text ?? codes.items.map(({ text }) => text).join(', ')}; here each failure counts`,
    });
  const legs = legsOf(job);
  const versions = (leg: Leg): ReturnType<typeof versionsOf> => versionsOf(unit, leg);
  const isUsed = (axis: string): boolean =>
    job.steps.some((step) => {
      const script = step.kind === 'run' ? (step.script.value.text ?? '') : '';
      const commands = shellCommands(script).filter((each) => !commandKind(each).endsWith('-install'));
      return commands.some(({ words }) => words.some(({ text }) => expandsVariable(text, axis)));
    });
  const { kept, others, best = {}, nameOf } = chooseLegs(legs, { ...facts, versions, isUsed });
  const other = versions(best).python?.said;
  if (other !== undefined && isOtherPython(other)) return leave(`it runs on ${other}; the image has CPython`);
  const image = imageOf(unit, best);
  if (image !== undefined && foreignImage.test(image))
    return leave(`it runs in ${image}, whose tools the image here does not have`);
  if (
    image !== undefined &&
    job.image !== undefined &&
    versionsIn(image) === undefined &&
    !/(?:^|\/)(?:debian|ubuntu|buildpack-deps)\b/.test(image)
  )
    leftOut.push({
      place: placeOf(job.image),
      what: `image ${image} of job ${job.id}`,
      why: "its steps run in parity's image here; what they need of it goes into toolchain.system",
    });
  if (others.length > 0 && job.matrix !== undefined)
    leftOut.push({ place: placeOf(job.matrix), what: describeLegs(others, job.id), why: describeKeptLegs(kept) });
  const steps = kept.flatMap((leg) => stepsOf(unit, leg, nameOf(leg), leftOut));
  const services = job.services.flatMap((service) =>
    gitlabService(service, { job, pipeline, variable: variablesIn(unit, best) }, leftOut),
  );
  const { needs } = unit;
  const offers = offersOf(legs, versions);
  return [{ id: job.id, place, ...versions(best), offers, services, steps, receivesFiles: needs.length > 0, needs }];
}

/** A job with what the rule that lets it run says of it. */
function withRule(job: CiJob, rule: CiValue | undefined): CiJob {
  if (rule === undefined) return job;
  const { value, file } = rule;
  const mayFail = value.get('allow_failure');
  return {
    ...job,
    variables: [...gitlabVariables(value.get('variables'), file), ...job.variables],
    ...(mayFail === undefined ? {} : { mayFail: { value: mayFail, file } }),
  };
}

/** Images that are there for a tool which the image here does not have. */
const foreignImage =
  /(?:^|\/)(?:docker|kaniko|golang|rust|ruby|openjdk|eclipse-temurin|maven|gradle|php|terraform|kubectl|helm|alpine-helm|release-cli|dotnet|swift|hadolint|trivy|gitleaks|sonar-scanner-cli|dind|podman|buildah|skopeo)(?::|$|\/)/;

function placeOf(value: CiValue): CiPlace {
  return { file: value.file.path, span: spanOf(value) };
}

/** `parallel: matrix` is a list of maps; each map gives all combinations of its lists. */
function legsOf(job: CiJob): readonly Leg[] {
  const legs = (job.matrix?.value.items ?? []).flatMap((entry) => {
    let some: Record<string, string>[] = [{}];
    for (const [name, values] of entry.members) {
      const list = values.text === undefined ? values.items : [values];
      some = some.flatMap((leg) => list.map(({ text = '' }) => ({ ...leg, [name.text ?? '']: text }))).slice(0, 200);
    }
    return some;
  });
  return legs.length === 0 ? [{}] : legs;
}

/** What a variable holds in a job, where the file or the leg says it. */
function variablesIn({ job, pipeline, facts }: Unit, leg: Leg): (name: string) => VariableValue {
  const events = variablesOfEvent(pipeline, facts);
  const look = (name: string, depth: number): VariableValue => {
    const ofLeg = leg[name];
    if (typeof ofLeg === 'string') return ofLeg;
    if (name === 'CI_PROJECT_DIR' || name === 'CI_BUILDS_DIR') return workspaceRoot;
    if (name === 'CI_JOB_NAME') return job.id;
    const set = variableOf(name, job.variables, pipeline.variables);
    if (set === undefined) return commitVariables.gitlab.includes(name) ? `$${name}` : events.constant(name);
    if (set.isRaw === true) return set.value.text;
    return depth > 10 ? undefined : expand(set.value.text ?? '', (inner) => look(inner, depth + 1));
  };
  return (name) => look(name, 0);
}

function imageOf(unit: Unit, leg: Leg): string | undefined {
  const value = unit.job.image?.value;
  const text = value?.isMap === true ? value.get('name')?.text : value?.text;
  return text === undefined ? undefined : (expand(text, variablesIn(unit, leg)) ?? text);
}

function versionsIn(image: string): { readonly runtime: 'python' | 'node'; readonly said: string } | undefined {
  const python =
    /(?:^|\/)python:v?(\d+(?:\.\d+)*)/.exec(image)?.[1] ??
    /(?:^|[/:-])(?:uv|poetry|pdm|python)\S*?python-?(\d\.\d+)/.exec(image)?.[1];
  if (python !== undefined) return { runtime: 'python', said: python };
  const node = /(?:^|\/)node:v?(\d+(?:\.\d+)*)/.exec(image)?.[1];
  if (node !== undefined) return { runtime: 'node', said: node };
  return undefined;
}

function versionsOf(unit: Unit, leg: Leg): { readonly python?: DecidedVersion; readonly node?: DecidedVersion } {
  const image = imageOf(unit, leg);
  const found = image === undefined ? undefined : versionsIn(image);
  if (found === undefined || unit.job.image === undefined) {
    const [axis, said] = Object.entries(leg).find(([name]) => /^(?:PYTHON|PY)_?(?:VER(?:SION)?)?$/i.test(name)) ?? [];
    if (typeof said !== 'string' || unit.job.matrix === undefined) return {};
    return { python: { place: placeOf(unit.job.matrix), said, how: `parallel.matrix ${axis ?? ''}` } };
  }
  const version = { place: placeOf(unit.job.image), said: found.said, how: `image of job ${unit.job.id}` };
  return found.runtime === 'python' ? { python: version } : { node: version };
}

/**
 * The steps of a job. GitLab hands all its lines to one shell: where one of them changes that shell for those after it (`cd`, `export`, a
 * variable), they stay one step; else each line is a step of its own.
 */
function stepsOf(unit: Unit, leg: Leg, name: string, leftOut: LeftOut[]): readonly DecidedStep[] {
  const { job } = unit;
  const lines = job.steps.flatMap((step) => (step.kind === 'run' ? [step] : []));
  for (const line of lines)
    if (line.part === 'after_script')
      leftOut.push({
        place: placeOf(line.script),
        what: `after_script of job ${job.id}`,
        why: 'its result counts for nothing in CI',
      });
  const script = lines
    .filter(({ part }) => part !== 'after_script')
    .map(({ script: value }) => ({
      text: (value.value.text ?? '').replaceAll('\r\n', '\n').trim(),
      place: placeOf(value),
    }));
  const shares = script.slice(0, -1).some(({ text }) => changesShell(text));
  const [first] = script;
  const entries =
    shares && first !== undefined
      ? [{ text: script.map(({ text }) => text).join('\n'), place: first.place }]
      : withTheirOwn(script);
  const handedOn = unit.isTaken ? dotenvFiles(job).map(passesOn) : [];
  const variable = variablesIn(unit, leg);
  return entries.flatMap(({ text, place }, at): DecidedStep[] => {
    const leave = (why: string): DecidedStep[] => {
      const [line = ''] = text.split('\n');
      leftOut.push({ place, what: `\`${line.length > 90 ? `${line.slice(0, 90)}…` : line}\` of job ${job.id}`, why });
      return [];
    };
    if (text.includes('$[[')) return leave('it holds an input that only GitLab can decide');
    const env = environmentOf(unit, leg, text, variable);
    if ('why' in env) return leave(env.why);
    const timeoutSeconds = secondsOf(job.timeout?.value.text);
    return [
      {
        place,
        job: job.id,
        ...(name === '' ? {} : { leg: name }),
        script: at === entries.length - 1 ? [text, ...handedOn].join('\n') : text,
        ...env,
        ...(unit.takesVariables ? { takesVariables: true } : {}),
        cwd: '.',
        ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
        ...(job.mayFail?.value.text === 'true' ? { mayFail: 'allow_failure: true', mayFailAsJob: true } : {}),
        pipefail: true,
        tools: [],
        always: false,
      },
    ];
  });
}

/** Lines that say nothing by themselves (`mkdir -p reports`) stand with the line after them. */
function withTheirOwn<T extends { readonly text: string }>(lines: readonly T[]): readonly T[] {
  const entries: T[] = [];
  let before = '';
  for (const [index, line] of lines.entries()) {
    const text = `${before}${line.text}`;
    const isNeutral = shellCommands(line.text).every((command) => commandKind(command) === 'neutral');
    before = isNeutral && index < lines.length - 1 ? `${text}\n` : '';
    if (before === '') entries.push({ ...line, text });
  }
  return entries;
}

function changesShell(text: string): boolean {
  return shellStatements(text).some(
    (statement) =>
      statement.changesShell && !shellCommands(statement.text).every((command) => commandKind(command) === 'aside'),
  );
}

function environmentOf(
  { job, pipeline, takesVariables }: Unit,
  leg: Leg,
  script: string,
  variable: (name: string) => VariableValue,
): Pick<DecidedStep, 'env' | 'passEnv' | 'secrets'> | { readonly why: string } {
  const env: Record<string, string> = {};
  const uses = (name: string): boolean => expandsVariable(script, name);
  const set: readonly CiVariable[] = [...job.variables, ...pipeline.variables];
  for (const name of [...Object.keys(leg), ...set.map((each) => each.name)]) {
    if (name in env || (isInstallerSetting(name) && !uses(name)) || !/^[A-Za-z_]\w*$/.test(name)) continue;
    const value = variable(name);
    if (typeof value === 'string') env[name] = value;
    else if (uses(name)) return { why: `its variable ${name} can only be decided by GitLab` };
  }
  const passEnv: string[] = [];
  // What the files of earlier jobs hold is not known here.
  if (takesVariables) return { env, passEnv, secrets: [] };
  for (const [, braced, plain] of script.matchAll(/(?<!\\)\$(?:\{([A-Za-z_]\w*)|([A-Z_][A-Z0-9_]*)\b)/g)) {
    const name = braced ?? plain ?? '';
    if (name in env || passEnv.includes(name) || isOwnVariable(name, script)) continue;
    if (isThereAtStart('gitlab', name)) continue;
    const value = variable(name);
    if (typeof value === 'string' && !/^CI_COMMIT|^CI_MERGE|^CI_PIPELINE/.test(name)) env[name] = value;
    else if (/^(?:CI_|GITLAB_)/.test(name)) return { why: `it uses $${name}, which only GitLab sets` };
    // Set in the project's settings, or not at all.
    else if (/^[A-Z][A-Z0-9_]*$/.test(name)) passEnv.push(name);
  }
  return { env, passEnv, secrets: [] };
}

/** `1h 30m`, `30 minutes`, `90s` as seconds. */
function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  let seconds = 0;
  for (const [, count, unit = 's'] of text.matchAll(/(\d+)\s*(h|m|s)\w*/g))
    seconds += Number(count) * ({ h: 3600, m: 60 }[unit] ?? 1);
  return seconds > 0 ? seconds : undefined;
}
