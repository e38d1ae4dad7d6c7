import { shellCommands } from '../../formats/shell.ts';
import type { DecideFacts, DecidedJob, DecidedPipeline, DecidedVersion, LeftOut } from '../decided-pipeline.ts';
import { commandKind } from '../import/command.ts';
import { expandsVariable, hasWord } from '../expands-variable.ts';
import { chooseLegs, describeLegs, describeKeptLegs, offersOf, type Leg } from '../legs.ts';
import type { CiJob, CiPipeline, CiValue } from '../model.ts';
import { sortByNeeds } from '../sort-by-needs.ts';
import { isOtherPython } from '../versions.ts';
import { dotenvFiles, dotenvNames, handedPaths, handsFilesOn, takesFiles } from './artifacts.ts';
import { expand } from './expand.ts';
import { gitlabService } from './services.ts';
import { stepsOf } from './job-steps.ts';
import { gitlabVariables } from './gitlab-variables.ts';
import { runsForChange } from './runs.ts';
import { placeOf, variablesIn, type Unit } from './unit.ts';

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
  const earlier = (job: CiJob, among: readonly CiJob[]): readonly string[] =>
    among.filter((each) => stageOf(each) < stageOf(job)).map(({ id }) => id);
  const given = new Map(jobs.map((job) => [job.id, job.needs ?? job.filesOf ?? earlier(job, givers)]));
  const takesFrom = (job: CiJob): readonly CiJob[] =>
    givers.filter(
      (each) => (job.filesOf ?? given.get(job.id))?.includes(each.id) === true && takesFiles(job, each, pipeline),
    );
  const taken = new Set(jobs.flatMap(takesFrom));
  const decided = jobs.flatMap((job) => {
    const from = takesFrom(job);
    const unit = {
      job,
      pipeline,
      facts,
      needs: given.get(job.id) ?? [],
      takesVariables: from.some((each) => dotenvFiles(each).length > 0),
      handed: new Set(from.flatMap(dotenvNames)),
      isTaken: taken.has(job),
    };
    const handsOn = handedPaths(job);
    sayCache(job, jobs, leftOut);
    return decideJob(unit, leftOut).map((each) => ({
      ...each,
      takesFrom: from.map(({ id }) => id),
      receivesFiles: from.length > 0,
      ...(handsOn === undefined ? {} : { handsOn }),
      ...(job.needs === undefined ? { follows: earlier(job, jobs) } : {}),
    }));
  });
  return { file: pipeline.file.path, jobs: sortByNeeds(decided), leftOut, understood: ['caching', 'artifacts'] };
}

function decideJob(given: Unit, leftOut: LeftOut[]): readonly DecidedJob[] {
  const { facts } = given;
  const place = placeOf(given.job.key);
  const run = runsForChange(given.job, given.pipeline, facts);
  const job = withRule(given.job, run.runs ? run.rule : undefined);
  const { inheritsVariables: names } = job;
  const variables = (run.runs ? run.variables : given.pipeline.variables).filter(
    ({ name }) => names === undefined || names.includes(name),
  );
  const pipeline = { ...given.pipeline, variables };
  const unit = { ...given, job, pipeline };
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
  const usesPart = job.steps.some(
    (step) => step.kind === 'run' && hasWord(step.script.value.text ?? '', 'CI_NODE_INDEX'),
  );
  const legs = usesPart ? partsOf(job) : legsOf(job);
  if (job.times !== undefined && !usesPart)
    leftOut.push({
      place: placeOf(job.times),
      what: `parallel: ${job.times.value.text ?? ''} of job ${job.id}`,
      why: 'as far as its script tells, each does the same; here it runs once',
    });
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
  return [{ id: job.id, place, ...versions(best), offers, services, steps, needs }];
}

/** Says of a cache of files which another job leaves there that they are not there here: in CI they may be. */
function sayCache(job: CiJob, jobs: readonly CiJob[], leftOut: LeftOut[]): void {
  const others = jobs.filter((each) => each !== job && !givesNothing(each));
  const shared = cachedPaths(job).filter((path) => others.some((each) => cachedPaths(each).includes(path)));
  if (job.cache === undefined || shared.length === 0 || job.cache.value.get('policy')?.text === 'push') return;
  leftOut.push({
    place: placeOf(job.cache),
    what: `cache of job ${job.id}`,
    why: `what other jobs leave in ${shared.join(', ')} is not there; in CI it may be, or not`,
  });
}

function givesNothing({ cache }: CiJob): boolean {
  return cache?.value.get('policy')?.text === 'pull';
}

/** Paths of a cache, but for those that package managers fill: these have caches here, too. */
function cachedPaths({ cache }: CiJob): readonly string[] {
  const paths = (cache?.value.get('paths')?.items ?? []).flatMap(({ text }) => text ?? []);
  return paths.filter(
    (path) =>
      !/(?:^|\/)(?:node_modules|\.?venv|\.npm|\.yarn|\.pnpm-store|\.cache|\.?pip|\.cargo|vendor|\.m2|\.gradle|\.tox|\.nox|\.mypy_cache|\.ruff_cache)(?:\/|$)|cache/i.test(
        path,
      ),
  );
}

/** A job with what the rule that lets it run says of it. */
function withRule(job: CiJob, rule: CiValue | undefined): CiJob {
  if (rule === undefined) return job;
  const { value, file } = rule;
  const mayFail = value.get('allow_failure');
  const when = value.get('when');
  return {
    ...job,
    variables: [...gitlabVariables(value.get('variables'), file), ...job.variables],
    ...(mayFail === undefined ? {} : { mayFail: { value: mayFail, file } }),
    ...(when === undefined ? {} : { when: { value: when, file } }),
  };
}

/** Images that are there for a tool which the image here does not have. */
const foreignImage =
  /(?:^|\/)(?:docker|kaniko|golang|rust|ruby|openjdk|eclipse-temurin|maven|gradle|php|terraform|kubectl|helm|alpine-helm|release-cli|dotnet|swift|hadolint|trivy|gitleaks|sonar-scanner-cli|dind|podman|buildah|skopeo)(?::|$|\/)/;

/** `parallel: 3` runs a job three times, each with its number. */
function partsOf(job: CiJob): readonly Leg[] {
  const count = Math.min(200, Number(job.times?.value.text ?? 1));
  return Array.from({ length: count }, (_, at) => ({ CI_NODE_INDEX: String(at + 1), CI_NODE_TOTAL: String(count) }));
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
