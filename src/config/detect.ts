import { shellWord } from '../core/shell-word.ts';
import type { Config, StepConfig } from './config.ts';
import { fetchingBuild } from './detect/build-network.ts';
import { checkSteps } from './detect/check-steps.ts';
import { scriptLines, toolUse } from './detect/commands.ts';
import { actionPins, ciInstalls, lockFilePins, preCommit, type Pin } from './detect/declared.ts';
import { decision, decisionText, type Decision } from './detect/decision.ts';
import { pythonRoots, type PythonRoot } from './detect/python-roots.ts';
import { nodeParts } from './detect/node.ts';
import { pythonVersion } from './detect/python-version.ts';
import { inFolder, readRepo, type Repo } from './detect/repo.ts';
import { requirementSources, type Declared } from './detect/sources.ts';
import { detectedStep } from './detect/detected-step.ts';
import { testSteps } from './detect/test-steps.ts';
import { fromInstalls, toolLines } from './detect/tool-lines.ts';

export { decisionText, type Decision } from './detect/decision.ts';

/** The config that a repo's layout asks for, and why each thing in it was chosen. */
export interface Detected {
  readonly config: Config;
  readonly decisions: readonly Decision[];
}

/**
 * Works out a project's toolchain and pipeline from its files (relative names, as detect/files lists them). Reads them and
 * nothing else; files that make no sense count as empty. The pipeline may come out empty; a decision then says so.
 */
export function detectConfig(projectDir: string, files: readonly string[]): Detected {
  return detectRepo(readRepo(projectDir, files));
}

/** detectConfig over files already read; pure. */
export function detectRepo(repo: Repo): Detected {
  const roots = pythonRoots(repo);
  const python = pythonVersion(repo, roots);
  const decisions: Decision[] = [...python.decisions];
  const steps: StepConfig[] = [];
  const requirements: string[] = [];
  const packages: string[] = [];
  const hooked: string[] = [];
  const lines: string[] = [];
  const declared: Declared[] = [];
  const pins: Pin[] = [...actionPins(repo)];
  const locks: ((name: string) => boolean)[] = [];

  const scripts = scriptLines(repo);
  const uses = scripts.flatMap((line) => toolUse(line) ?? []);
  const { hooks, pins: hookPins } = preCommit(repo);
  const installs = fromInstalls(ciInstalls(scripts));
  pins.push(...installs.pins, ...hookPins);

  for (const root of roots) {
    const name = stepNames(root, roots);
    const sources = requirementSources(repo, root);
    requirements.push(...sources.requirements);
    lines.push(...sources.lines);
    declared.push(...sources.declared);
    locks.push(sources.isLocked);
    decisions.push(...sources.decisions);
    const checks = checkSteps(repo, root, { uses, hooks, declared: sources.declared }, name);
    const tests = testSteps(repo, root, { uses, declared: sources.declared }, name);
    steps.push(...checks.steps, ...tests.steps);
    packages.push(...checks.packages);
    hooked.push(...checks.hooked);
    if (usesSqlalchemy(repo, root, sources.declared)) packages.push('sqlalchemy');
    packages.push(...tests.packages);
    lines.push(...checks.companions);
    decisions.push(...checks.decisions, ...tests.decisions);
  }
  if (roots.length > 0) lines.push(...installs.companions);
  for (const root of new Set(['.', ...roots.map(({ dir }) => dir)])) {
    for (const file of ['uv.lock', 'poetry.lock', 'pdm.lock']) {
      pins.push(...lockFilePins(repo, inFolder(root, file), packages, python.version));
    }
  }
  const tools = toolLines({
    packages,
    lines,
    declared,
    pins,
    hooked,
    isLocked: (name) => locks.some((holds) => holds(name)),
    isReference: roots.length === 0 || roots.some(({ referenceFolder }) => referenceFolder !== undefined),
  });
  const node = nodeParts(repo);
  steps.push(...node.steps);
  decisions.push(...tools.decisions, ...node.decisions);
  if (steps.length === 0) fallback(roots, steps, decisions);
  const fetches = fetchingBuild(['.', ...roots.map(({ dir }) => dir)], (path) => repo.text(path));
  if (fetches !== undefined) decisions.push(fetches);

  const unique = [...new Map(decisions.map((one) => [decisionText(one), one])).values()];
  return {
    decisions: unique,
    config: {
      source: { kind: 'detected', notes: unique.map(decisionText) },
      toolchain: {
        python: python.version,
        ...nodeTools(node),
        tools: tools.tools,
        requirements: [...new Set(requirements)],
        system: [],
        ...(fetches === undefined ? {} : { build: { network: 'full' } }),
      },
      image: { base: 'auto' },
      services: [],
      pipeline: steps,
      cache: {},
      doctor: { ignore: [] },
    },
  };
}

function nodeTools({
  version,
  managers,
}: ReturnType<typeof nodeParts>): Pick<Config['toolchain'], 'node' | 'managers'> {
  return { ...(version === undefined ? {} : { node: version }), ...(managers.length === 0 ? {} : { managers }) };
}

/** One root's steps are `format`, `lint` …; with several roots each has its folder's name before it. */
function stepNames(root: PythonRoot, roots: readonly PythonRoot[]): (name: string) => string {
  if (roots.length === 1) return (name) => name;
  const prefix = root.dir.replace(/[^\p{L}\p{N}._:-]+/gu, '-').replace(/^[^\p{L}\p{N}]+/u, '');
  return (name) => `${prefix}-${name}`;
}

function usesSqlalchemy(repo: Repo, root: PythonRoot, declared: readonly Declared[]): boolean {
  if (declared.some(({ name }) => name === 'sqlalchemy')) return true;
  return root.files.some((path) =>
    /^\s*(?:from|import)\s+sqlalchemy\b/m.test(repo.text(inFolder(root.dir, path)) ?? ''),
  );
}

/** Python that nothing checks and no test covers can at least be compiled. */
function fallback(roots: readonly PythonRoot[], steps: StepConfig[], decisions: Decision[]): void {
  for (const root of roots) {
    const run = `python -m compileall -q ${root.targets.map(shellWord).join(' ')}`;
    const step = detectedStep({ name: stepNames(root, roots)('syntax'), cwd: root.dir, run });
    steps.push(step);
    decisions.push(
      decision(step.name, run, 'nothing else to run was found: it shows at least that the files are Python'),
    );
  }
  if (steps.length === 0) {
    const why = 'there is no Python and no package.json with scripts; write parity.yaml with the commands to run';
    decisions.push(decision('pipeline', 'empty', why, { severity: 'warning' }));
  }
}
