import { execFileSync } from 'node:child_process';
import { beforeEach, expect, test } from 'vitest';
import { folderOf } from '../../../test/support/repo.ts';
import { detectedStep } from '../../config/detect/detected-step.ts';
import type { StepConfig } from '../../config/config.ts';
import { stepsInCi, type CiVariableFacts, type StepsInCi } from './ci-variables.ts';

let dir = '';
let sha = '';

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: dir, encoding: 'utf8' }).trim();

beforeEach(() => {
  dir = folderOf({ 'app.py': '' });
  git('init', '-q', '-b', 'Feature/one');
  git('remote', 'add', 'origin', 'git@example.com:acme/shop.git');
  git('add', '.');
  git('commit', '-q', '-m', 'first');
  sha = git('rev-parse', 'HEAD');
});

const inCi = (steps: readonly StepConfig[], more: Partial<CiVariableFacts> = {}): Promise<StepsInCi> =>
  stepsInCi(steps, { system: 'github', dir, ownDir: dir, env: {}, ...more });

test('a step finds what is the same for every push; what a commit decides it gets when it starts, and is keyed by what it names', async () => {
  const { steps, ofCommit } = await inCi([
    detectedStep({ name: 'plain', run: 'pytest', env: { GITHUB_ACTIONS: 'no' } }),
    detectedStep({ name: 'named', run: 'echo $GITHUB_REF_NAME' }),
    detectedStep({
      name: 'filled',
      run: "build '${{ github.sha }}' ${{github.repository}}",
      env: { TAG: 'v-${{ github.ref_name }}' },
    }),
  ]);
  const [plain, named, filled] = steps;
  expect(plain?.env).toMatchObject({ GITHUB_ACTIONS: 'no', RUNNER_OS: 'Linux', GITHUB_EVENT_NAME: 'push' });
  expect(Object.keys(plain?.env ?? {})).not.toContain('GITHUB_SHA');
  expect(named?.env).toMatchObject({ GITHUB_REF_NAME: 'Feature/one' });
  expect(Object.keys(named?.env ?? {})).not.toContain('GITHUB_SHA');
  expect(filled).toMatchObject({ run: `build '${sha}' acme/shop`, env: { TAG: 'v-Feature/one' } });
  expect(await ofCommit()).toEqual({
    GITHUB_SHA: sha,
    GITHUB_REF: 'refs/heads/Feature/one',
    GITHUB_REF_NAME: 'Feature/one',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_REPOSITORY_OWNER: 'acme',
  });
});

test('GitLab likewise; its variables stand in others, too', async () => {
  const { steps, ofCommit } = await inCi(
    [detectedStep({ name: 'a', run: 'true', env: { IMAGE: 'app:$CI_COMMIT_SHORT_SHA', OTHER: '$HOME' } })],
    { system: 'gitlab' },
  );
  expect(steps[0]?.env).toMatchObject({ GITLAB_CI: 'true', IMAGE: `app:${sha.slice(0, 8)}`, OTHER: '$HOME' });
  expect(await ofCommit()).toMatchObject({
    CI_COMMIT_SHA: sha,
    CI_COMMIT_REF_SLUG: 'feature-one',
    CI_PROJECT_NAME: 'shop',
  });
});

test('on a machine of that CI system its own values count; elsewhere a variable of that name is nobody’s', async () => {
  const env = { GITHUB_ACTIONS: 'true', GITHUB_REF_NAME: '7/merge' };
  expect((await (await inCi([], { env })).ofCommit())['GITHUB_REF_NAME']).toBe('7/merge');
  const other = { GITHUB_REF_NAME: '7/merge' };
  expect((await (await inCi([], { env: other })).ofCommit())['GITHUB_REF_NAME']).toBe('Feature/one');
});

test('what git does not know is not there', async () => {
  const bare = folderOf({});
  const { ofCommit } = await inCi([], { dir: bare, ownDir: bare });
  expect(await ofCommit()).toEqual({});
});
