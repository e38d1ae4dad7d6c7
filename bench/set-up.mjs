// (a) From a fresh clone to the first step that can run: the page's own way, and parity.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { bash, race } from './measure.mjs';
import { copyShop, hostSetup, parity } from './shop.mjs';

/** "Nothing cached" clears everything of parity's from the engine: this machine's other projects build their images anew. */
export function setUp(scratch, rounds) {
  const folder = (name) => join(scratch, name);
  // A team commits its lock, so that resolving is no part of a clone's set-up.
  const locked = folder('locked');
  copyShop(locked);
  parity(locked, ['lock']);
  const cache = { PARITY_CACHE_DIR: folder('cache') };
  const forget = () => {
    parity(locked, ['clean', '--all'], cache);
    rmSync(folder('cache'), { recursive: true, force: true });
  };
  const setUpParity = (...build) => {
    parity(locked, ['build', ...build], cache);
    parity(locked, ['up', 'ui-install', '--no-cache'], cache);
  };
  const rows = race(
    [
      {
        name: 'python3.11 -m venv + pip install + npm ci',
        prepare: () => {
          rmSync(folder('host'), { recursive: true, force: true });
          copyShop(folder('host'));
        },
        run: () => bash(`${hostSetup}\n(cd core/admin_ui && npm ci)`, { cwd: folder('host') }),
      },
      { name: 'parity, nothing cached', prepare: forget, run: () => setUpParity() },
      { name: 'parity, base image cached', run: () => setUpParity('--no-cache') },
      { name: 'parity, image there (unchanged lock)', run: () => setUpParity() },
    ],
    rounds,
  );
  parity(locked, ['down'], cache);
  return rows;
}
