import { placesOf, type Places } from './places.ts';
import { readYaml, type YamlRead, type YamlValue } from './yaml.ts';

/** A package of PyPI or npm. */
export type HookPackage = `pypi:${string}` | `npm:${string}`;

/** A .pre-commit-config.yaml (https://pre-commit.com/#plugins), as far as it could be read. */
export interface PreCommitFile {
  readonly places: Places;
  /** `default_language_version`: languages and the version of each. */
  readonly languageVersions: YamlValue['members'];
  readonly repositories: readonly HookRepository[];
  readonly problems: YamlRead['problems'];
}

/** One entry of `repos`. */
export interface HookRepository {
  /** `local` for hooks of the project's own. */
  readonly address: string;
  /** The end of the address, in lower case: `psf/black`. */
  readonly name: string;
  /** The package that its hooks run, where its tag is that package's version. */
  readonly package: HookPackage | undefined;
  readonly rev: YamlValue | undefined;
  /** The version that its rev, or the tag of a frozen one, names; undefined for a commit, a branch. */
  readonly version: string | undefined;
  readonly hooks: readonly Hook[];
}

/** One hook. */
export interface Hook {
  readonly id: YamlValue | undefined;
  readonly language: string | undefined;
  readonly languageVersion: YamlValue | undefined;
  /** `additional_dependencies`. */
  readonly additional: readonly YamlValue[];
  readonly args: readonly YamlValue[];
  readonly entry: string | undefined;
  /** It has `files` or `exclude`: it is not given all files of its kind. */
  readonly isPartial: boolean;
}

/** Hook repositories whose tag is the tool's own version, by the end of their address. */
const hookRepositories: Readonly<Record<string, HookPackage>> = {
  'psf/black': 'pypi:black',
  'psf/black-pre-commit-mirror': 'pypi:black',
  'pycqa/flake8': 'pypi:flake8',
  'pre-commit/mirrors-mypy': 'pypi:mypy',
  'astral-sh/ruff-pre-commit': 'pypi:ruff',
  'charliermarsh/ruff-pre-commit': 'pypi:ruff',
  'astral-sh/uv-pre-commit': 'pypi:uv',
  'pycqa/isort': 'pypi:isort',
  'pre-commit/mirrors-isort': 'pypi:isort',
  'timothycrosley/isort': 'pypi:isort',
  'pycqa/pylint': 'pypi:pylint',
  'pre-commit/mirrors-pylint': 'pypi:pylint',
  'pycqa/bandit': 'pypi:bandit',
  'pycqa/pydocstyle': 'pypi:pydocstyle',
  'pycqa/autoflake': 'pypi:autoflake',
  'pycqa/docformatter': 'pypi:docformatter',
  'asottile/pyupgrade': 'pypi:pyupgrade',
  'codespell-project/codespell': 'pypi:codespell',
  'adrienverge/yamllint': 'pypi:yamllint',
  'adamchainz/django-upgrade': 'pypi:django-upgrade',
  'adamchainz/blacken-docs': 'pypi:blacken-docs',
  'asottile/blacken-docs': 'pypi:blacken-docs',
  'python-poetry/poetry': 'pypi:poetry',
  'pdm-project/pdm': 'pypi:pdm',
  'commitizen-tools/commitizen': 'pypi:commitizen',
  'sqlfluff/sqlfluff': 'pypi:sqlfluff',
  'python-jsonschema/check-jsonschema': 'pypi:check-jsonschema',
  'pre-commit/mirrors-prettier': 'npm:prettier',
  'rbubley/mirrors-prettier': 'npm:prettier',
  'pre-commit/mirrors-eslint': 'npm:eslint',
};

/** Reads a .pre-commit-config.yaml. Never throws. */
export function readPreCommitFile(text: string): PreCommitFile {
  const places = placesOf(text);
  const { value: root, problems } = readYaml(text, places);
  return {
    places,
    languageVersions: root.get('default_language_version')?.members ?? [],
    repositories: (root.get('repos')?.items ?? []).map(repositoryOf),
    problems,
  };
}

/** True for a rev that `pre-commit autoupdate --freeze` wrote: a commit. */
export function isCommit(rev: string): boolean {
  return /^[0-9a-f]{40}$/.test(rev);
}

function repositoryOf(repository: YamlValue): HookRepository {
  const address = repository.get('repo')?.text ?? '';
  const name = address
    .toLowerCase()
    .replace(/(?:\.git)?\/?$/, '')
    .split('/')
    .slice(-2)
    .join('/');
  const rev = repository.get('rev');
  return {
    address,
    name,
    package: hookRepositories[name],
    rev,
    version: rev === undefined ? undefined : versionOf(rev),
    hooks: (repository.get('hooks')?.items ?? []).map(hookOf),
  };
}

function versionOf({ text = '', comment }: YamlValue): string | undefined {
  // A frozen rev is a commit; its comment has the tag: `# frozen: v1.2.3`.
  const tag = isCommit(text) ? (/^frozen:\s*(\S+)/.exec(comment)?.[1] ?? '') : text;
  const version = tag.replace(/^v(?=\d)/, '');
  return /^\d+(?:\.\w+)+$/.test(version) ? version : undefined;
}

function hookOf(hook: YamlValue): Hook {
  return {
    id: hook.get('id'),
    language: hook.get('language')?.text,
    languageVersion: hook.get('language_version'),
    additional: hook.get('additional_dependencies')?.items ?? [],
    args: hook.get('args')?.items ?? [],
    entry: hook.get('entry')?.text,
    isPartial: hook.get('files') !== undefined || hook.get('exclude') !== undefined,
  };
}
