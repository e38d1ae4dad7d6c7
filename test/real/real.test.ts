import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { makeRepository } from '../support/real/check-out.ts';
import { ciLines, runCiOnHost } from '../support/real/ci-on-host.ts';
import { linesOf } from '../support/real/check-results.ts';
import { serviceImages, startServices } from '../support/real/host-services.ts';
import { hostTools, type HostTools } from '../support/real/host-tools.ts';
import { indexAddresses, type IndexAddresses } from '../support/real/index-addresses.ts';
import {
  checksOf,
  foreignFiles,
  inRepository,
  leftInTree,
  lockedImages,
  parityUp,
  told,
  type ParityRun,
} from '../support/real/parity-run.ts';
import { realRepos, recordChecks, type Claim, type RealRepo, type Way } from '../support/real/real-repo.ts';

// PARITY_REAL_RECORD=yes writes what the host gives into the descriptions.
const isRecording = process.env['PARITY_REAL_RECORD'] === 'yes';
const { address, engine, folder, references, test } = engineTest();
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'parity-real-')));
let tools: HostTools;
let addresses: IndexAddresses;

beforeAll(() => {
  tools = hostTools();
  addresses = indexAddresses(tools.uv, { ...process.env, ...tools.env, UV_PYTHON: tools.python });
  // One cache for all, as on a laptop: what one repository's image has of Python packages and of Node, another's need not fetch.
  process.env['PARITY_CACHE_DIR'] ??= join(scratch, 'cache');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe.each(realRepos().map((repo) => [repo.name, repo] as const))('%s', (name, repo) => {
  beforeAll(async () => {
    for (const image of await serviceImages(engine, repo)) references.add(image);
  });

  test('the checks are lines of the CI file', () => {
    expect(Object.keys(repo.checks).length).toBeGreaterThan(0);
    expect(
      Object.keys(repo.checks)
        .flatMap(linesOf)
        .filter((line) => !ciLines(repo).includes(line)),
    ).toEqual([]);
  });

  test('the host gives what is recorded', async () => {
    const origin = join(scratch, name, 'origin');
    makeRepository(origin, repo, addresses);
    const services = await startServices(address, repo);
    const run = { repo, origin, scratch: join(scratch, name), tools, ports: services.ports };
    try {
      const { results, failed } = runCiOnHost(run);
      if (isRecording) {
        recordChecks(repo, results);
        process.stderr.write(failed);
      } else expect(results, failed).toEqual(repo.checks);
    } finally {
      await services.end();
    }
  });

  describe.each(['zero-config', 'imported'] as const)('%s', (way) => {
    waysTests(repo, way);
  });
});

/** What holds of a repository whichever way parity came to its pipeline. */
function waysTests(repo: RealRepo, way: Way): void {
  const claim = (what: 'results' | 'again') => {
    const key: Claim = `${way}: ${what}`;
    return repo.differs[key] === undefined ? test : test.fails;
  };
  const dir = folder(repo.name);
  let run: Promise<ParityRun> | undefined;
  let again: Promise<ParityRun> | undefined;
  const firstUp = async (): Promise<ParityRun> => {
    makeRepository(dir, repo, addresses);
    if (way === 'imported') {
      const imported = await inRepository(dir, ['init', '--from', repo.workflow], address);
      expect(imported.code, imported.stdout + imported.stderr).toBe(0);
    }
    // What passed for another checkout of it is no answer.
    rmSync(join(process.env['PARITY_CACHE_DIR'] ?? scratch, 'results'), { recursive: true, force: true });
    const first = await parityUp(dir, address);
    for (const image of [first.imageId, ...lockedImages(dir)]) if (image !== undefined) references.add(image);
    return first;
  };

  claim('results')('gives what the host gives', async () => {
    const first = await (run ??= firstUp());
    expect(checksOf(repo, first), told(first)).toEqual(repo.checks);
  });

  claim('again')('a second run is cached', async () => {
    const first = await (run ??= firstUp());
    const second = await (again ??= parityUp(dir, address));
    expect(first.steps.length, told(first)).toBeGreaterThan(0);
    expect(Object.fromEntries(second.steps.map(({ name, outcome }) => [name, outcome]))).toEqual(
      Object.fromEntries(first.steps.map(({ name, outcome }) => [name, outcome === 'passed' ? 'cached' : outcome])),
    );
  });

  test('nothing is left in the tree', async () => {
    await (run ??= firstUp());
    await (again ??= parityUp(dir, address));
    expect(leftInTree(dir)).toEqual([]);
    expect(foreignFiles(dir)).toEqual([]);
  });
}
