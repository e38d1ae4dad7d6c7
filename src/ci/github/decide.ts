import type {
  DecideFacts,
  DecidedJob,
  DecidedPipeline,
  DecidedService,
  DecidedStep,
  LeftOut,
  MissingFiles,
} from '../decided-pipeline.ts';
import { madeFiles } from '../import/made-files.ts';
import { chooseLegs, describeLegs, describeKeptLegs, offersOf } from '../legs.ts';
import { hasWord } from '../expands-variable.ts';
import { sortByNeeds } from '../sort-by-needs.ts';
import { isOtherPython } from '../versions.ts';
import { containerService } from '../services.ts';
import { spanOf, type CiJob, type CiPipeline, type CiStep } from '../model.ts';
import { downloadOf, uploadOf, withArrivals, type Download, type Upload } from './artifacts.ts';
import { exportedVariables } from './exported-variables.ts';
import { contextOf, type ExpressionScope, type GithubEvent } from './context.ts';
import { interpolate, textOf } from './expression.ts';
import { checkoutsOf } from './checkouts.ts';
import { gatedSteps } from './gates.ts';
import { takesFilesFrom } from './handed-files.ts';
import { jobTexts } from './job-texts.ts';
import { setByAction } from './known-actions.ts';
import { withoutMergedLegs } from './merged-legs.ts';
import { repeatedLeg, withoutRepetition } from './repeated-legs.ts';
import { runnerOf, runsOnLinuxAsWell, withoutBsd } from './other-systems.ts';
import { matrixLegs, type MatrixLeg } from './matrix.ts';
import { decideStep, evaluateCondition, flatSteps, minutesOf, runsAfterFailure } from './steps.ts';
import { withoutOtherPythons } from './several-pythons.ts';
import { jobVersions } from './toolchain.ts';
import { type Unit, eventsOf, unitsOf, unmetCondition } from './units.ts';

/** Whether a workflow checks changes: a pull request or a push to a branch starts it. */
export function checksChanges(pipeline: CiPipeline): boolean {
  const events = eventsOf(pipeline);
  return events.includes('pull_request') || events.includes('push');
}

/** Decides a workflow for a change (a pull request, or a push to a branch that is not the main one). Pure but for `readText`. */
export function decideGithub(pipeline: CiPipeline, facts: DecideFacts): DecidedPipeline {
  const leftOut: LeftOut[] = [];
  const understood = new Set<string>();
  const units = unitsOf(pipeline, facts, leftOut);
  const missingLegs = new Map<string, number>();
  const [uploads, downloads]: [Upload[], Download[]] = [[], []];
  const decided = units.flatMap((unit) =>
    decideJob(unit, facts, { units, leftOut, understood, missingLegs, uploads, downloads }).map((job) => ({
      ...job,
      takesFrom: takesFilesFrom(job.id, units),
    })),
  );
  const { jobs, leftOut: merging } = withoutMergedLegs(units, decided, { missingLegs, uploads, downloads });
  leftOut.push(...merging);
  noteDownloads(units, jobs, leftOut);
  const arrived = withArrivals(jobs, uploads, downloads);
  return { file: pipeline.file.path, jobs: sortByNeeds(arrived), leftOut, understood: [...understood] };
}

/** Files of another job are in the workspace that all steps share, when that job's steps are here. */
function noteDownloads(units: readonly Unit[], jobs: readonly DecidedJob[], leftOut: LeftOut[]): void {
  for (const { id, job, needs } of units) {
    if (!jobs.some((each) => each.id === id && each.steps.length > 0)) continue;
    const missing = needs.filter((need) => !jobs.some((each) => each.id === need && each.steps.length > 0));
    for (const step of job.steps) {
      if (step.kind !== 'use' || !/^actions\/download-artifact\b/i.test(step.uses.value.text ?? '')) continue;
      if (missing.length === 0 && needs.length > 0) continue;
      const place = { file: step.file.path, span: spanOf({ value: step.at, file: step.file }) };
      const whose = missing.length === 0 ? 'another workflow makes' : `job ${missing.join(', ')} makes`;
      leftOut.push({ place, what: `the files that job ${id} downloads`, why: `${whose} them, and that is not here` });
    }
  }
}

