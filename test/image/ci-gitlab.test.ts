import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { afterAll, describe, expect, onTestFinished } from 'vitest';
import type { Receipt } from '../../src/receipt/receipt.ts';
import { ciProject, type CiProject } from '../support/ci-project.ts';
import { ciTool, type CiRun } from '../support/ci-tools.ts';
import { engineTest } from '../support/engine-test.ts';
import { sweep } from '../support/environment.ts';
import { must } from '../support/image.ts';
import { madeImage } from '../support/made-image.ts';
import { parity } from '../support/parity.ts';

const { address, engine, test } = engineTest();
const projects: CiProject[] = [];

afterAll(async () => {
  for (const project of projects) await forgetImage(project);
  await sweep(
    engine,
    projects.map(({ dir }) => dir),
  );
});

async function start(ci: string): Promise<CiProject> {
  const project = await ciProject(address, { ci });
  projects.push(project);
  expect(await project.run('ci', 'gitlab')).toMatchObject({ code: 0 });
  project.commit('a shop');
  return project;
}

async function forgetImage({ reference }: CiProject): Promise<void> {
  must(await engine.removeImage(reference, { force: true }));
}

/** Runs the pipeline on this machine, in a copy of the repository: no image of a job can be pulled here. */
function runJobs({ dir, home }: CiProject, ...more: readonly string[]): Promise<CiRun> {
  const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '5', NO_COLOR: '1' };
  return ciTool('gitlab-ci-local', ['--shell-isolation', '--force-shell-executor', '--no-color', ...more], {
    cwd: dir,
    home,
    env,
  });
}

/** The engine of a socket at a TCP address, which says nothing of where it runs. */
async function overTcp(socketAddress: string): Promise<string> {
  const server = createServer((client) => {
    const upstream = connect(socketAddress.replace(/^unix:\/\//, ''));
    pipeline(client, upstream, client, () => {});
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const receiptOf = ({ dir }: CiProject): Receipt =>
  JSON.parse(readFileSync(join(dir, '.parity', 'reports', 'receipt.json'), 'utf8')) as Receipt;
const outcomes = ({ steps }: Receipt): Readonly<Record<string, string>> =>
  Object.fromEntries(steps.map(({ name, outcome }) => [name, outcome]));

describe('the generated GitLab file under gitlab-ci-local', () => {
  test('runs in the laptop’s image to green, and to red when a test is broken', async () => {
    // No engine's image can be pulled here: another stands in for docker:dind, and the job gets this machine's engine over TCP, without
    // TLS. All else is as it is written.
    const service = await madeImage(engine, 'registry');
    const project = await start(`  gitlab: { engine: '${service}' }\n`);
    const tcp = await overTcp(address);
    const variables = [`DOCKER_HOST=${tcp}`, 'DOCKER_TLS_VERIFY=', 'DOCKER_CERT_PATH='];
    const own = ['--pull-policy', 'if-not-present', ...variables.flatMap((variable) => ['--variable', variable])];
    // Whether it sees the files is tried, whatever its address.
    expect(await parity(['up', '--frozen'], { cwd: project.dir, env: { DOCKER_HOST: tcp } })).toMatchObject({
      code: 0,
    });
    const laptop = await project.run('up', '--frozen', '--report', 'receipt=../laptop.json');
    expect(laptop).toMatchObject({ code: 0 });
    await forgetImage(project);

    const green = await runJobs(project, ...own);
    expect(green.code === 0 ? 0 : green.output).toBe(0);
    expect(green.output).toContain('> image: Building the image');
    expect(green.output).toContain(`> ${project.imageId}\n`);
    expect(receiptOf(project)).toMatchObject({ outcome: 'passed', dirty: false, image: { id: project.imageId } });
    const compared = await project.run('compare', '.parity/reports/receipt.json', '../laptop.json');
    expect(compared.code === 0 ? 0 : compared).toBe(0);

    // gitlab-ci-local leaves the artifacts in the laptop's tree; GitLab does not.
    rmSync(join(project.dir, '.parity'), { recursive: true });
    project.write('shop.py', 'def total(prices):\n    return 4\n');
    project.commit('cheaper');
    await forgetImage(project);
    const red = await runJobs(project, ...own);
    expect(red.code).toBe(1);
    expect(red.output).toContain('> the image was cached');
    expect(red.output).not.toContain('Building the image');
    expect(red.output).toContain('AssertionError: 4 != 3');
    expect(receiptOf(project)).toMatchObject({ outcome: 'failed', image: { id: project.imageId } });
    expect(outcomes(receiptOf(project))).toEqual({ compile: 'passed', tests: 'failed', commit: 'passed' });
  });

  test('on a runner of one’s own, over two shards: one receipt of both', async () => {
    const project = await start('  shards: 2\n  gitlab: { executor: shell }\n');
    const green = await runJobs(project);
    expect(green.code === 0 ? 0 : green.output).toBe(0);
    const receipt = receiptOf(project);
    expect(receipt).toMatchObject({ outcome: 'passed', image: { id: project.imageId }, options: { shard: null } });
    expect(outcomes(receipt)).toEqual({ compile: 'passed', tests: 'passed', commit: 'passed' });

    project.write('shop.py', 'def total(prices):\n    return 4\n');
    project.commit('cheaper');
    const red = await runJobs(project);
    expect(red.code).toBe(1);
    expect(red.output).toContain('AssertionError: 4 != 3');
  });
});
