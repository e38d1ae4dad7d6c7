import type { CiSystem } from '../../ci/model.ts';
import { commitVariables as commitNames, constantVariables, contextAtStart } from '../../ci/variables-at-start.ts';
import type { StepConfig } from '../../config/config.ts';
import { currentBranch } from '../../git/changes.ts';
import { gitSettings, headCommit } from '../../git/git.ts';
import { repositoryName } from '../../git/repository-name.ts';

/** Where the values are looked for. */
export interface CiVariableFacts {
  readonly system: CiSystem;
  /** The folder whose commit is run; a clean checkout, for preflight. */
  readonly dir: string;
  /** The user's own folder, which knows the branch. */
  readonly ownDir: string;
  /** On a CI machine the real values stand here. */
  readonly env: NodeJS.ProcessEnv;
}

/** Steps with the CI system's variables, and what they get beside those when they start. */
export interface StepsInCi {
  readonly steps: readonly StepConfig[];
  /** The variables that differ from commit to commit: all steps get them, and only those that name one are keyed by it. */
  readonly ofCommit: () => Promise<Readonly<Record<string, string>>>;
}

const expression = /\$\{\{\s*github\.(sha|ref|ref_name|repository|repository_owner)\s*\}\}/g;

/**
 * Gives steps the documented variables of a CI system, as a push to this branch would: its own values are the steps' `env` first. What differs from
 * commit to commit would run every step again for each commit, as if it were an input, although a step that does not name it has no use for it: so it
 * is a part of a step's settings, and of its key, where the step's text names it.
 */
export async function stepsInCi(steps: readonly StepConfig[], facts: CiVariableFacts): Promise<StepsInCi> {
  let values: Promise<Readonly<Record<string, string>>> | undefined;
  const ofCommit = (): Promise<Readonly<Record<string, string>>> => (values ??= commitVariables(facts));
  const all = await Promise.all(
    steps.map(async (step): Promise<StepConfig> => {
      const text = [step.run, step.fix ?? '', ...Object.values(step.env)].join('\n');
      const own = { ...constantVariables[facts.system], ...jobVariables(facts.system, step) };
      if (!perCommit.test(text)) return { ...step, env: { ...own, ...step.env } };
      const known = await ofCommit();
      const named = Object.entries(known).filter(([name]) => new RegExp(`\\b${name}\\b`).test(text));
      const fill = (said: string): string =>
        said.replace(expression, (_, name: string) => known[contextAtStart[name] ?? ''] ?? '');
      const env = Object.fromEntries(
        Object.entries(step.env).map(([name, value]) => [name, expanded(fill(value), facts.system, known)]),
      );
      return {
        ...step,
        run: fill(step.run),
        ...(step.fix === undefined ? {} : { fix: fill(step.fix) }),
        env: { ...own, ...Object.fromEntries(named), ...env },
      };
    }),
  );
  return { steps: all, ofCommit };
}

function jobVariables(system: CiSystem, { job }: StepConfig): Readonly<Record<string, string>> {
  if (job === undefined) return {};
  return system === 'github' ? { GITHUB_JOB: job } : { CI_JOB_NAME: job };
}

const perCommit =
  /\$\{\{\s*github\.|\b(?:GITHUB_(?:SHA|REF|REF_NAME|REPOSITORY|REPOSITORY_OWNER)|CI_COMMIT_\w+|CI_PROJECT_\w+)\b/;

/** GitLab expands variables in the values of others; a shell of the step does that for its command. */
function expanded(value: string, system: CiSystem, known: Readonly<Record<string, string>>): string {
  if (system !== 'gitlab') return value;
  return value.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, plain?: string) => {
    const name = braced ?? plain ?? '';
    return commitNames.gitlab.includes(name) ? (known[name] ?? '') : whole;
  });
}

async function commitVariables({
  system,
  dir,
  ownDir,
  env,
}: CiVariableFacts): Promise<Readonly<Record<string, string>>> {
  const [commit, branch, settings] = await Promise.all([
    headCommit(dir),
    currentBranch(ownDir),
    gitSettings(ownDir, ['remote.origin.url']),
  ]);
  const sha = commit.ok ? commit.value : undefined;
  const origin = settings.get('remote.origin.url');
  const repository = origin === undefined ? undefined : repositoryName(origin);
  const values = system === 'github' ? githubValues(sha, branch, repository) : gitlabValues(sha, branch, repository);
  const isThere = system === 'github' ? env['GITHUB_ACTIONS'] === 'true' : env['GITLAB_CI'] === 'true';
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const real = isThere ? env[name] : undefined;
      return real === undefined && value === undefined ? [] : [[name, real ?? value ?? '']];
    }),
  );
}

type Values = Readonly<Record<string, string | undefined>>;

function githubValues(sha: string | undefined, branch: string | undefined, repository: string | undefined): Values {
  return {
    GITHUB_SHA: sha,
    GITHUB_REF: branch === undefined ? undefined : `refs/heads/${branch}`,
    GITHUB_REF_NAME: branch,
    GITHUB_REPOSITORY: repository,
    GITHUB_REPOSITORY_OWNER: repository?.split('/')[0],
  };
}

function gitlabValues(sha: string | undefined, branch: string | undefined, repository: string | undefined): Values {
  return {
    CI_COMMIT_SHA: sha,
    CI_COMMIT_SHORT_SHA: sha?.slice(0, 8),
    CI_COMMIT_BRANCH: branch,
    CI_COMMIT_REF_NAME: branch,
    CI_COMMIT_REF_SLUG: branch
      ?.toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 63)
      .replace(/^-+|-+$/g, ''),
    CI_PROJECT_PATH: repository,
    CI_PROJECT_NAME: repository?.split('/').at(-1),
    CI_PROJECT_NAMESPACE: repository?.split('/').slice(0, -1).join('/'),
  };
}
