import type { Reader, IncludedFile } from './declaration.ts';
import { readCompose } from './readers/compose.ts';
import { readCondaEnvironment, readCondaRecipe } from './readers/conda-environment.ts';
import { readDevcontainer } from './readers/devcontainer.ts';
import { readDockerfile } from './readers/dockerfile.ts';
import { readGithubWorkflow } from './readers/github-workflow.ts';
import { readGitlabCi } from './readers/gitlab-ci.ts';
import { readJustfile } from './readers/justfile.ts';
import { readMakefile } from './readers/makefile.ts';
import { readMiseToml } from './readers/mise-toml.ts';
import { readNpmLock, readPnpmLock, readYarnLock } from './readers/node-locks.ts';
import { readNoxfile } from './readers/noxfile.ts';
import { readAzurePipelines, readCircleCi, readReadTheDocs, readTravis } from './readers/other-ci.ts';
import { readPackageJson } from './readers/package-json.ts';
import { readParityYaml } from './readers/parity-yaml.ts';
import { readPipfile } from './readers/pipfile.ts';
import { readPixiToml } from './readers/pixi-toml.ts';
import { readPreCommit } from './readers/pre-commit.ts';
import { readPyproject } from './readers/pyproject.ts';
import { readPipfileLock, readTomlLock } from './readers/python-locks.ts';
import { readRequirementsFile } from './readers/requirements.ts';
import { readRuntimeTxt } from './readers/runtime-txt.ts';
import { readSetupCfg } from './readers/setup-cfg.ts';
import { readSetupPy } from './readers/setup-py.ts';
import { readHatchToml, readRuffToml, readToxTomlFile } from './readers/tool-toml.ts';
import { readToolIni } from './readers/tool-ini.ts';
import { readToxIni } from './readers/tox-ini.ts';
import { readNodeVersionFile, readPythonVersionFile, readToolVersions } from './readers/version-files.ts';

/** Which reader reads which files, by path; the first that fits. One line a kind. */
const kinds: readonly (readonly [pattern: RegExp, reader: Reader])[] = [
  [/(?:^|\/)parity\.yaml$/, readParityYaml],
  [/(?:^|\/)pyproject\.toml$/, readPyproject],
  [/(?:^|\/)pixi\.toml$/, readPixiToml],
  [/(?:^|\/)hatch\.toml$/, readHatchToml],
  [/(?:^|\/)tox\.toml$/, readToxTomlFile],
  [/(?:^|\/)\.?ruff\.toml$/, readRuffToml],
  [/(?:^|\/)setup\.cfg$/, readSetupCfg],
  [/(?:^|\/)setup\.py$/, readSetupPy],
  [/(?:^|\/)tox\.ini$/, readToxIni],
  [/(?:^|\/)noxfile\.py$/, readNoxfile],
  [/(?:^|\/)(?:\.?mypy[\w.-]*\.ini|\.isort\.cfg|\.pylintrc|pylintrc)$/, readToolIni],
  [/(?:^|\/)Pipfile$/, readPipfile],
  [/(?:^|\/)Pipfile\.lock$/, readPipfileLock],
  [/(?:^|\/)(?:uv\.lock|poetry\.lock|pdm\.lock|pylock(?:\.[\w.-]+)?\.toml)$/, readTomlLock],
  [/(?:^|\/)(?:environment|[^/]*[-_.]env(?:ironment)?|env(?:ironment)?[-_.][^/]*)\.ya?ml$/, readCondaEnvironment],
  [/(?:^|\/)(?:conda|recipe|conda[._-]recipe)\/(?:.*\/)?meta\.ya?ml$/, readCondaRecipe],
  [/(?:^|\/)\.pre-commit-config\.ya?ml$/, readPreCommit],
  [/(?:^|\/)\.github\/workflows\/[^/]+\.ya?ml$/, readGithubWorkflow],
  [/(?:^|\/)action\.ya?ml$/, readGithubWorkflow],
  [/(?:^|\/)(?:\.gitlab-ci[^/]*\.ya?ml|\.gitlab\/(?:.*\/)?[^/]*ci[^/]*\.ya?ml)$/, readGitlabCi],
  [/(?:^|\/)\.circleci\/[^/]+\.ya?ml$/, readCircleCi],
  [/(?:^|\/)\.travis\.yml$/, readTravis],
  [/(?:^|\/)azure-pipelines[^/]*\.ya?ml$/, readAzurePipelines],
  [/(?:^|\/)\.?readthedocs\.ya?ml$/, readReadTheDocs],
  // Not `dockerfile.py`, which reads or writes some.
  [
    /(?:^|\/)(?![^/]*\.(?:[cm]?[jt]sx?|py|go|rs|rb|md|rst|txt|ya?ml|json)$)(?:(?:Dockerfile|Containerfile)(?:[._-][^/]*)?|[^/]+\.(?:[Dd]ockerfile|[Cc]ontainerfile))$/,
    readDockerfile,
  ],
  [/(?:^|\/)(?:docker-)?compose(?:[._-][^/]*)?\.ya?ml$/, readCompose],
  [/(?:^|\/)\.?devcontainer\.json$/, readDevcontainer],
  [/(?:^|\/)\.python-versions?$/, readPythonVersionFile],
  [/(?:^|\/)\.(?:nvmrc|node-version)$/, readNodeVersionFile],
  [/(?:^|\/)\.tool-versions$/, readToolVersions],
  [
    /(?:^|\/)(?:\.?mise(?:\.[\w-]+)?\.toml|\.?mise\/config(?:\.[\w-]+)?\.toml|\.config\/mise(?:\.toml|\/conf\.d\/[^/]+\.toml))$/,
    readMiseToml,
  ],
  [/(?:^|\/)runtime\.txt$/, readRuntimeTxt],
  [/(?:^|\/)package\.json$/, readPackageJson],
  [/(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$/, readNpmLock],
  [/(?:^|\/)pnpm-lock\.yaml$/, readPnpmLock],
  [/(?:^|\/)yarn\.lock$/, readYarnLock],
  [/(?:^|\/)(?:(?:GNU)?[Mm]akefile|[^/]+\.mk)$/, readMakefile],
  [/(?:^|\/)(?:\.?[Jj]ustfile|[^/]+\.just)$/, readJustfile],
  [/(?:^|\/)[^/]*(?:requirements|constraints)[^/]*\.(?:txt|in|pip)$/i, readRequirementsFile],
  [/(?:^|\/)(?:[\w-]*requirements|reqs|constraints)\/(?:.*\/)?[^/]+\.(?:txt|in|pip)$/i, readRequirementsFile],
];

/** The reader for a file by its path (relative to the repository's top); undefined for one that declares nothing. */
export function readerOf(path: string): Reader | undefined {
  return kinds.find(([pattern]) => pattern.test(path))?.[1];
}

/** The reader for a file that another one takes in, whatever it is called. */
export function readerOfReference({ as }: IncludedFile): Reader {
  switch (as) {
    case 'requirements':
    case 'constraints':
      return readRequirementsFile;
    case 'python-version':
      return readPythonVersionFile;
    case 'node-version':
      return readNodeVersionFile;
    case 'workflow':
    case 'action':
      return readGithubWorkflow;
    case 'gitlab':
      return readGitlabCi;
    default:
      return as satisfies never;
  }
}
