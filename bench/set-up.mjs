// (a) From a fresh clone to the first step that can run: the page's own way, and parity.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bash, must, online, race } from './measure.mjs';
import { withRegistry } from './registry.mjs';
import { copyShop, hostSetup, parity } from './shop.mjs';

const usual = 'python3.11 -m venv + pip install + npm ci';

/** "Nothing cached" clears everything of parity's from the engine: this machine's other projects build their images anew. */
export function setUp(scratch, rounds) {
  return withRegistry(scratch, (registry) => {
    const folder = (name) => join(scratch, name);
    const [locked, shared, host, archive] = ['locked', 'shared', 'host', 'image.tar'].map(folder);
    const env = { PARITY_CACHE_DIR: folder('cache'), ...online };
    const run = (where, ...args) => parity(where, args, env);
    const forget = () => {
      run(locked, 'clean', '--all');
      rmSync(folder('cache'), { recursive: true, force: true });
    };
    // A team commits its lock, so that resolving is no part of a clone's set-up; one that shares its image has pushed or saved it.
    copyShop(locked);
    run(locked, 'lock');
    copyShop(shared);
    writeFileSync(join(shared, 'parity.yaml'), `version: 1\nimage: { repository: '${registry}/bench/shop' }\n`);
    run(shared, 'lock');
    run(shared, 'build');
    run(shared, 'image', 'push');
    run(shared, 'image', 'save', archive);
    const firstStep = (where) => run(where, 'up', 'ui-install', '--no-cache');
    const clone = () => {
      rmSync(host, { recursive: true, force: true });
      copyShop(host);
    };
    const setUpHost = (caches) =>
      bash(`${hostSetup}\n(cd core/admin_ui && npm ci)`, { cwd: host, env: { ...process.env, ...online, ...caches } });
    const own = folder('host-caches');
    const contenders = [
      {
        name: `${usual}, empty caches`,
        prepare: () => {
          clone();
          rmSync(own, { recursive: true, force: true });
        },
        run: () => setUpHost({ PIP_CACHE_DIR: join(own, 'pip'), npm_config_cache: join(own, 'npm') }),
      },
      { name: `${usual}, warm caches`, prepare: clone, run: () => setUpHost({}) },
      { name: 'parity, nothing cached', prepare: forget, run: () => firstStep(locked) },
      {
        name: 'parity, base image cached',
        run: () => {
          run(locked, 'build', '--no-cache');
          firstStep(locked);
        },
      },
      { name: 'parity, image there (unchanged lock)', run: () => firstStep(locked) },
      {
        name: 'parity, image pulled',
        prepare: forget,
        run: () => firstStep(shared),
      },
      {
        name: 'parity, image loaded',
        prepare: forget,
        run: () => {
          run(shared, 'image', 'load', archive);
          firstStep(shared);
        },
      },
    ];
    // Whoever comes next shall not pay for what was written and removed before: disks are slower for some seconds after a lot of it.
    const rested = contenders.map((contender) => ({
      ...contender,
      prepare() {
        contender.prepare?.();
        must('sync', []);
        must('sleep', ['10']);
      },
    }));
    try {
      return race(rested, rounds);
    } finally {
      for (const where of [locked, shared]) run(where, 'down');
    }
  });
}
