import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDigest, type Digest } from '../../core/digest.ts';
import { failure } from '../../core/failure.ts';
import { isObject, readJson, shaped } from '../../core/json.ts';
import { packageRoot } from '../../core/paths.ts';
import { platforms, type Platform } from '../../core/platform.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { PlatformPackage } from './compiled-output.ts';
import { commitKey } from './lock-packages.ts';
import { gitTask } from './compile.ts';
import { runInContainer } from './run-in-container.ts';
import type { UvExportRequest } from './uv-export.ts';

const wantedFile = 'commits.json';
const treesFile = 'trees.json';

/**
 * The digest of each commit's tree that a resolution takes packages from, by commitKey: what the image's build checks a repository against. Err
 * `network` when a repository does not give the commit.
 */
export async function sourceTrees(
  perPlatform: Readonly<Record<Platform, readonly PlatformPackage[]>>,
  { uv, ...request }: UvExportRequest,
): Promise<Result<ReadonlyMap<string, Digest>>> {
  const found = platforms.flatMap((platform) => perPlatform[platform]).flatMap(({ source }) => source ?? []);
  const commits = new Map(found.filter(({ commit }) => commit !== undefined).map((each) => [commitKey(each), each]));
  if (commits.size === 0) return ok(new Map());
  const wanted = [...commits].map(([key, { url, commit }]) => ({ key, url, commit }));
  const answer = await runInContainer(request.engine, {
    ...request,
    imageId: uv.imageId,
    python: uv.python,
    files: {
      'toolchain.py': await readFile(join(packageRoot(), 'images', 'toolchain.py')),
      [wantedFile]: JSON.stringify(wanted),
    },
    stages: [[gitTask], [{ name: 'trees', argv: [uv.python, '-I', 'toolchain.py', 'trees', wantedFile, treesFile] }]],
    outputs: [treesFile],
  });
  if (!answer.ok) return answer;
  const { codes, texts, files } = answer.value;
  const trees = readJson(files[treesFile] ?? '', shaped(isTrees));
  if (codes['trees'] === 0 && trees !== undefined) return ok(new Map(Object.entries(trees)));
  const said = texts['trees'] ?? '';
  return err(
    failure('network', /^parity: (.+)$/m.exec(said)?.[1] ?? 'a repository could not be fetched', {
      detail: said.trim(),
      next: 'check that the repository can be read without a password, then: parity lock',
    }),
  );
}

function isTrees(value: unknown): value is Readonly<Record<string, Digest>> {
  return isObject(value) && Object.values(value).every((each) => typeof each === 'string' && isDigest(each));
}
