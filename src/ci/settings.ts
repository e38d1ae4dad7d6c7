import type { Config } from '../config/config.ts';
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { isObject, memberOf, readJson, shaped } from '../core/json.ts';

/** What a repository's own files say to whoever writes its CI file. */
export interface RepositoryFacts {
  /** The project's folder relative to the top of its git work tree, `/` between parts; `.` for the top itself. */
  readonly project: string;
  /** The text of the project's package.json. */
  readonly packageJson?: string;
  /** There is a package-lock.json beside it. */
  readonly packageLock: boolean;
  /** There is a .gitmodules at the top. */
  readonly submodules: boolean;
  /** A .gitattributes at the top sends files through Git LFS. */
  readonly lfs: boolean;
}

/** All that decides a CI file, defaults filled in. */
export interface CiSettings extends Pick<RepositoryFacts, 'project' | 'submodules' | 'lfs'> {
  /** What the workflow or job is called: `parity`, or `parity-<folder>` for a project that is not at the top. */
  readonly name: string;
  readonly install: Install;
  readonly shards: number;
  /** Branches whose pushes are checked; undefined = the default. */
  readonly branches: readonly string[] | undefined;
  readonly depth: number;
  readonly timeoutSeconds: number;
  /** Where the image is shared: `registry` is its host (undefined = Docker Hub). */
  readonly repository: { readonly registry: string | undefined } | undefined;
  readonly registryLogin: { readonly username: string; readonly password: string } | undefined;
  /** The names of the toolchains that have one, each of which has an image beside the default one's. */
  readonly toolchains: readonly string[];
  /** The project's own Dockerfile.parity, which decides the image beside the lock. */
  readonly dockerfile: string | undefined;
  /** Names of the steps' secrets, and of the key that signs what CI shares, sorted. */
  readonly secrets: readonly string[];
  /** Names of the steps' passEnv that a CI system does not set by itself, sorted. */
  readonly variables: readonly string[];
  readonly github: { readonly runner: string | readonly string[]; readonly codeScanning: boolean };
  readonly gitlab: {
    readonly executor: 'docker' | 'shell';
    readonly image: string;
    readonly engine: string;
    readonly tags: readonly string[];
  };
}

/** How CI gets parity: npm's own dependency of the project, or the command that parity.yaml gives. */
export type Install = { readonly kind: 'npm' } | { readonly kind: 'command'; readonly command: string };

/** Fills in the defaults of parity.yaml's `ci`; Err `config-invalid` when nothing says how CI gets parity. */
export function ciSettings(config: Config, facts: RepositoryFacts): Result<CiSettings> {
  const ci = config.ci ?? { github: {}, gitlab: {} };
  const install = installOf(ci.install, facts);
  if (!install.ok) return install;
  const { project, submodules, lfs } = facts;
  return ok({
    project,
    submodules,
    lfs,
    name: project === '.' ? 'parity' : `parity-${slug(project)}`,
    install: install.value,
    shards: ci.shards ?? 1,
    branches: ci.branches,
    depth: ci.depth ?? 0,
    timeoutSeconds: ci.timeoutSeconds ?? 3600,
    repository: config.image.repository === undefined ? undefined : { registry: registryOf(config.image.repository) },
    registryLogin: ci.registry,
    toolchains: (config.toolchains ?? []).map(({ name }) => name),
    dockerfile: config.image.dockerfile,
    secrets: names([
      ...config.pipeline.flatMap(({ secrets }) => secrets),
      ...(config.cache.remote === undefined || config.cache.write === 'never' ? [] : ['PARITY_CACHE_KEY']),
    ]),
    variables: names(config.pipeline.flatMap(({ passEnv }) => passEnv)).filter((name) => !setByCi.test(name)),
    github: { runner: ci.github.runner ?? 'ubuntu-latest', codeScanning: ci.github.codeScanning ?? false },
    gitlab: {
      executor: ci.gitlab.executor ?? 'docker',
      image: ci.gitlab.image ?? 'node:24-bookworm',
      engine: ci.gitlab.engine ?? 'docker:29-dind',
      tags: ci.gitlab.tags ?? [],
    },
  });
}

// https://docs.github.com/actions/reference/workflows-and-actions/variables, https://docs.gitlab.com/ci/variables/predefined_variables/
const setByCi = /^(?:CI|CI_\w+|GITHUB_\w+|GITLAB_\w+|RUNNER_\w+|HOME|PATH|USER|LANG|SHELL|TERM|TZ)$/;

function installOf(command: string | undefined, facts: RepositoryFacts): Result<Install> {
  if (command !== undefined) return ok({ kind: 'command', command: command.trim() });
  const wanted = dependencyOf(facts.packageJson);
  if (wanted === undefined) return err(noInstall('parity.yaml does not say how a CI machine gets parity'));
  if (!ownSource.test(wanted))
    return err(noInstall(`package.json asks the npm registry for parity (${wanted}), which has another package there`));
  if (!facts.packageLock)
    return err(noInstall('package.json has parity, but there is no package-lock.json beside it for npm ci'));
  return ok({ kind: 'npm' });
}

/** What a package.json asks for under parity's name; undefined when it does not, or is no JSON. */
function dependencyOf(packageJson: string | undefined): string | undefined {
  if (packageJson === undefined) return undefined;
  const parsed = readJson(packageJson.replace(/^\uFEFF/, ''), shaped(isObject));
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    const wanted = memberOf(memberOf(parsed, kind), 'parity');
    if (typeof wanted === 'string') return wanted;
  }
  return undefined;
}

// A folder, a tarball, git, or a package of another name: anything but a version, a range or a tag of the registry's `parity`.
const ownSource =
  /^(?:file:|git[+:]|github:|gitlab:|bitbucket:|https?:|npm:(?!parity(?:@|$))|\.{0,2}\/|~\/|[\w.-]+\/[\w.-]+(?:#.*)?$)/;

function noInstall(message: string): Failure {
  return failure('config-invalid', message, {
    detail: "The npm registry's `parity` is somebody else's package, so there is no command that parity could choose.",
    next: [
      'in parity.yaml, give the command that puts `parity` into PATH, for instance',
      '  ci:',
      '    install: npm install --global ./tools/parity-0.1.0.tgz',
    ].join('\n'),
  });
}

/** The host of a repository's registry, as image references have it; undefined for Docker Hub. */
function registryOf(repository: string): string | undefined {
  const [first = '', ...rest] = repository.split('/');
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : undefined;
}

function slug(project: string): string {
  return project.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '') || 'project';
}

function names(all: readonly string[]): readonly string[] {
  return [...new Set(all)].sort();
}

/** The files that CI keeps images in between runs, one for each toolchain, and the commands that load and save them; `of` names a file. */
export function imageFiles(
  { toolchains }: Pick<CiSettings, 'toolchains'>,
  of: (toolchain: string) => string,
): { readonly files: readonly string[]; readonly load: string; readonly save: readonly string[] } {
  const named = toolchains.map((name) => ({
    option: ` --toolchain ${name}`,
    file: of(`-${name.replaceAll(':', '-')}`),
  }));
  const all = [{ option: '', file: of('') }, ...named];
  return {
    files: all.map(({ file }) => file),
    load: all.map(({ option, file }) => `parity image load${option} ${file}`).join(' && '),
    save: all.map(({ option, file }) => `parity image save${option} ${file}`),
  };
}
