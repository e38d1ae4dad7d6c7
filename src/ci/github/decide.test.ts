import { expect, test } from 'vitest';
import type { DecidedPipeline } from '../decided-pipeline.ts';
import { decideGithub } from './decide.ts';
import { readGithubPipeline } from './read.ts';

function decided(steps: string, files: Readonly<Record<string, string>> = {}): DecidedPipeline {
  const text = `on: [push, pull_request]\njobs:\n  a:\n    runs-on: [self-hosted, linux]\n    steps:\n${steps}`;
  return decideGithub(readGithubPipeline({ path: 'ci.yml', text }), {
    wantedPython: '3.11',
    wantedNode: '24',
    repository: 'acme/shop',
    readText: (path) => files[path],
  });
}

test('a variable that only CI can decide takes no step with it, unless the command names it', () => {
  const { jobs, leftOut } = decided(`      - run: pytest
        env: { RUN_LABEL: "\${{ github.run_id }}", MODE: ci }
      - run: deploy "$WHERE"
        env: { WHERE: "\${{ vars.WHERE }}" }
`);
  expect(jobs[0]?.steps.map(({ script, env }) => [script, env])).toEqual([['pytest', { MODE: 'ci' }]]);
  expect(leftOut.map(({ what }) => what)).toEqual([
    'variable RUN_LABEL of step `pytest` of job a',
    'step `deploy "$WHERE"` of job a',
  ]);
});

test('what a run knows when it starts stays an expression, in commands, variables and what an action is given', () => {
  const { jobs, leftOut } = decided(
    `      - run: build --rev \${{ github.sha }} --event \${{ github.event_name }}
        env:
          TAG: \${{ github.ref_name }}-x
          FROM: \${{ env.TAG }}
      - uses: ./act
        with: { rev: "\${{ github.sha }}" }
      - run: echo "$GITHUB_SHA $RUNNER_OS" | tee out
      - run: echo "\${{ github.ref == 'refs/heads/main' && 'a' || 'b' }}" > out
      - run: test "\${{ github.run_id }}"
      - run: test "$GITHUB_RUN_ID"
`,
    {
      'act/action.yml':
        "inputs: { rev: {} }\nruns:\n  using: composite\n  steps:\n    - run: use ${{ inputs.rev }}\n      shell: bash\n    - run: never\n      shell: bash\n      if: inputs.rev == 'x'\n",
    },
  );
  expect(jobs[0]?.steps.map(({ script, env }) => [script, env])).toEqual([
    [
      'build --rev ${{ github.sha }} --event push',
      { TAG: '${{ github.ref_name }}-x', FROM: '${{ github.ref_name }}-x' },
    ],
    ['use ${{ github.sha }}', {}],
    ['echo "$GITHUB_SHA $RUNNER_OS" | tee out', {}],
  ]);
  expect(leftOut.map(({ what, why }) => `${what}: ${why}`)).toEqual([
    "step `never` of job a: whether it runs depends on `inputs.rev == 'x'`: ${{ github.sha }} is known when a run starts",
    expect.stringContaining('github.ref is known when a run starts'),
    expect.stringContaining('github.run_id is known only to GitHub'),
    expect.stringContaining('it uses $GITHUB_RUN_ID, which only GitHub sets'),
  ]);
});