/** What is told of the jobs. */
interface Told {
  readonly leftOut: LeftOut[];
  readonly understood: Set<string>;
  /** How many legs of a job are not here. */
  readonly missingLegs: Map<string, number>;
  readonly uploads: Upload[];
  readonly downloads: Download[];
  readonly units: readonly Unit[];
}

function decideJob(unit: Unit, facts: DecideFacts, told: Told): readonly DecidedJob[] {
  const { leftOut } = told;
  const { id, job, scope, events } = unit;
  const place = { file: job.key.file.path, span: spanOf(job.key) };
  const leave = (why: string): readonly DecidedJob[] => {
    leftOut.push({ place, what: `job ${id}`, why });
    return [];
  };
  const unmet = unmetCondition(job, scope, events);
  if (unmet !== undefined) return leave(unmet);
  if (job.environment !== undefined) {
    const name = job.environment.value.text ?? job.environment.value.get('name')?.text ?? '';
    return leave(`it deploys to the environment ${name}`);
  }
  const { legs, undecided } = matrixLegs(job.matrix?.value, contextOf(scope));
  const base: ExpressionScope = { ...scope, undecidedAxes: undecided };
  const systems = legs.map((leg) => runnerOf(job.runsOn, { ...base, leg }));
  // What only a fast Mac does in CI, and Linux can do as well, is done here.
  const isBorrowed = systems.every(({ system }) => system === 'macos') && runsOnLinuxAsWell(unit, told.units);
  const linux = isBorrowed ? legs : legs.filter((_, index) => systems[index]?.system === 'linux');
  if (isBorrowed)
    leftOut.push({ place, what: `${systems[0]?.said ?? 'the Mac'} of job ${id}`, why: 'its steps run on Linux here' });
  if (linux.length === 0)
    return leave(`it runs on ${[...new Set(systems.map((each) => each.said))].join(', ')}; the image is Linux`);
  const versionsOf = (leg: MatrixLeg): ReturnType<typeof jobVersions> => jobVersions(job, { ...base, leg }, facts);
  const { kept, others, best, nameOf } = chooseLegs(linux, {
    ...facts,
    versions: versionsOf,
    isUsed: (axis) => jobTexts(job).some((text) => hasWord(text, `matrix.${axis}`)),
  });
  const elsewhereAt = foreignCheckout(job, { ...base, leg: best ?? {} });
  if (elsewhereAt !== undefined) return leave(`its steps run in a checkout of another repository, ${elsewhereAt}`);
  const versions = versionsOf(best ?? {});
  const other = versions.python?.said;
  if (other !== undefined && isOtherPython(other)) return leave(`it runs on ${other}; the image has CPython`);
  for (const { axis, why } of undecided)
    leftOut.push({ place, what: `matrix of job ${id}`, why: `its ${axis} can only be decided by CI: ${why}` });
  told.missingLegs.set(id, legs.length - kept.length + (unit.called?.missingLegs ?? 0));
  noteOtherLegs([...others, ...legs.filter((leg) => !linux.includes(leg))], kept, unit, leftOut);

  const beside = versions.python?.others ?? [];
  if (versions.python !== undefined && beside.length > 0)
    leftOut.push({
      place: versions.python.place,
      what: `Python ${beside.join(', ')} beside ${versions.python.said} of job ${id}`,
      why: 'an environment has one toolchain; tox leaves out what is for the others',
    });
  const { steps, missing, services } = decideLegs({ unit, facts, told }, base, {
    kept,
    best,
    nameOf,
    isBorrowed,
    others: beside,
  });
  noteContainer(unit, base, leftOut);
  if (
    steps.length === 0 &&
    services.length === 0 &&
    job.steps.length > 0 &&
    versions.python === undefined &&
    versions.node === undefined
  )
    return [];
  const receivesFiles = job.steps.some(
    (step) => step.kind === 'use' && /artifact|cache/i.test(step.uses.value.text ?? ''),
  );
  const offers = offersOfCalls([offersOf(linux, versionsOf), ...calledOffers(unit, facts)]);
  const ownImage = job.image !== undefined;
  return [{ id, place, ...versions, offers, services, steps, missing, receivesFiles, ownImage, needs: unit.needs }];
}

/** The versions that a job has in each leg of a matrix that calls its workflow. */
function calledOffers({ job, called }: Unit, facts: DecideFacts): readonly DecidedJob['offers'][] {
  return (called?.scopes ?? []).map((scope) => {
    const { legs } = matrixLegs(job.matrix?.value, contextOf(scope));
    return offersOf(legs, (leg: MatrixLeg) => jobVersions(job, { ...scope, leg }, facts));
  });
}

