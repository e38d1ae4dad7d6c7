// (e), (g) to (i): what canonical form costs, pulling against building, the image's size, and memory.
// Each begins by clearing everything of parity's from the engine: this machine's other projects build their images anew.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bash, must, online, race, summary } from './measure.mjs';
import { withRegistry } from './registry.mjs';
import { lockedShop, parity, peakOf } from './shop.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const docker = (...args) => must('docker', args).trim();

function baseImage() {
  const named = docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', '--filter', 'label=dev.parity.kind=base');
  return named.split('\n').find((name) => name.startsWith('parity/base:'));
}

/** (e) A cold build by the engine alone, and parity's, which re-assembles and loads what the engine built; both on the same base. */
export function coldBuild(scratch, rounds) {
  const folder = join(scratch, 'cold');
  lockedShop(folder);
  const context = join(scratch, 'context');
  mkdirSync(context);
  cpSync(join(root, 'images'), join(context, 'images'), { recursive: true });
  cpSync(join(root, 'Dockerfile.parity'), join(context, 'Dockerfile.parity'));
  cpSync(join(folder, 'parity.lock.json'), join(context, 'parity.lock.json'));
  cpSync(process.env.SSL_CERT_FILE ?? '/etc/ssl/certs/ca-certificates.crt', join(context, 'parity-ca.crt'));
  // As a person would who has to build behind this host's proxies and mirrors.
  const index = bash('pip config get global.index-url 2>/dev/null || true').trim();
  const settings = {
    BASE: baseImage(),
    NPM_CONFIG_REGISTRY: must('npm', ['config', 'get', 'registry']).trim(),
    ...(index === '' ? {} : { PIP_INDEX_URL: index, UV_DEFAULT_INDEX: index }),
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(https?|no)_proxy$/i.test(name))),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const tag = 'parity-bench/cold';
  const build = [
    'build',
    '--quiet',
    '--no-cache',
    '--file',
    join(context, 'Dockerfile.parity'),
    ...flags,
    '--tag',
    tag,
  ];
  const rows = race(
    [
      { name: 'docker build --no-cache of Dockerfile.parity', run: () => docker(...build, context) },
      { name: 'parity build --no-cache', run: () => parity(folder, ['build', '--no-cache', '--frozen'], online) },
    ],
    rounds,
  );
  docker('image', 'rm', '--force', tag);
  return rows;
}

/** (g) The lock's image from a registry on loopback, and built. */
export function pullAgainstBuild(scratch, rounds) {
  return withRegistry(scratch, (address) => {
    const folder = join(scratch, 'pulled');
    const { reference } = lockedShop(folder, `version: 1\nimage: { repository: '${address}/bench/shop' }\n`);
    parity(folder, ['image', 'push'], online);
    return race(
      [
        { name: 'parity build --no-cache', run: () => parity(folder, ['build', '--no-cache'], online) },
        {
          name: 'parity image pull',
          prepare: () => docker('image', 'rm', '--force', reference),
          run: () => parity(folder, ['image', 'pull']),
        },
      ],
      rounds,
    );
  });
}

/** (h) Mebibytes of the image, and of the usual way: pip's venv of the same pins, Node's and npm's own archives, on the same base. */
export function imageSize(scratch) {
  const { lock, imageId } = lockedShop(join(scratch, 'size'));
  const { python, node } = lock();
  const pins = python.packages.filter(({ marker }) => marker === undefined);
  const context = join(scratch, 'usual');
  mkdirSync(context);
  const [arch] = process.arch === 'arm64' ? ['arm64'] : ['amd64'];
  const { name, version } = node.platforms[`linux/${arch}`];
  bash(
    `python3.11 -m venv venv
venv/bin/pip install --quiet --no-deps ${pins.map((each) => `${each.name}==${each.version}`).join(' ')}
mkdir node npm
tar xzf "$(npm pack --silent ${name}@${version})" -C node --strip-components 1
tar xzf "$(npm pack --silent ${node.npm.name}@${node.npm.version})" -C npm --strip-components 1`,
    { cwd: context, env: { ...process.env, ...online } },
  );
  const usual = Number(bash('du -sbc venv node npm | tail -1 | cut -f1', { cwd: context }));
  const bytesOf = (image) => Number(docker('image', 'inspect', '--format', '{{.Size}}', image));
  return [
    { name: 'its base + venv with pip install + Node and npm', ...summary([(bytesOf(baseImage()) + usual) / 2 ** 20]) },
    { name: "parity's image", ...summary([bytesOf(imageId) / 2 ** 20]) },
  ];
}

/** (i) The CLI's peak memory, in mebibytes, while it re-assembles and saves an image of 2 GB. */
export function bigImage(scratch) {
  const folder = join(scratch, 'big');
  mkdirSync(folder);
  const dockerfile = `ARG BASE
ARG START=\${BASE}
FROM \${BASE} AS made
USER 0
RUN mkdir /out; for i in 1 2 3 4 5 6 7 8; do head -c 256M /dev/urandom > /out/$i; done
FROM \${START}
COPY --from=made /out/ /opt/
`;
  writeFileSync(join(folder, 'Dockerfile.parity'), dockerfile);
  const toolchain = 'toolchain: { python: "3.11", tools: [], requirements: [], system: [] }';
  const image = 'image: { dockerfile: Dockerfile.parity }';
  writeFileSync(
    join(folder, 'parity.yaml'),
    `version: 1\n${toolchain}\n${image}\npipeline: [{ name: one, run: "true" }]\n`,
  );
  parity(folder, ['lock'], online);
  const rows = [
    { name: 'parity build', ...summary([peakOf(scratch, folder, ['build'])]) },
    { name: 'parity image save', ...summary([peakOf(scratch, folder, ['image', 'save', 'image.tar'])]) },
  ];
  const [reference] = parity(folder, ['build']).split('\n');
  docker('image', 'rm', '--force', reference);
  rows.push({ name: 'parity image load', ...summary([peakOf(scratch, folder, ['image', 'load', 'image.tar'])]) });
  docker('image', 'rm', '--force', reference);
  return rows;
}
