import type { JobRun } from '../compare.ts';

/** Jobs of which gitlab-ci-local gives something else than GitLab documents, and what GitLab gives. */
export interface Documented {
  /** What is documented, and where. */
  readonly why: string;
  readonly runs: readonly JobRun[];
}

const job = (name: string, ...lines: readonly string[]): JobRun => ({
  job: name,
  outcome: 'passed',
  lines: lines.map((text) => ({ text })),
});
const notRun = (name: string): JobRun => ({ job: name, outcome: 'skipped', lines: [] });

/** By the pipeline's name. */
export const documented: Readonly<Record<string, Documented>> = {
  'after-script-sees-files': {
    why: 'the after_script runs in the working tree of the script (docs.gitlab.com/ci/yaml/#after_script); gitlab-ci-local makes a new copy of the repository for it',
    runs: [job('job', 'made')],
  },
  'artifacts-untracked': {
    why: '`untracked: true` hands on all files that git does not track (docs.gitlab.com/ci/yaml/#artifactsuntracked); gitlab-ci-local hands on none from its shell executor',
    runs: [job('test', 'new')],
  },
  'artifacts-when-on-failure': {
    why: '`when: on_failure` keeps files of a failed job only (docs.gitlab.com/ci/yaml/#artifactswhen); gitlab-ci-local keeps them of each',
    runs: [job('test', 'the log is kept of failures only')],
  },
  'include-inputs-functions': {
    why: '`truncate(0,5)` gives the first five characters (docs.gitlab.com/ci/inputs/#predefined-interpolation-functions); gitlab-ci-local passes over it',
    runs: [job('job', 'abcde')],
  },
  'only-and-except': {
    why: '`only: [tags]` and a pattern of `except` keep a job out of a branch (docs.gitlab.com/ci/yaml/deprecated_keywords/#only--except); gitlab-ci-local passes over both',
    runs: [notRun('tags-only'), notRun('not-here')],
  },
  'predefined-variables': {
    why: '`GITLAB_CI` is true for all jobs that GitLab runs (docs.gitlab.com/ci/variables/predefined_variables); gitlab-ci-local says false',
    runs: [
      job(
        'job',
        'true true',
        'push',
        'a-change a-change a-change',
        '40 8',
        "in the project's folder",
        'shop',
        'job test',
      ),
    ],
  },
};
