import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { loadConfig } from '../../src/config/load.ts';
import { lockInputs } from '../../src/lock/inputs.ts';
import { writeLock } from '../../src/lock/write.ts';
import { linkedParity } from './ci-tools.ts';
import { git, projectDir } from './environment.ts';
import { bareLock, must } from './image.ts';
import { parity, type Ended } from './parity.ts';

/** A repository whose lock names a real image, as a laptop has it before it pushes. */
export interface CiProject {
  readonly dir: string;
  /** A home and a place for caches and artifacts, beside the repository. */
  readonly home: string;
  /** The image's name in the engine, and its ID, as the laptop's build printed them. */
  readonly reference: string;
  readonly imageId: string;
  /** The parity under test, on the laptop. */
  run(...args: readonly string[]): Promise<Ended>;
  write(path: string, text: string): void;
  commit(message: string): void;
}

const tests = `import unittest

from shop import total


class Total(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total([1, 2]), 3)
`;

/** A recipe whose image is its own, whatever other tests build, and made in seconds. */
const recipe = (mark: string): string => `ARG BASE
ARG START=\${BASE}
FROM \${BASE} AS made
RUN mkdir /out && echo ${mark} > /out/shop
FROM \${START}
COPY --from=made /out/ /opt/
`;

/** Makes it: `ci` is what follows `install` in parity.yaml's `ci`, `repository` where the image is shared. */
export async function ciProject(
  address: string,
  { ci = '', repository }: { readonly ci?: string; readonly repository?: string } = {},
): Promise<CiProject> {
  const dir = projectDir('a shop');
  const home = join(dirname(dir), 'home');
  // The packages that the base is made of are shared by all tests.
  const shared = process.env['PARITY_CACHE_DIR'];
  const env = {
    DOCKER_HOST: address,
    PARITY_LEASE_SECONDS: '60',
    ...(shared === undefined ? {} : { PARITY_CACHE_DIR: shared }),
  };
  const run = (...args: readonly string[]): Promise<Ended> => parity(args, { cwd: dir, env });
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  const commit = (message: string): void => {
    git(dir, 'add', '--all');
    git(dir, 'commit', '--quiet', '--message', message);
  };
  write(
    'parity.yaml',
    `version: 1
toolchain: { python: "3.11", tools: [], requirements: [], system: [] }
image: { dockerfile: Dockerfile.parity${repository === undefined ? '' : `, repository: '${repository}'`} }
ci:
  install: export PATH="${linkedParity(dirname(dir))}:$PATH"; echo "\${PATH%%:*}" >> "\${GITHUB_PATH:-/dev/null}"
${ci}pipeline:
  - { name: compile, run: python3 -m py_compile shop.py }
  - { name: tests, run: python3 -m unittest -q, needs: [compile] }
  - { name: commit, run: 'git status --porcelain; test -z "$(git status --porcelain)" && git log -1 --format=%s' }
`,
  );
  write('Dockerfile.parity', recipe(basename(dirname(dir))));
  write('.gitignore', '__pycache__/\n.home/\n.parity-cache/\n.gitlab-ci-local/\n');
  write('shop.py', 'def total(prices):\n    return sum(prices)\n');
  write('test_shop.py', tests);
  git(dir, 'init', '--quiet', '--initial-branch', 'main');
  const config = must(await loadConfig({ dir, configPath: join(dir, 'parity.yaml') }));
  must(await writeLock(dir, bareLock({ inputs: must(await lockInputs(dir, config)) })));
  const built = await run('build');
  const [reference = '', imageId = ''] = built.stdout.split('\n');
  if (built.code !== 0) throw new Error(built.stderr);
  return { dir, home, reference, imageId, run, write, commit };
}
