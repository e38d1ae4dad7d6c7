import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeEnvironment, type FakeEnvironment } from '../../test/support/fake-environment.ts';
import { step } from '../../test/support/steps.ts';
import type { StepConfig } from '../config/config.ts';
import { failure } from '../core/failure.ts';
import { err, ok } from '../core/result.ts';
import type { RunEvent, RunFinished } from './events.ts';
import { runPipeline, type PipelineRun } from './run-pipeline.ts';
import { shellCommand } from './run-step.ts';
import { resolveStepVariables } from './step-variables.ts';

let fake: FakeEnvironment;
let events: RunEvent[];
let stop: AbortController;

beforeEach(() => {
  fake = createFakeEnvironment();
  events = [];
  stop = new AbortController();
});
afterEach(() => {
  vi.useRealTimers();
});

function run(steps: readonly StepConfig[], more: Partial<PipelineRun> = {}): Promise<RunFinished> {
  const variables = resolveStepVariables(steps, {});
  return runPipeline({
    steps,
    open: async () => ok({ environment: fake.environment }),
    variables: variables.ok ? variables.value.byStep : new Map(),
    jobs: 4,
    failFast: false,
    emit: (event) => events.push(event),
    signal: stop.signal,
    project: '/home/me/app',
    configSource: 'parity.yaml',
    ...more,
  });
}

/** The steps' ends in a word each: `lint failed 1`, `build skipped needs lint`. */
function ends(): string[] {
  return events.flatMap((event) =>
    event.type === 'step-finished'
      ? [
          [event.step, event.outcome, event.reason ?? event.exitCode, event.because]
            .filter((part) => part !== undefined)
            .join(' '),
        ]
      : [],
  );
}

