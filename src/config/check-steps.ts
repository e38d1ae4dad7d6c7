import { folderProblem, pathForm } from './check-paths.ts';
import { checkStepToolchains } from './check-step-toolchains.ts';
import { splitProblem } from './check-split.ts';
import { usesProblems } from './check-uses.ts';
import { stepName, variableName } from './value-checks.ts';
import type { ConfigComplaints } from './config-complaints.ts';
import type { Complaint, DocumentPath } from './document.ts';
import { neededSteps } from './needed-steps.ts';
import { didYouMean, findCycle } from './plan.ts';

/** Checks each step of `pipeline`, then their names and needs; the project's folder says which paths exist. */
export async function checkSteps(complaints: ConfigComplaints, projectDir: string): Promise<void> {
  const steps = complaints.list(['pipeline']).map((_, index) => ['pipeline', index] as const);
  for (const path of steps) await checkStep(complaints, path, projectDir);
  const first = checkNames(complaints, steps);
  checkNeeds(complaints, steps, first);
  checkStepToolchains(complaints, steps);
}

async function checkStep(complaints: ConfigComplaints, path: DocumentPath, projectDir: string): Promise<void> {
  complaints.checkText([...path, 'name'], stepName);
  complaints.checkText([...path, 'job'], stepName);
  const cwd = complaints.text([...path, 'cwd']);
  if (cwd !== undefined) complaints.report([...path, 'cwd'], await folderProblem(projectDir, cwd));
  const base = cwd !== undefined && pathForm(cwd) === undefined ? cwd : '.';
  for (const [at, input] of complaints.texts([...path, 'inputs']))
    complaints.report(at, pathForm(input.replace(/^!/, ''), base));
  for (const [at, volume] of complaints.texts([...path, 'volumes'])) complaints.report(at, volumeProblem(volume, base));
  checkUses(complaints, path);
  const run = complaints.text([...path, 'run']);
  if (run !== undefined && complaints.value([...path, 'split']) !== undefined)
    complaints.report([...path, 'split'], splitProblem(run));
  if (complaints.value([...path, 'allowFailure']) === 'job' && complaints.value([...path, 'job']) === undefined)
    complaints.report([...path, 'allowFailure'], {
      code: 'allow-failure-without-job',
      message: 'the step has no `job` whose other steps could be skipped',
      hint: 'say `allowFailure: true`, or give it a `job`',
    });
  complaints.checkEachText([...path, 'passEnv'], variableName);
  complaints.checkEachText([...path, 'secrets'], variableName);
  for (const variable of complaints.keys([...path, 'env']))
    complaints.reportKey([...path, 'env', variable], variableName(variable));
  for (const key of ['needs', 'passEnv', 'secrets', 'inputs', 'volumes'])
    complaints.checkRepeats([...path, key], 'entry');
  checkSharedNames(complaints, path);
}

function checkUses(complaints: ConfigComplaints, path: DocumentPath): void {
  const step = complaints.value(path);
  if (typeof step !== 'object' || step === null || Array.isArray(step)) return;
  for (const [key, complaint] of usesProblems(step as Readonly<Record<string, unknown>>)) {
    if (key === undefined) complaints.reportKey(path, complaint);
    else complaints.report([...path, key], complaint);
  }
}

/** A variable may come from `env`, `passEnv` or `secrets`, and only from one of the three. */
function checkSharedNames(complaints: ConfigComplaints, path: DocumentPath): void {
  const env = new Set(complaints.keys([...path, 'env']));
  const secrets = complaints.texts([...path, 'secrets']);
  for (const [at, name] of secrets) {
    if (!env.has(name)) continue;
    const related = [complaints.related([...path, 'env', name], 'its value is written here', 'key')];
    const message = `\`${name}\` is in \`env\` and in \`secrets\``;
    const hint = 'a secret comes from outside: take it out of `env`';
    complaints.report(at, { code: 'env-and-secret', message, hint, related });
  }
  for (const [at, name] of complaints.texts([...path, 'passEnv'])) {
    const secret = secrets.find(([, other]) => other === name);
    if (secret === undefined && !env.has(name)) continue;
    const related =
      secret === undefined
        ? complaints.related([...path, 'env', name], 'it is given here', 'key')
        : complaints.related(secret[0], 'it is given here');
    const message = `\`${name}\` is in \`passEnv\` and in \`${secret === undefined ? 'env' : 'secrets'}\``;
    complaints.report(at, { code: 'env-twice', message, hint: 'keep one of the two', related: [related] });
  }
}

