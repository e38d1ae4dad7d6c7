import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute, join, posix, relative, resolve, sep } from 'node:path';
import type { CiSystem } from '../../ci/model.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { RepositoryReader } from './repository-reader.ts';

/** A CI file as it was found. */
export interface FoundCiFile {
  /** Relative to the repository's top. */
  readonly path: string;
  readonly text: string;
  readonly system: CiSystem;
}

/** CI systems whose files parity knows by sight and does not import. */
const otherSystems: readonly (readonly [path: string, name: string])[] = [
  ['.circleci/config.yml', 'CircleCI'],
  ['azure-pipelines.yml', 'Azure Pipelines'],
  ['Jenkinsfile', 'Jenkins'],
  ['.travis.yml', 'Travis CI'],
  ['bitbucket-pipelines.yml', 'Bitbucket Pipelines'],
  ['.drone.yml', 'Drone'],
  ['.woodpecker.yml', 'Woodpecker'],
  ['appveyor.yml', 'AppVeyor'],
  ['.cirrus.yml', 'Cirrus CI'],
  ['.buildkite/pipeline.yml', 'Buildkite'],
];

/** What parity imports, for people. */
export const importable =
  'parity imports GitHub workflows (.github/workflows/*.yml) and GitLab pipelines (.gitlab-ci.yml)';

/** Finds the CI files of a system, or of both, at a repository's top. Err `usage` when there is none. */
export function findCiFiles(reader: RepositoryReader, from: 'auto' | CiSystem): Result<readonly FoundCiFile[]> {
  const { root } = reader;
  const found: FoundCiFile[] = [];
  if (from !== 'gitlab') found.push(...workflowsIn(reader, '.github/workflows'));
  const gitlab = from === 'github' ? undefined : reader.text('.gitlab-ci.yml');
  if (gitlab !== undefined) found.push({ path: '.gitlab-ci.yml', text: gitlab, system: 'gitlab' });
  if (found.length > 0) return ok(found);
  const other = otherSystems.find(([path]) => existsSync(join(root, path)));
  const what =
    from === 'auto' ? 'no CI to import' : from === 'github' ? 'no .github/workflows/*.yml' : 'no .gitlab-ci.yml';
  const has = other === undefined ? '' : `; it has ${other[0]}, which is ${other[1]}'s`;
  return err(failure('usage', `there is ${what} in ${root}${has}`, { detail: importable, next: 'parity init' }));
}

function workflowsIn(reader: RepositoryReader, folder: string): readonly FoundCiFile[] {
  return reader
    .names(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .flatMap((name): FoundCiFile[] => {
      const path = `${folder}/${name}`;
      const text = reader.text(path);
      return text === undefined ? [] : [{ path, text, system: 'github' }];
    });
}

/** Reads the CI files that a user named, relative to `cwd`: files, or folders of workflows. Err says why one can't be imported. */
export async function namedCiFiles(
  reader: RepositoryReader,
  cwd: string,
  names: readonly string[],
): Promise<Result<readonly FoundCiFile[]>> {
  const found: FoundCiFile[] = [];
  for (const name of names) {
    const one = await namedFile(reader, cwd, name);
    if (!one.ok) return one;
    found.push(...one.value);
  }
  return ok([...new Map(found.map((each) => [each.path, each])).values()]);
}

async function namedFile(reader: RepositoryReader, cwd: string, name: string): Promise<Result<readonly FoundCiFile[]>> {
  const { root } = reader;
  const absolute = resolve(cwd, name);
  const path = relative(root, absolute).split(sep).join('/');
  const there = await stat(absolute).catch(() => undefined);
  if (there === undefined) {
    const others = findCiFiles(reader, 'auto');
    const system = systemWord(name);
    if (system !== undefined)
      return err(
        failure('usage', `--from ${name}: ${importable}, not ${system}'s`, { next: 'parity init --from auto' }),
      );
    const next = others.ok ? `parity init --from ${others.value[0]?.path ?? 'auto'}` : 'parity init';
    return err(failure('usage', `there is no file ${name}`, { detail: importable, next }));
  }
  if (path.startsWith('..') || isAbsolute(path))
    return err(failure('usage', `${name} is outside the repository ${root}`, { next: 'parity init --from auto' }));
  if (there.isDirectory()) {
    const all = workflowsIn(reader, path);
    if (all.length > 0) return ok(all);
    return err(
      failure('usage', `there is no workflow in the folder ${name}`, {
        detail: importable,
        next: 'parity init --from auto',
      }),
    );
  }
  const other = otherSystems.find(
    ([each]) => posix.basename(each) === posix.basename(path) && (each === path || !each.includes('/')),
  );
  if (other !== undefined)
    return err(failure('usage', `${name} is ${other[1]}'s; ${importable}`, { next: 'parity init' }));
  const text = reader.text(path);
  if (text === undefined) return err(failure('io', `cannot read ${name}`));
  return ok([{ path, text, system: systemOf(path, text) }]);
}

/** A system that somebody may name in place of a file. */
function systemWord(name: string): string | undefined {
  const plain = name.toLowerCase().replace(/[^a-z]/g, '');
  return otherSystems.find(
    ([, system]) =>
      system.toLowerCase().replace(/[^a-z]/g, '') === plain || system.toLowerCase().split(' ')[0] === plain,
  )?.[1];
}

/** By where it lies, by its name, else by what is in it: GitHub's jobs stand below `jobs:`. */
function systemOf(path: string, text: string): CiSystem {
  if (/(?:^|\/)\.github\/workflows\//.test(path)) return 'github';
  if (/gitlab-ci/.test(path)) return 'gitlab';
  return /^(?:jobs|runs):/m.test(text) ? 'github' : 'gitlab';
}