describe('runPipeline', () => {
  it('hands on what a step of a job passes on, tells the job of each command, and ends the job after its last step', async () => {
    const running = run([
      step('start', { job: 'web' }),
      step('smoke', { job: 'web', needs: ['start'], run: 'curl ${{ steps.start.outputs.url }}', env: { OWN: '1' } }),
      step('alone'),
    ]);
    const [start, alone] = [await fake.started('start'), await fake.started('alone')];
    expect(start.command).toMatchObject({ job: 'web', env: {} });
    expect(alone.command).not.toHaveProperty('job');
    start.exit(0, { passedOn: { env: 'PORT=8000\n', path: '/opt/tool\n', output: 'url=http://localhost\n' } });
    const smoke = await fake.started('smoke');
    expect(smoke.command).toMatchObject({
      job: 'web',
      env: { PORT: '8000', OWN: '1' },
      path: ['/opt/tool'],
      ...shellCommand('curl http://localhost'),
    });
    expect(fake.endedJobs()).toEqual([]);
    smoke.exit(0, { passedOn: { env: '', path: '', output: '' } });
    alone.exit(0);
    expect(await running).toMatchObject({ outcome: 'passed' });
    expect(fake.endedJobs()).toEqual(['web']);
  });

  it('fails a step that passes on what no CI system takes, and ends its job with it', async () => {
    const running = run([step('start', { job: 'web' }), step('smoke', { job: 'web', needs: ['start'] })]);
    const start = await fake.started('start');
    start.exit(0, { passedOn: { env: 'words\n', path: '', output: '' } });
    expect(await running).toMatchObject({ outcome: 'failed' });
    expect(ends()).toEqual(['start failed 1', 'smoke skipped needs start']);
    const said = events.flatMap((event) => (event.type === 'step-output' ? [String(event.data)] : []));
    expect(said).toEqual(['parity: GITHUB_ENV has the line "words", which is not NAME=value\n']);
    expect(fake.endedJobs()).toEqual(['web']);
  });

  it('hands on what a step had passed on before it failed, to what runs all the same', async () => {
    const running = run([
      step('start', { job: 'web' }),
      step('after', { job: 'web', needs: ['start'], always: 'started' }),
    ]);
    (await fake.started('start')).exit(1, { passedOn: { env: 'STATUS=failed\n', path: '', output: '' } });
    const after = await fake.started('after');
    expect(after.command).toMatchObject({ env: { STATUS: 'failed' } });
    after.exit(0);
    expect(await running).toMatchObject({ outcome: 'failed' });
  });

  it('runs steps side by side, keeps each output with its step and tells the whole story in order', async () => {
    const running = run([step('a'), step('b'), step('c', { needs: ['a'] })]);
    const [a, b] = [await fake.started('a'), await fake.started('b')];
    a.print('a1\n');
    b.print('b1\n', 'stderr');
    a.exit(0);
    const c = await fake.started('c');
    expect(fake.running()).toEqual(['b', 'c']);
    c.print('c1\n');
    c.exit(0);
    b.exit(0);
    const finished = await running;
    expect(finished).toMatchObject({ outcome: 'passed', imageId: 'sha256:fake', counts: { passed: 3, failed: 0 } });
    expect(finished.failure).toBeUndefined();
    expect(fake.released()).toBe(true);
    expect(events[0]).toMatchObject({ type: 'run-started', jobs: 4, configSource: 'parity.yaml' });
    expect(events.at(-1)).toBe(finished);
    const about = (name: string): string[] =>
      events.flatMap((event) => ('step' in event && event.step === name ? [event.type] : []));
    expect(about('a')).toEqual(['step-started', 'step-output', 'step-finished']);
    expect(
      events
        .filter((event) => event.type === 'step-output')
        .map((event) => `${event.step} ${event.stream} ${event.data}`),
    ).toEqual(['a stdout a1\n', 'b stderr b1\n', 'c stdout c1\n']);
  });

  it('gives a command its line for bash, its folder in the workspace, its variables and its network', async () => {
    const steps = [
      step('ui', {
        run: 'npm test',
        cwd: 'core/admin_ui',
        env: { A: '1', B: 'default' },
        passEnv: ['B', 'C'],
        secrets: ['TOKEN'],
        network: 'full',
      }),
    ];
    const variables = resolveStepVariables(steps, { B: 'host', TOKEN: 's3cret', HOME: '/home/me' });
    const running = run(steps, { variables: variables.ok ? variables.value.byStep : new Map() });
    const ui = await fake.started('ui');
    ui.exit(0);
    await running;
    expect(ui.command).toEqual({
      name: 'ui',
      ...shellCommand('npm test'),
      cwd: '/workspace/app/core/admin_ui',
      env: { A: '1', B: 'host', TOKEN: 's3cret' },
      network: 'full',
    });
  });

  it('asks for what pytest wrote down when its step has failed, and only then', async () => {
    const running = run([step('passes', { run: 'pytest -q' }), step('fails', { run: 'pytest -q > report.txt' })]);
    (await fake.started('passes')).exit(0);
    const fails = await fake.started('fails');
    fails.exit(1);
    const reading = await fake.started('fails (results)');
    expect(reading.command).toMatchObject({
      argv: ['sh', '-c', expect.any(String), 'sh', fails.command.env['PARITY_RESULTS']],
    });
    const failure = { test: 'test_a.py::test_a', phase: 'call', exception: 'KeyError', message: "KeyError: 'a'" };
    reading.print(
      `${JSON.stringify({ ...failure, frames: [['/workspace/a.py', 3]], own: ['/workspace/test_a.py', 1] })}\n`,
    );
    reading.exit(0);
    await running;
    const said = events.flatMap((event) => (event.type === 'step-finished' ? [[event.step, event.diagnostics]] : []));
    expect(said).toEqual([
      ['passes', []],
      [
        'fails',
        [
          {
            tool: 'pytest',
            code: 'KeyError',
            severity: 'error',
            message: "KeyError: 'a'",
            file: 'a.py',
            line: 3,
            column: null,
            test: 'test_a.py::test_a',
          },
        ],
      ],
    ]);
  });

  it('lets independent steps run after a failure and skips what needed it', async () => {
    const running = run([step('install'), step('build', { needs: ['install'] }), step('lint')], { jobs: 1 });
    (await fake.started('install')).exit(3);
    (await fake.started('lint')).exit(0);
    expect(await running).toMatchObject({ outcome: 'failed', counts: { failed: 1, skipped: 1, passed: 1 } });
    expect(ends()).toEqual(['install failed 3', 'build skipped needs install', 'lint passed 0']);
  });

  it('passes with a failure that is allowed, which it names so, and starts what needs the step', async () => {
    const running = run([step('types', { allowFailure: 'step' }), step('build', { needs: ['types'] })], {
      failFast: true,
    });
    (await fake.started('types')).exit(3);
    (await fake.started('build')).exit(0);
    const { outcome, counts } = await running;
    expect({ outcome, counts }).toEqual({
      outcome: 'passed',
      counts: { passed: 1, failed: 0, tolerated: 1, cached: 0, skipped: 0, cancelled: 0 },
    });
    expect(ends()).toEqual(['types tolerated 3', 'build passed 0']);
  });

  it('starts nothing more after a failure with failFast, and lets what runs end', async () => {
    const running = run([step('a'), step('b'), step('c')], { jobs: 2, failFast: true });
    const b = await fake.started('b');
    (await fake.started('a')).exit(1);
    b.exit(0);
    expect(await running).toMatchObject({ outcome: 'failed' });
    expect(ends()).toEqual(['a failed 1', 'c skipped fail-fast', 'b passed 0']);
  });

  it('says what to type next: the step’s own word, else its fix', async () => {
    const running = run([
      step('format', { fix: 'black core/' }),
      step('lint', { fix: 'ruff', onFailure: 'Ask Ann' }),
      step('types'),
      step('elsewhere', { cwd: 'services/our billing', fix: 'black .' }),
    ]);
    for (const name of ['format', 'lint', 'types', 'elsewhere']) (await fake.started(name)).exit(1);
    await running;
    const next = events.flatMap((event) => (event.type === 'step-finished' ? [event.next] : []));
    expect(next).toEqual([['Run: black core/'], ['Ask Ann'], [], ["Run: (cd 'services/our billing' && black .)"]]);
  });

  it('tells a step that lacked network how to have it, and one that had it whom to turn to', async () => {
    const running = run([
      step('install', { fix: 'x' }),
      step('online', { network: 'full' }),
      step('local', { network: 'services' }),
    ]);
    const unresolved = 'npm error code EAI_AGAIN\nnpm error request to https://acme.test/left-pad failed\n';
    const [install, online, local] = [
      await fake.started('install'),
      await fake.started('online'),
      await fake.started('local'),
    ];
    install.print(unresolved);
    online.print(unresolved);
    local.print('Error: connect ECONNREFUSED 127.0.0.1:5432\n');
    for (const each of [install, online, local]) each.exit(1);
    await running;
    const said = events.flatMap((event) =>
      event.type === 'step-finished' ? [[event.remedies?.[0]?.remedy, ...event.next]] : [],
    );
    const escalation = 'If nothing here changed and it stays so: parity bundle';
    expect(said).toEqual([
      [
        'Install in a step before that has `network: full`; if it must be this one, in parity.yaml, step "install": network: full',
      ],
      [
        'Install in a step with network: full; if it has it, look at the proxy settings and try again later',
        escalation,
      ],
      ['Declare the server under services, or start it in the step; mind that localhost is the container', escalation],
    ]);
  });

  it('tells a kill for memory apart from a failure', async () => {
    const running = run([step('lint', { fix: 'mend' }), step('tests', { fix: 'never mind' })]);
    (await fake.started('lint')).exit(1, { outOfMemory: true });
    (await fake.started('tests')).exit(137, { outOfMemory: true, peakMemoryBytes: 512_000_000 });
    expect(await running).toMatchObject({ outcome: 'failed', counts: { failed: 2 } });
    expect(events.find((event) => event.type === 'step-finished')).toMatchObject({
      step: 'lint',
      reason: null,
      next: ['Run: mend', 'While it ran, something was killed for memory. To tell whose: parity up --jobs 1 lint'],
    });
    expect(events.at(-2)).toMatchObject({
      reason: 'out-of-memory',
      exitCode: 137,
      peakMemoryBytes: 512_000_000,
      next: [
        'Run: parity up --jobs 1 tests',
        'If it is still killed, give the engine more memory',
        'If nothing here changed and it stays so: parity bundle',
      ],
    });
  });

  it('ends a step at its timeout: TERM to its group, KILL when that does nothing', async () => {
    vi.useFakeTimers();
    fake.onSignal((played, signal) => {
      if (signal === 'SIGKILL') played.die('SIGKILL');
    });
    const running = run([step('slow', { timeoutSeconds: 30 }), step('after', { needs: ['slow'] })]);
    const slow = await fake.started('slow');
    await vi.advanceTimersByTimeAsync(29_999);
    expect(slow.signals).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(slow.signals).toEqual(['SIGTERM']);
    await vi.advanceTimersByTimeAsync(5000);
    expect(slow.signals).toEqual(['SIGTERM', 'SIGKILL']);
    expect(await running).toMatchObject({ outcome: 'failed' });
    expect(ends()).toEqual(['slow failed timeout', 'after skipped needs slow']);
  });

  it('ends within two seconds of an interruption even when nothing answers, and gives its signal on', async () => {
    vi.useFakeTimers();
    const running = run([step('deaf'), step('waiting', { needs: ['deaf'] })]);
    const deaf = await fake.started('deaf');
    stop.abort(failure('interrupted', 'interrupted', { signal: 'SIGTERM' }));
    await vi.advanceTimersByTimeAsync(0);
    expect(deaf.signals).toEqual(['SIGTERM']);
    await vi.advanceTimersByTimeAsync(1400);
    const finished = await running;
    expect(deaf.signals).toEqual(['SIGTERM', 'SIGKILL']);
    expect(finished).toMatchObject({ outcome: 'cancelled', failure: { reason: 'interrupted', signal: 'SIGTERM' } });
    expect(ends()).toEqual(['deaf cancelled interrupted', 'waiting cancelled interrupted']);
    deaf.print('too late');
    await vi.advanceTimersByTimeAsync(0);
    expect(events.at(-1)).toBe(finished);
  });

  it('is over as soon as the steps have ended after Ctrl-C', async () => {
    fake.onSignal((played, signal) => played.die(signal));
    const running = run([step('a'), step('b')]);
    await fake.started('a');
    await fake.started('b');
    stop.abort(failure('interrupted', 'interrupted', { signal: 'SIGINT' }));
    expect(await running).toMatchObject({ outcome: 'cancelled', counts: { cancelled: 2 } });
  });

  it('reports every step when the environment goes away under them', async () => {
    const gone = failure('environment-lost', 'the container 1234 is gone', { next: 'parity up' });
    const running = run([step('a'), step('b'), step('c', { needs: ['a'] })], { jobs: 2 });
    const [a, b] = [await fake.started('a'), await fake.started('b')];
    a.lose(gone);
    b.lose(gone);
    expect(await running).toMatchObject({ outcome: 'failed', failure: gone });
    expect(ends()).toEqual([
      'a cancelled environment-lost',
      'c skipped environment-lost',
      'b cancelled environment-lost',
    ]);
  });

  it('runs what needs no service when one can’t be had, and says at the end which', async () => {
    const missing = failure('registry-refused', 'service "db": its image postgres:99 is not there', { service: 'db' });
    const { environment } = fake;
    const without = {
      ...environment,
      start: (command: Parameters<typeof environment.start>[0]) =>
        command.job === 'build' ? Promise.resolve(err(missing)) : environment.start(command),
    };
    const steps = [
      step('tests', { job: 'build', network: 'services' }),
      step('coverage', { job: 'build', needs: ['tests'] }),
      step('lint'),
    ];
    const running = run(steps, { open: async () => ok({ environment: without }), jobs: 1 });
    (await fake.started('lint')).exit(0);
    expect(await running).toMatchObject({ outcome: 'failed', failure: missing });
    expect(ends()).toEqual(['tests cancelled service', 'coverage skipped needs tests', 'lint passed 0']);
  });

  it('reports an environment that can’t be opened as the run’s end, with no step begun', async () => {
    const full = failure('disk-full', 'no space left');
    const finished = await run([step('a')], { open: async () => err(full) });
    expect(finished).toMatchObject({ outcome: 'failed', failure: full, imageId: null });
    expect(events.map((event) => event.type)).toEqual(['run-started', 'run-finished']);
  });

  it('gives up opening at once when interrupted, and lets go of what was opened too late', async () => {
    let opened: () => void = () => {};
    const running = run([step('a')], {
      open: () => new Promise((resolve) => (opened = () => resolve(ok({ environment: fake.environment })))),
    });
    stop.abort(failure('interrupted', 'interrupted', { signal: 'SIGINT' }));
    expect(await running).toMatchObject({ outcome: 'cancelled' });
    opened();
    await vi.waitFor(() => expect(fake.released()).toBe(true));
  });

  it('waits until the environment has removed what a run made, and not so long when it is interrupted meanwhile', async () => {
    vi.useFakeTimers();
    let removed: () => void = () => {};
    const release = (): Promise<void> => new Promise((resolve) => (removed = resolve));
    const slow = { ...fake.environment, release };
    const ends: Readonly<Record<string, () => void>> = { removed: () => removed(), interrupted: () => stop.abort() };
    for (const [name, end] of Object.entries(ends)) {
      let isOver = false;
      const running = run([step(name)], { open: async () => ok({ environment: slow }) });
      void running.then(() => (isOver = true));
      (await fake.started(name)).exit(0);
      await vi.advanceTimersByTimeAsync(10_000);
      expect([events.at(-1)?.type, isOver]).toEqual(['run-finished', false]);
      end();
      await vi.advanceTimersByTimeAsync(1000);
      expect(isOver).toBe(true);
    }
  });

  it('tells what the tools said, to reporters and to whoever advises', async () => {
    const advised: unknown[] = [];
    const running = run([step('types', { run: 'mypy core', cwd: 'sub' })], {
      isFile: (path) => path === 'app/sub/core/a.py',
      advise: ({ diagnostics }) => {
        advised.push(diagnostics);
        return ['Run: mend'];
      },
    });
    const types = await fake.started('types');
    types.print('core/a.py:3: error: No');
    types.print('noise\n', 'stderr');
    types.print(' good  [misc]\nFound 1 error in 1 file (checked 1 source file)\n');
    types.exit(1);
    await running;
    const finished = events.find((event) => event.type === 'step-finished');
    const said = [
      {
        tool: 'mypy',
        code: 'misc',
        severity: 'error',
        message: 'No good',
        file: 'app/sub/core/a.py',
        line: 3,
        column: null,
      },
    ];
    expect(finished).toMatchObject({ outcome: 'failed', diagnostics: said, next: ['Run: mend'] });
    expect(advised).toEqual([said]);
  });
});