function offersOfCalls(all: readonly DecidedJob['offers'][]): DecidedJob['offers'] {
  const each = (subject: 'python' | 'node'): readonly string[] => [...new Set(all.flatMap((one) => one[subject]))];
  return { python: each('python'), node: each('node') };
}

function noteOtherLegs(
  others: readonly MatrixLeg[],
  kept: readonly MatrixLeg[],
  { id, job: { matrix } }: Unit,
  leftOut: LeftOut[],
): void {
  if (others.length === 0 || matrix === undefined) return;
  const place = { file: matrix.file.path, span: spanOf(matrix) };
  leftOut.push({ place, what: describeLegs(others, id), why: describeKeptLegs(kept) });
}

/** The repository in which all steps of a job run, when it is another one. */
function foreignCheckout(job: CiJob, scope: ExpressionScope): string | undefined {
  const { own, foreign } = checkoutsOf(job.steps, scope);
  const isOwn = (folder: string): boolean => own !== undefined && `${folder}/`.startsWith(`${own}/`);
  return job.steps.some(({ folder }) => isOwn(folder?.value.text ?? '')) ? undefined : foreign;
}

/** The steps and services of the legs that are kept. */
function decideLegs(
  {
    unit: { id, job, events },
    facts,
    told,
  }: {
    readonly unit: Unit;
    readonly facts: DecideFacts;
    readonly told: Told;
  },
  base: ExpressionScope,
  {
    kept,
    best,
    nameOf,
    isBorrowed,
    others,
  }: Pick<ReturnType<typeof chooseLegs<MatrixLeg>>, 'kept' | 'best' | 'nameOf'> & {
    readonly isBorrowed: boolean;
    /** Pythons beside the one of the image. */
    readonly others: readonly string[];
  },
): Pick<DecidedJob, 'steps' | 'services'> & { readonly missing: readonly MissingFiles[] } {
  const { leftOut, understood } = told;
  const [steps, missing, services, unmet]: [DecidedStep[], MissingFiles[], DecidedService[], LeftOut[]] = [
    [],
    [],
    [],
    [],
  ];
  const jobMayFail = job.mayFail && evaluateCondition(job.mayFail, { ...base, leg: best ?? {} }, events);
  for (const leg of kept) {
    const inLeg: ExpressionScope = { ...base, leg };
    const jobTimeout = minutesOf(job.timeout, inLeg);
    const name = nameOf(leg);
    const [first, firstDownload] = [steps.length, told.downloads.length];
    const flats = flatSteps(job.steps, inLeg, facts);
    const gated = gatedSteps(flats.map(({ step }) => step));
    const checkouts = checkoutsOf(job.steps, inLeg);
    let exported: Readonly<Record<string, string>> = {};
    for (const flat of flats) {
      const now = { ...flat, scope: { ...flat.scope, exported } };
      exported = { ...exported, ...setByAction(flat.step) };
      const upload = uploadOf(flat.step, id, now.scope);
      if (upload !== undefined) told.uploads.push(upload);
      const named = name === '' ? {} : { leg: name };
      const download = downloadOf(flat.step, now.scope, { job: id, after: steps.length, ...named });
      if (download !== undefined) told.downloads.push(download);
      const decision = decideStep(now, {
        job: id,
        events,
        gated,
        checkouts,
        ...named,
        ...(jobTimeout === undefined ? {} : { jobTimeout: jobTimeout * 60 }),
      });
      if (decision.kind === 'step') {
        exported = { ...exported, ...exportedVariables(decision.step.script) };
        const { script } = decision.step;
        const isJobs = jobMayFail?.truth === true && decision.step.mayFail === undefined;
        const ofJob = { ...(isJobs ? mayFailAsJob(job) : {}), ...beginsAlways(job, inLeg, events) };
        const env = { ...withoutOtherPythons(script, others), ...decision.step.env };
        steps.push({ ...decision.step, env, script: isBorrowed ? withoutBsd(script) : script, ...ofJob });
        // A variable of the whole job is said once.
        leftOut.push(...decision.without.filter(({ what }) => !leftOut.some((each) => each.what === what)));
      } else if (decision.kind === 'understood') understood.add(decision.what);
      else {
        if (decision.unmet === true) unmet.push(decision.leftOut);
        if (!leftOut.some((each) => sameLeftOut(each, decision.leftOut))) leftOut.push(decision.leftOut);
        missing.push(...missingOf(flat.step, decision.leftOut));
      }
    }
    if (services.length === 0) services.push(...servicesOf(job, inLeg, leftOut));
    const same = withoutRepetition(steps, first);
    if (same !== undefined) leftOut.push(repeatedLeg(job, id, { leg: name, same }));
    if (same !== undefined) told.downloads.splice(firstDownload);
  }
  dropMet(leftOut, unmet, steps);
  return { steps, missing, services };
}