/** Reports names that two steps have; gives the path of the first step of each name. */
function checkNames(complaints: ConfigComplaints, steps: readonly DocumentPath[]): ReadonlyMap<string, DocumentPath> {
  const first = new Map<string, DocumentPath>();
  for (const path of steps) {
    const name = complaints.text([...path, 'name']);
    if (name === undefined) continue;
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, path);
      continue;
    }
    const related = [complaints.related([...earlier, 'name'], 'first here')];
    const message = `two steps are called \`${name}\``;
    const hint = 'give each step a name of its own';
    complaints.report([...path, 'name'], { code: 'duplicate-step', message, hint, related });
  }
  return first;
}

function checkNeeds(
  complaints: ConfigComplaints,
  steps: readonly DocumentPath[],
  first: ReadonlyMap<string, DocumentPath>,
): void {
  for (const path of steps) {
    for (const [at, need] of complaints.texts([...path, 'needs'])) {
      if (first.has(need)) continue;
      const others = [...first.keys()].filter((name) => name !== complaints.value([...path, 'name']));
      const hint = others.length > 0 ? didYouMean(need, others) : 'there is no other step';
      complaints.report(at, { code: 'unknown-step', message: `no step is called \`${need}\``, hint });
    }
  }
  const written = steps.map((path) => ({
    name: complaints.text([...path, 'name']),
    job: complaints.text([...path, 'job']),
    ...(complaints.value([...path, 'needs']) === undefined
      ? {}
      : { needs: complaints.texts([...path, 'needs']).map(([, need]) => need) }),
  }));
  const named = [...first].map(([name, path]) => {
    const index = steps.indexOf(path);
    return { name, path, needs: neededSteps(written, index), ownNeeds: written[index]?.needs };
  });
  const cycle = findCycle(named);
  if (cycle === undefined) return;
  const links = cycle.slice(0, -1).map((name, index) => {
    const step = named.find((candidate) => candidate.name === name);
    const next = cycle[index + 1] ?? '';
    // What follows from its job alone is told at the job.
    const key = step?.ownNeeds === undefined ? ['job'] : ['needs', step.ownNeeds.indexOf(next)];
    return { at: [...(step?.path ?? []), ...key], name, next };
  });
  const [head, ...rest] = links;
  if (head === undefined) return;
  const message = `steps need each other in a circle: ${cycle.join(' → ')}`;
  const related = rest.map(({ at, name, next }) => complaints.related(at, `\`${name}\` needs \`${next}\``));
  complaints.report(head.at, { code: 'needs-cycle', message, hint: 'take one of these `needs` out', related });
}

function volumeProblem(volume: string, base: string): Complaint | undefined {
  const form = pathForm(volume, base);
  if (form) return form;
  if (/^\.?\/*$/.test(volume) || !/[^./]/.test(volume)) {
    const message = `\`${volume}\` would hide the step's own folder`;
    return { code: 'bad-volume', message, hint: 'name a folder in it, such as `node_modules`' };
  }
  if (/[*?[\]]/.test(volume)) {
    const message = `\`${volume}\` is a pattern; a volume is one folder`;
    return { code: 'bad-volume', message, hint: 'write its path' };
  }
  if (volume.includes(':')) {
    const message = `\`${volume}\` has a \`:\``;
    return { code: 'bad-volume', message, hint: 'the folder alone; parity names the volume' };
  }
  return undefined;
}
