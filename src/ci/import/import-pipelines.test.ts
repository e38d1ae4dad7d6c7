import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { folderOf } from '../../../test/support/repo.ts';
import { importCi } from '../../app/init/import-ci.ts';
import { initProject } from '../../app/init/init-project.ts';
import type { Config } from '../../config/config.ts';
import { detectRepo } from '../../config/detect.ts';
import { projectFiles } from '../../config/detect/files.ts';
import { readRepo } from '../../config/detect/repo.ts';
import { loadConfig, parseConfig } from '../../config/load.ts';
import { writeConfigFile } from '../../config/init.ts';
import { decideGithub } from '../github/decide.ts';
import { readGithubPipeline } from '../github/read.ts';
import { decideGitlab } from '../gitlab/decide.ts';
import { readGitlabPipeline } from '../gitlab/read.ts';
import { importPipelines } from './import-pipelines.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/ci/', import.meta.url));

/** A config without what depends on where it was read: source and spans. */
function content({ toolchain, image, services, pipeline }: Config): unknown {
  const plain = <T extends object>(each: T): T => ({ ...each, span: undefined });
  // Who asks for a package manager is parity.yaml, once the import is written there.
  const managers = toolchain.managers?.map(({ name, version }) => [name, version]);
  return { toolchain: { ...toolchain, managers }, image, services: services.map(plain), pipeline: pipeline.map(plain) };
}

test.each(readdirSync(fixtures).sort())('imports %s, and the file loads back as the same config', async (name) => {
  const dir = folderOf({});
  cpSync(join(fixtures, name), dir, { recursive: true });
  const files = await projectFiles(dir);
  const listed = files.ok ? files.value : [];
  const repo = readRepo(dir, listed);
  const target = { dir, files: listed, repo, detected: detectRepo(repo) };
  const imported = await importCi(target, { cwd: dir, from: 'auto' });
  if (!imported.ok) throw new Error(JSON.stringify(imported.error));
  let said = '';
  const stdout = (text: string): void => void (said += text);
  const written = await initProject({ cwd: dir, force: false, from: 'auto', stdout, stderr: stdout });
  expect(written.ok).toBe(true);
  const loaded = await loadConfig({ dir, configPath: join(dir, 'parity.yaml') });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error.diagnostics ?? loaded.error, null, 1));
  expect(content(loaded.value)).toEqual(content(imported.value.config));
  await expect(readFileSync(join(dir, 'parity.yaml'), 'utf8')).toMatchFileSnapshot(
    join(fixtures, `../../snapshots/ci/${name}.yaml`),
  );
  await expect(said.replaceAll(dir, 'DIR')).toMatchFileSnapshot(join(fixtures, `../../snapshots/ci/${name}.txt`));
});

const texts = [
  ['github', 'services-and-ui/.github/workflows/ci.yml'],
  ['github', 'tox-matrix/.github/workflows/tests.yaml'],
  ['github', 'uv-and-actions/.github/workflows/ci.yml'],
  ['github', 'starter/.github/workflows/python-app.yml'],
  ['gitlab', 'gitlab-poetry/.gitlab-ci.yml'],
  ['gitlab', 'gitlab-stages/.gitlab-ci.yml'],
] as const;

test('whatever is cut out of a CI file or put into it, the import does not throw and what it writes loads', async () => {
  const dir = folderOf({});
  const detected = detectRepo({ files: [], has: () => false, text: () => undefined });
  const readText = (): undefined => undefined;
  const facts = { wantedPython: '3.11', wantedNode: '24', readText };
  const pieces = fc.constantFrom(
    '${{ ',
    ' }}',
    '\n',
    '  - ',
    ': ',
    '[',
    '{',
    '"',
    '&a ',
    '*a',
    '!reference ',
    '|\n',
    '$X ',
    '&& ',
    ' | ',
    '(',
    'if: ',
    'ü',
    '\t',
    '<<EOF\n',
    "'",
    '#',
  );
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(40), pieces), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...texts), edits, async ([system, path], changes) => {
      let text = readFileSync(join(fixtures, path), 'utf8');
      for (const [at, length, piece] of changes) {
        const from = at % text.length;
        text = text.slice(0, from) + piece + text.slice(from + length);
      }
      const file = { path, text };
      const decided =
        system === 'github'
          ? decideGithub(readGithubPipeline(file), facts)
          : decideGitlab(readGitlabPipeline(file, { readText }), facts);
      const imported = importPipelines({
        pipelines: [decided],
        system,
        jobs: 'all',
        wanted: { python: { version: '3.11' }, node: { version: '24' } },
        isEverywhere: () => true,
        detected,
        files: [],
        prefix: '.',
        readText,
        has: () => false,
      });
      if (imported.config.pipeline.length === 0) return;
      const written = writeConfigFile(imported, { files: [path], leftOut: imported.leftOut.map(({ what }) => what) });
      const parsed = await parseConfig(Buffer.from(written), { file: 'parity.yaml', projectDir: dir });
      const problems = parsed.ok ? [] : parsed.error.map(({ code, message }) => `${code}: ${message}`);
      expect({ problems, text: problems.length > 0 ? text : '' }).toEqual({ problems: [], text: '' });
    }),
    { numRuns: 400 },
  );
}, 60_000);
