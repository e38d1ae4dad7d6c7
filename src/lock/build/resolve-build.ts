import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { compareBytes } from '../../core/digest.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { isObject, readJson, shaped } from '../../core/json.ts';
import { packageRoot } from '../../core/paths.ts';
import { platforms, type Platform } from '../../core/platform.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { leadingName, normalisedName } from '../../formats/package-name.ts';
import type { LockedBuild, LockedPythonPackage } from '../lock.ts';
import { compiledFile, planCompile, type CompilePlan } from '../python/compile.ts';
import { parseCompiled, parsePylock, type PlatformPackage } from '../python/compiled-output.ts';
import { lockPackages } from '../python/lock-packages.ts';
import { sourceTrees } from '../python/source-trees.ts';
import type { PackagesRequest } from '../python/resolve-packages.ts';
import { resolverFailure } from '../python/resolver-failure.ts';
import { runInContainer, type ContainerAnswer, type ContainerTask } from '../python/run-in-container.ts';
import { parseRequirement, type Requirement } from '../requirements/requirement.ts';
import type { LocalProject } from './local-project.ts';
import { projectFiles } from './project-files.ts';
import { requirementsOfExtras } from './requires-dist.ts';

/** What builds the repository's packages, and what these turned out to need. */
export interface ResolvedBuild {
  readonly build: LockedBuild;
  /** What only their build backends could tell that they need when they run. */
  readonly requirements: readonly Requirement[];
  readonly notes: readonly string[];
}

/**
 * Resolves what the builds of the repository's packages need, and asks their build backends what more that is. Undefined when there is nothing
 * to build. Err as resolvePackages, and `requirements-unsupported` when a backend that has to be asked can't answer.
 */
export async function resolveBuild(request: PackagesRequest): Promise<Result<ResolvedBuild | undefined>> {
  const projects = [...request.read.projects.values()].sort((a, b) => compareBytes(a.path, b.path));
  if (projects.length === 0) return ok(undefined);
  const wanted: Requirement[] = [];
  for (const project of projects) {
    const own = buildRequirements(project, project.build.requires);
    if (!own.ok) return own;
    wanted.push(...own.value);
  }
  const first = await compile(request, wanted, await questions(request, projects));
  if (!first.ok) return first;
  const answers = readJson(first.value.answer.files[askedFile] ?? '[]', shaped(isAnswers)) ?? [];
  const installed = first.value.answer.texts['install'] ?? '';
  const notes: string[] = [];
  const names: (string | undefined)[] = [];
  const requirements: Requirement[] = [];
  const more: Requirement[] = [];
  for (const [index, project] of projects.entries()) {
    const { requires, needs, error, name } = answers[index] ?? { ...noAnswer, error: installed };
    names.push(project.build.name ?? (name === null ? undefined : normalisedName(name)));
    const { asksBackend, place } = project;
    if (asksBackend !== undefined && needs === null) return err(backendSilent(project, error ?? ''));
    if (error !== null)
      notes.push(
        `${place.file}: the build backend of ${nameOf(project)} could not say what its build needs: ${lastLine(error)}`,
      );
    const asked = buildRequirements(project, requires.filter(isMissingIn(first.value.packages)));
    if (!asked.ok) return asked;
    more.push(...asked.value);
    for (const text of requirementsOfExtras(needs ?? [], asksBackend?.extras ?? [])) {
      const parsed = parseRequirement(text);
      if (typeof parsed !== 'string')
        requirements.push({ ...parsed, source: place.file, place, hashes: [], constraint: false });
    }
  }
  const last =
    more.length === 0
      ? first
      : await compile({ ...request, upgrade: false }, [...wanted, ...more], undefined, first.value.packages);
  if (!last.ok) return last;
  const build = {
    projects: projects.map((project, index) => lockedProject(project, names[index])),
    packages: last.value.packages,
  };
  return ok({ build, requirements, notes });
}

const folder = 'projects';
const askedFile = `${folder}/asked.json`;

interface BackendAnswer {
  readonly requires: readonly string[];
  /** Null when it was not asked, or did not say. */
  readonly needs: readonly string[] | null;
  readonly name: string | null;
  readonly error: string | null;
}

const noAnswer = { requires: [], needs: null, name: null } as const;

function isAnswers(value: unknown): value is readonly BackendAnswer[] {
  const isTexts = (list: unknown): boolean => Array.isArray(list) && list.every((each) => typeof each === 'string');
  return (
    Array.isArray(value) &&
    value.every(
      (each) =>
        isObject(each) &&
        isTexts(each['requires']) &&
        (each['needs'] === null || isTexts(each['needs'])) &&
        (each['name'] === null || typeof each['name'] === 'string') &&
        (each['error'] === null || typeof each['error'] === 'string'),
    )
  );
}

/** What the container gets and does besides resolving: the build requirements are installed, and each backend is asked. */
type Questions = Pick<CompilePlan, 'stages' | 'outputs'> & {
  readonly files: Readonly<Record<string, string | Buffer>>;
};

