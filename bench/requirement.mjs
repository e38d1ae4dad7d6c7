// (f) Another version of one requirement: lock, image, first step, against environments made anew from the same pins.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bash, online, race } from './measure.mjs';
import { peer } from './peers.mjs';
import { copyShop, hostSetup, lockedShop, parity, tools } from './shop.mjs';

/** It begins by clearing everything of parity's from the engine. All have the download caches of earlier rounds; the new version is in none. */
export function changedRequirement(scratch, rounds) {
  const [folder, host, fast] = ['changed', 'changed-host', 'changed-uv'].map((name) => join(scratch, name));
  lockedShop(folder);
  for (const other of [host, fast]) copyShop(other);
  const before = readFileSync(join(folder, 'core', 'requirements.txt'), 'utf8');
  const require = (where, line) => writeFileSync(join(where, 'core', 'requirements.txt'), `${before}\n${line}\n`);
  // The engine has made none of these yet.
  const change = (where, round) => require(where, `six==1.${10 + (round % 8)}.0`);
  const afresh = (where) => (round) => {
    rmSync(join(where, '.venv'), { recursive: true, force: true });
    change(where, round);
  };
  const uv = peer('uv');
  // Whoever changes a requirement has run the pipeline before.
  parity(folder, ['up', 'format', '--no-cache'], online);
  const rows = race(
    [
      {
        name: 'python3.11 -m venv + pip install',
        prepare: afresh(host),
        run: () => bash(hostSetup, { cwd: host }),
      },
      ...(uv === undefined
        ? []
        : [{ name: 'uv venv + uv pip install', prepare: afresh(fast), run: () => setUpWithUv(uv, fast) }]),
      {
        name: 'parity up: lock, image, first step',
        prepare: (round) => change(folder, round),
        run: () => parity(folder, ['up', 'format', '--no-cache'], online),
      },
      {
        name: 'parity lock, parity build, parity up, one by one',
        prepare: (round) => require(folder, `idna==3.${round + 2}`),
        run: () => {
          parity(folder, ['lock'], online);
          parity(folder, ['build'], online);
          parity(folder, ['up', 'format', '--no-cache']);
        },
      },
      { name: 'parity build --no-cache: the whole image', run: () => parity(folder, ['build', '--no-cache'], online) },
    ],
    rounds,
  );
  parity(folder, ['down']);
  return rows;
}

/** uv trusts this machine's certificate authorities only when told to. */
function setUpWithUv(uv, cwd) {
  const script = `"$UV" venv --quiet --python python3.11 .venv
"$UV" pip install --quiet --python .venv -r core/requirements.txt ${tools}`;
  bash(script, { cwd, env: { ...process.env, UV: uv, UV_NATIVE_TLS: 'true' } });
}
