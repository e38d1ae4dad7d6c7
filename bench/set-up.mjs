// (a), (p) From a fresh clone to the first step that can run: the page's own way, and parity, which makes its image or takes one that a team shares.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bash, must, online, race } from './measure.mjs';
import { withRegistry } from './registry.mjs';
import { copyShop, hostSetup, parity } from './shop.mjs';

const usual = 'python3.11 -m venv + pip install + npm ci';

/** "Nothing cached" clears everything of parity's from the engine: this machine's other projects build their images anew. */
export function setUp(scratch, rounds) {
  const shop = shopIn(scratch);
  // A team commits its lock, so that resolving is no part of a clone's set-up.
  copyShop(shop.folder);
  shop.run('lock');
  const contenders = [
    ...usualWay(scratch),
    { name: 'parity, nothing cached', prepare: shop.forget, run: shop.firstStep },
    {
      name: 'parity, base image cached',
      run: () => {
        shop.run('build', '--no-cache');
        shop.firstStep();
      },
    },
    { name: 'parity, image there (unchanged lock)', run: shop.firstStep },
  ];
  try {
    return race(contenders.map(rested), rounds);
  } finally {
    shop.run('down');
  }
}

/** Apart from the builds: what takes both processors and writes gigabytes slows this machine for longer than a round. */
export function setUpShared(scratch, rounds) {
  return withRegistry(scratch, (registry) => {
    const shop = shopIn(scratch);
    const archive = join(scratch, 'image.tar');
    copyShop(shop.folder);
    writeFileSync(join(shop.folder, 'parity.yaml'), `version: 1\nimage: { repository: '${registry}/bench/shop' }\n`);
    for (const words of [['lock'], ['build'], ['image', 'push'], ['image', 'save', archive]]) shop.run(...words);
    const contenders = [
      usualWay(scratch)[0],
      // It pulls what is not there.
      { name: 'parity, image pulled', prepare: shop.forget, run: shop.firstStep },
      {
        name: 'parity, image loaded',
        prepare: shop.forget,
        run: () => {
          shop.run('image', 'load', archive);
          shop.firstStep();
        },
      },
    ];
    try {
      return race(contenders.map(rested), rounds);
    } finally {
      shop.run('down');
    }
  });
}

/** The example for parity, with a cache of its own. */
function shopIn(scratch) {
  const [folder, cache] = ['shop', 'cache'].map((name) => join(scratch, name));
  const run = (...words) => parity(folder, words, { PARITY_CACHE_DIR: cache, ...online });
  return {
    folder,
    run,
    firstStep: () => run('up', 'ui-install', '--no-cache'),
    forget() {
      run('clean', '--all');
      rmSync(cache, { recursive: true, force: true });
    },
  };
}

function usualWay(scratch) {
  const [host, own] = ['host', 'host-caches'].map((name) => join(scratch, name));
  const clone = () => {
    rmSync(host, { recursive: true, force: true });
    copyShop(host);
  };
  const run = (caches) =>
    bash(`${hostSetup}\n(cd core/admin_ui && npm ci)`, { cwd: host, env: { ...process.env, ...online, ...caches } });
  return [
    {
      name: `${usual}, empty caches`,
      prepare: () => {
        clone();
        rmSync(own, { recursive: true, force: true });
      },
      run: () => run({ PIP_CACHE_DIR: join(own, 'pip'), npm_config_cache: join(own, 'npm') }),
    },
    { name: `${usual}, warm caches`, prepare: clone, run: () => run({}) },
  ];
}

/** Whoever comes next shall not pay for what was written and removed before: disks are slower for some seconds after a lot of it. */
function rested(contender) {
  return {
    ...contender,
    prepare() {
      contender.prepare?.();
      must('sync', []);
      must('sleep', ['5']);
    },
  };
}