async function questions({ projectDir, uv }: PackagesRequest, projects: readonly LocalProject[]): Promise<Questions> {
  const files: Record<string, string | Buffer> = {};
  const asked = projects.map(({ path, build, asksBackend, isEditable = true }, index) => {
    const own = projectFiles(join(projectDir, path), asksBackend === undefined ? 'top' : 'all');
    for (const [name, data] of Object.entries(own)) files[`${folder}/${index}/${name}`] = data;
    const { backend, backendPath } = build;
    return { folder: String(index), backend, backendPath, metadata: asksBackend !== undefined, editable: isEditable };
  });
  files[`${folder}/ask.json`] = JSON.stringify(asked);
  files['ask.py'] = await readFile(join(packageRoot(), 'images', 'build', 'ask.py'));
  const environment = '/tmp/build';
  const python = `${environment}/bin/python`;
  const install = [uv.uvPath, 'pip', 'install', '--python', python, '--require-hashes', '-r', compiledFile];
  const stages: readonly (readonly ContainerTask[])[] = [
    [{ name: 'venv', argv: [uv.uvPath, 'venv', '--python', uv.python, environment] }],
    [{ name: 'install', argv: install }],
    [{ name: 'ask', argv: [python, '-I', 'ask.py', folder], folder }],
  ];
  return { files, stages, outputs: [askedFile] };
}

async function compile(
  request: PackagesRequest,
  requirements: readonly Requirement[],
  extra: Questions | undefined,
  kept?: readonly LockedPythonPackage[],
): Promise<Result<{ readonly packages: readonly LockedPythonPackage[]; readonly answer: ContainerAnswer }>> {
  const { engine, read, uv, upgrade, onProgress, projectDir, signal } = request;
  const previous = kept ?? request.previous?.python.build?.packages ?? [];
  const plan = planCompile({ ...uv, requirements, index: read.index, previous, upgrade });
  const running = {
    onText: (text: string): void =>
      onProgress({ type: 'phase-progress', phase: 'lock', id: 'lock', progress: { type: 'output', text } }),
    ...(signal === undefined ? {} : { signal }),
  };
  const answer = await runInContainer(engine, {
    index: read.index,
    files: { ...plan.files, ...extra?.files },
    stages: [...plan.stages, ...(extra?.stages ?? [])],
    outputs: [...plan.outputs, ...(extra?.outputs ?? [])],
    projectDir,
    imageId: uv.imageId,
    python: uv.python,
    ...running,
  });
  if (!answer.ok) return answer;
  const { codes, texts, files } = answer.value;
  const resolving = plan.stages.flat().map(({ name }) => name);
  const failed = resolving.find((name) => codes[name] !== 0);
  if (failed !== undefined)
    return err(resolverFailure(texts[failed] ?? '', { requirements, sources: plan.sources, files: plan.files }));
  const perPlatform = Object.fromEntries(
    platforms.map((platform) => [
      platform,
      plan.platformFiles[platform].flatMap((name) => parsePylock(files[name] ?? '')),
    ]),
  ) as Record<Platform, PlatformPackage[]>;
  const trees = await sourceTrees(perPlatform, { engine, projectDir, index: read.index, uv, ...running });
  if (!trees.ok) return trees;
  const packages = lockPackages({
    trees: trees.value,
    compiled: parseCompiled(files[compiledFile] ?? ''),
    perPlatform,
    requirements,
    noBinary: read.index.noBinary,
    sources: plan.sources,
    previous: upgrade === 'all' ? [] : previous.filter(({ name }) => upgrade === false || !upgrade.includes(name)),
  });
  return packages.ok ? ok({ packages: packages.value, answer: answer.value }) : packages;
}

function buildRequirements(project: LocalProject, texts: readonly string[]): Result<readonly Requirement[]> {
  const file = project.path === '.' ? 'pyproject.toml' : posix.join(project.path, 'pyproject.toml');
  const { span } = project.build;
  const place = span === undefined ? project.place : { file, span };
  const requirements: Requirement[] = [];
  for (const text of texts) {
    const parsed = parseRequirement(text);
    if (typeof parsed === 'string')
      return err(
        failure('requirements-unsupported', `${place.file}:${place.span.line}: ${parsed}`, {
          diagnostics: [{ severity: 'error', code: 'requirement-malformed', message: parsed, ...place }],
          next: 'mend requires in [build-system], then: parity lock',
        }),
      );
    requirements.push({ ...parsed, source: place.file, place, hashes: [], constraint: false });
  }
  return ok(requirements);
}

function isMissingIn(packages: readonly LockedPythonPackage[]): (requirement: string) => boolean {
  const names = new Set(packages.map(({ name }) => name));
  return (requirement) => !names.has(leadingName(requirement) ?? '');
}

function lockedProject(
  { path, build, isEditable }: LocalProject,
  name: string | undefined,
): LockedBuild['projects'][number] {
  const { backend, backendPath, isFromGit } = build;
  return {
    path,
    ...(name === undefined ? {} : { name }),
    backend,
    ...(backendPath.length === 0 ? {} : { backendPath }),
    ...(isFromGit ? { versionFrom: 'git' } : {}),
    ...(isEditable === false ? { editable: false } : {}),
  };
}

function backendSilent(project: LocalProject, said: string): Failure {
  const { place } = project;
  const message = `only the build backend of ${nameOf(project)} knows what it needs, and it failed: ${lastLine(said)}`;
  return failure('requirements-unsupported', message, {
    detail: said.trim(),
    diagnostics: [{ severity: 'error', code: 'requirement-build', message: lastLine(said), ...place }],
    next: 'list what it needs under [project] dependencies in pyproject.toml, or mend its build; then: parity lock',
  });
}

function nameOf({ build, path }: LocalProject): string {
  return build.name ?? (path === '.' ? 'the project' : path);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
