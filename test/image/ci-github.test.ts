import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GenericContainer, Wait, type StartedTestContainer } from 'testcontainers';
import { afterAll, describe, expect } from 'vitest';
import type { Receipt } from '../../src/receipt/receipt.ts';
import { ciProject, type CiProject } from '../support/ci-project.ts';
import { act, type CiRun } from '../support/ci-tools.ts';
import { engineTest } from '../support/engine-test.ts';
import { sweep } from '../support/environment.ts';
import { must } from '../support/image.ts';
import { madeImage } from '../support/made-image.ts';

// What stands between this and GitHub: act runs the workflow on this machine, and test/fixtures/actions stand in for GitHub's actions.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
const { address, engine, test } = engineTest();
const projects: CiProject[] = [];
let registry: StartedTestContainer | undefined;

afterAll(async () => {
  for (const project of projects) await forgetImage(project);
  await registry?.stop();
  await sweep(
    engine,
    projects.map(({ dir }) => dir),
  );
});

async function start(more?: Parameters<typeof ciProject>[1]): Promise<CiProject> {
  const project = await ciProject(address, more);
  projects.push(project);
  expect(await project.run('ci', 'github')).toMatchObject({ code: 0 });
  project.commit('a shop');
  return project;
}

/** The CI machine has never seen the image. */
async function forgetImage({ reference }: CiProject): Promise<void> {
  must(await engine.removeImage(reference, { force: true }));
}

interface WorkflowRun extends CiRun {
  /** The files of an artifact, by name. */
  files(artifact: string): readonly string[];
  receipt(artifact: string): Receipt;
  /** Where an artifact's file is. */
  path(artifact: string, file: string): string;
}

let runs = 0;

async function runWorkflow({ dir, home }: CiProject): Promise<WorkflowRun> {
  const artifacts = join(home, `artifacts-${(runs += 1)}`);
  const env = {
    DOCKER_HOST: address,
    PARITY_CACHE_DIR: join(home, 'parity'),
    PARITY_LEASE_SECONDS: '5',
    NO_COLOR: '1',
  };
  const ran = await act('.github/workflows/parity.yml', { repository: dir, home, artifacts, env });
  const path = (artifact: string, file: string): string => join(artifacts, artifact, file);
  return {
    ...ran,
    path,
    files: (artifact) => readdirSync(join(artifacts, artifact)).sort(),
    receipt: (artifact) => JSON.parse(readFileSync(path(artifact, 'receipt.json'), 'utf8')) as Receipt,
  };
}

const allReports = ['findings.sarif', 'junit.xml', 'receipt.json', 'report.html'];
const outcomes = ({ steps }: Receipt): Readonly<Record<string, string>> =>
  Object.fromEntries(steps.map(({ name, outcome }) => [name, outcome]));

describe('the generated workflow under act', () => {
  test('runs in the laptop’s image to green, and to red when a test is broken', async () => {
    const project = await start();
    const laptop = await project.run('up', '--frozen', '--report', 'receipt=../laptop.json');
    expect(laptop).toMatchObject({ code: 0 });
    await forgetImage(project);

    const green = await runWorkflow(project);
    expect(green.code === 0 ? 0 : green.output).toBe(0);
    expect(green.output).toContain('| no cache under parity-image-Linux-');
    expect(green.output).toContain('| image: Building the image');
    expect(green.output).toContain(`| ${project.imageId}\n`);
    expect(green.files('parity')).toEqual(allReports);
    expect(green.receipt('parity')).toMatchObject({ outcome: 'passed', dirty: false, image: { id: project.imageId } });
    const compared = await project.run('compare', green.path('parity', 'receipt.json'), '../laptop.json');
    expect(compared.code === 0 ? 0 : compared).toBe(0);

    project.write('shop.py', 'def total(prices):\n    return 4\n');
    project.commit('cheaper');
    await forgetImage(project);
    const red = await runWorkflow(project);
    expect(red.code).toBe(1);
    // Another machine, the same lock: the image comes out of the cache.
    expect(red.output).toContain('| found the cache parity-image-linux-');
    expect(red.output).not.toContain('Building the image');
    expect(red.output).toContain('AssertionError: 4 != 3');
    expect(red.files('parity')).toEqual(allReports);
    const receipt = red.receipt('parity');
    expect(receipt).toMatchObject({ outcome: 'failed', image: { id: project.imageId } });
    expect(outcomes(receipt)).toEqual({ compile: 'passed', tests: 'failed', commit: 'passed' });
    const different = await project.run('compare', red.path('parity', 'receipt.json'), '../laptop.json');
    expect(different.code).toBe(1);
    expect(different.stdout).toContain('shop.py');
  });

  test('over two shards, the image pulled by its digest: one receipt of both, and one job that is red when one is', async () => {
    registry = await new GenericContainer(await madeImage(engine, 'registry'))
      .withExposedPorts(5000)
      .withLabels({ 'dev.parity.kind': 'test' })
      .withWaitStrategy(Wait.forListeningPorts())
      .start();
    const repository = `localhost:${registry.getMappedPort(5000)}/acme/shop`;
    const project = await start({ repository, ci: '  shards: 2\n' });
    expect(await project.run('image', 'push')).toMatchObject({ code: 0 });
    await forgetImage(project);

    const green = await runWorkflow(project);
    expect(green.code === 0 ? 0 : green.output).toBe(0);
    expect(green.output).not.toContain('Building the image');
    for (const shard of ['1', '2']) {
      expect(green.files(`parity-shard-${shard}`)).toEqual(allReports);
      expect(green.receipt(`parity-shard-${shard}`).image.id).toBe(project.imageId);
    }
    const parts = ['1', '2'].map((shard) => Object.keys(outcomes(green.receipt(`parity-shard-${shard}`))));
    expect(parts).toEqual([['compile', 'tests'], ['commit']]);
    const whole = green.receipt('parity');
    expect(whole.options.shard).toBeNull();
    expect(outcomes(whole)).toEqual({ compile: 'passed', tests: 'passed', commit: 'passed' });

    project.write('shop.py', 'def total(prices):\n    return 4\n');
    project.commit('cheaper');
    const red = await runWorkflow(project);
    expect(red.code).toBe(1);
    expect(outcomes(red.receipt('parity'))).toEqual({ compile: 'passed', tests: 'failed', commit: 'passed' });
    expect(red.output).toMatch(/Failure - Main All shards passed/);
  });
});
