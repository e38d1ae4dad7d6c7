import { workspaceRoot } from './decided-pipeline.ts';
import type { CiSystem } from './model.ts';

// https://docs.github.com/actions/reference/workflows-and-actions/variables, https://docs.gitlab.com/ci/variables/predefined_variables/

/** The documented variables of a CI system that are the same for every push to a branch. */
export const constantVariables: Readonly<Record<CiSystem, Readonly<Record<string, string>>>> = {
  github: {
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: workspaceRoot,
    GITHUB_EVENT_NAME: 'push',
    GITHUB_REF_TYPE: 'branch',
    GITHUB_HEAD_REF: '',
    GITHUB_BASE_REF: '',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
    RUNNER_OS: 'Linux',
    RUNNER_TEMP: '/tmp',
    RUNNER_ENVIRONMENT: 'github-hosted',
  },
  gitlab: {
    GITLAB_CI: 'true',
    CI_SERVER: 'yes',
    CI_SERVER_NAME: 'GitLab',
    CI_PIPELINE_SOURCE: 'push',
    CI_PROJECT_DIR: workspaceRoot,
  },
};

/** Those that git knows when a run starts: commit, branch, repository. */
export const commitVariables: Readonly<Record<CiSystem, readonly string[]>> = {
  github: ['GITHUB_SHA', 'GITHUB_REF', 'GITHUB_REF_NAME', 'GITHUB_REPOSITORY', 'GITHUB_REPOSITORY_OWNER'],
  gitlab: [
    'CI_COMMIT_SHA',
    'CI_COMMIT_SHORT_SHA',
    'CI_COMMIT_BRANCH',
    'CI_COMMIT_REF_NAME',
    'CI_COMMIT_REF_SLUG',
    'CI_PROJECT_PATH',
    'CI_PROJECT_NAME',
    'CI_PROJECT_NAMESPACE',
  ],
};

/** True for a variable that steps find when they start. */
export function isThereAtStart(system: CiSystem, name: string): boolean {
  return name in constantVariables[system] || commitVariables[system].includes(name);
}

/** Members of GitHub's `github` context that stay expressions until a step starts, and the variable that each stands for. */
export const contextAtStart: Readonly<Record<string, string>> = {
  sha: 'GITHUB_SHA',
  ref: 'GITHUB_REF',
  ref_name: 'GITHUB_REF_NAME',
  repository: 'GITHUB_REPOSITORY',
  repository_owner: 'GITHUB_REPOSITORY_OWNER',
};