/** Whether a job begins whatever became of the jobs that it waits for. */
function beginsAlways(
  { condition }: CiJob,
  scope: ExpressionScope,
  events: readonly GithubEvent[],
): Pick<DecidedStep, 'beginsAlways'> {
  return condition !== undefined && runsAfterFailure(condition, scope, events) ? { beginsAlways: true } : {};
}

function mayFailAsJob({ mayFail }: CiJob): Pick<DecidedStep, 'mayFail' | 'mayFailAsJob'> {
  return { mayFail: `continue-on-error: ${mayFail?.value.text ?? ''}`, mayFailAsJob: true };
}

/** What one leg leaves out for its condition another one may run. */
function dropMet(leftOut: LeftOut[], unmet: readonly LeftOut[], steps: readonly DecidedStep[]): void {
  const runs = ({ place }: LeftOut): boolean => steps.some((step) => samePlace(step.place, place));
  const still = leftOut.filter((each) => !(unmet.some((one) => sameLeftOut(one, each)) && runs(each)));
  leftOut.splice(0, leftOut.length, ...still);
}

/** What a step that is left out would have made, or put into PATH, as far as its words say it. */
function missingOf(step: CiStep, { what, place }: LeftOut): readonly MissingFiles[] {
  const [, program] =
    (step.kind === 'use' ? /(?:^|\/)(?:setup|install)-([a-z][\w-]*)@/i.exec(step.uses.value.text ?? '') : null) ?? [];
  if (program !== undefined) return [{ what, line: place.span.line, paths: [], program }];
  const paths =
    step.kind === 'run'
      ? madeFiles(step.script.value.text ?? '')
      : step.kind === 'use' && /^actions\/(?:checkout|download-artifact)@/i.test(step.uses.value.text ?? '')
        ? step.inputs.flatMap(({ name, value }) => (name === 'path' && value.text !== undefined ? [value.text] : []))
        : [];
  return paths.length === 0 ? [] : [{ what, line: place.span.line, paths }];
}

function sameLeftOut(a: LeftOut, b: LeftOut): boolean {
  return samePlace(a.place, b.place) && a.what === b.what && a.why === b.why;
}

function samePlace(a: LeftOut['place'], b: LeftOut['place']): boolean {
  return a.file === b.file && a.span.line === b.span.line;
}

function servicesOf(job: CiJob, scope: ExpressionScope, leftOut: LeftOut[]): readonly DecidedService[] {
  return job.services.flatMap((service) => {
    const place = { file: service.file.path, span: spanOf(service) };
    const what = `service ${service.name ?? ''} of job ${job.id}`;
    const texts = { interpolate: (text: string) => interpolate(text, contextOf(scope)) };
    const made = containerService(service, place, texts);
    leftOut.push(...made.leftOut.map(({ what: part, why }) => ({ place, what: `${part} of ${what}`, why })));
    if (made.service === undefined) leftOut.push({ place, what, why: made.why });
    return made.service === undefined ? [] : [made.service];
  });
}

function noteContainer({ id, job }: Unit, scope: ExpressionScope, leftOut: LeftOut[]): void {
  if (job.image === undefined) return;
  const text = job.image.value.text ?? job.image.value.get('image')?.text ?? '';
  const value = interpolate(text, contextOf({ ...scope, leg: {} }));
  const said = value.known ? textOf(value.value) : text;
  if (/(?:^|\/)(?:python|node):/.test(said)) return;
  const place = { file: job.image.file.path, span: spanOf(job.image) };
  leftOut.push({
    place,
    what: `container ${said} of job ${id}`,
    why: "its steps run in parity's image here; what they need of it goes into toolchain.system",
  });
}
