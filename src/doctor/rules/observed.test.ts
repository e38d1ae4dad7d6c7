import { describe, expect, it } from 'vitest';
import { auditOf, lockOf } from '../../../test/support/audit.ts';
import type { Observed, ObservedEngine, ObservedHost, ObservedImage } from '../observed.ts';
import { runRules } from '../run-rules.ts';
import { rules } from '../rules.ts';

const lock = lockOf({ python: '3.11.2', node: '24.9.0', black: '25.9.0', mypy: '1.18.2' });
const image: ObservedImage = {
  id: `sha256:${'a'.repeat(64)}`,
  lockedId: `sha256:${'a'.repeat(64)}`,
  platform: 'linux/amd64',
  python: '3.11.2',
  packages: new Map([
    ['black', '25.9.0'],
    ['mypy', '1.18.2'],
    ['something-of-the-base', '1.0'],
  ]),
  node: '24.9.0',
  npm: '11.6.0',
};
const engine: ObservedEngine = {
  address: 'unix:///var/run/docker.sock',
  product: 'docker',
  version: '26.1.5',
  platform: 'linux/amd64',
  hostPlatform: 'linux/amd64',
  freeBytes: 50e9,
};
const host: ObservedHost = {
  tools: [{ program: 'black', path: '/usr/bin/black', version: '25.9.0' }],
  venvs: [],
  git: { autocrlf: 'input', fileMode: true },
  isCaseInsensitive: false,
  locale: 'de_DE.UTF-8',
  timeZone: 'Etc/UTC',
  env: new Map(),
};

function found(observed: Partial<Observed>): readonly string[] {
  return runRules([auditOf({ lock, observed })], { rules, ignored: new Map() }).findings.map(
    ({ rule, severity, topic, message, hint }) => `${rule} ${severity} ${topic}: ${message} → ${hint}`,
  );
}

it('finds nothing where all is as it should be, and nothing in what was not looked at', () => {
  expect(found({ image, engine, host })).toEqual([]);
  expect(found({})).toEqual([]);
});

describe('the image', () => {
  it('PD030 holds its packages, Python, Node and npm against the lock', () => {
    const packages = new Map([['black', '24.1.0']]);
    expect(found({ image: { ...image, packages, python: '3.12.1', node: '22.1.0', npm: '10.0.0' } })).toEqual([
      'PD030 error node: the image has 22.1.0, the lock has 24.9.0 → parity build --check   says what the image was made from',
      'PD030 error npm:npm: the image has 10.0.0, the lock has 11.6.0 → parity build --check   says what the image was made from',
      'PD030 error pypi:black: the image has 24.1.0, the lock has 25.9.0 → parity build --check   says what the image was made from',
      'PD030 error pypi:mypy: the image lacks it, the lock has 1.18.2 → parity build --check   says what the image was made from',
      'PD030 error python: the image has 3.12.1, the lock has 3.11.2 → parity build --check   says what the image was made from',
    ]);
  });

  it('PD031 finds another image, here or running, but not before the lock names one', () => {
    const other = `sha256:${'b'.repeat(64)}`;
    expect(found({ image: { ...image, id: other, runningId: other } })).toEqual([
      'PD031 error image: the image here is bbbbbbbbbbbb, the lock names aaaaaaaaaaaa → parity build --check',
      'PD031 error image: the environment that is up uses bbbbbbbbbbbb, the lock names aaaaaaaaaaaa → parity down   the next parity up starts the right one',
    ]);
    expect(found({ image: { ...image, id: other, lockedId: null } })).toEqual([]);
  });
});

describe('the machine', () => {
  it('PD032 holds tools in PATH against the lock: Python by its minor version, Node by its major one', () => {
    const tools = [
      { program: 'black', path: '/usr/bin/black', version: '24.1.0' },
      { program: 'python', path: '/usr/bin/python', version: '3.11.9' },
      { program: 'node', path: '/usr/bin/node', version: '22.1.0' },
      { program: 'pytest', path: '/usr/bin/pytest', version: '1.0' },
    ];
    expect(found({ host: { ...host, tools } })).toEqual([
      'PD032 warning node: /usr/bin/node is 22.1.0, the lock has 24.9.0 → parity run -- node …   uses the locked one',
      'PD032 warning pypi:black: /usr/bin/black is 24.1.0, the lock has 25.9.0 → parity run -- black …   uses the locked one',
    ]);
  });

  it('PD033 tells a virtual environment in one finding', () => {
    const packages = new Map([
      ['black', '24.1.0'],
      ['mypy', '1.18.2'],
      ['flask', '3.0'],
    ]);
    expect(found({ host: { ...host, venvs: [{ path: '.venv', python: '3.12.1', packages }] } })).toEqual([
      'PD033 warning host: .venv has Python 3.12.1 (locked 3.11.2), black 24.1.0 (locked 25.9.0) → editors and bare commands use it: install the locked versions there, or work by parity run and parity shell',
    ]);
  });

  it('PD034, PD035 and PD036 look at the engine', () => {
    const old: ObservedEngine = { ...engine, version: '19.03.8', hostPlatform: 'linux/arm64', freeBytes: 1.2e9 };
    expect(found({ engine: old })).toEqual([
      'PD034 warning engine: the engine at unix:///var/run/docker.sock runs linux/amd64, this machine is linux/arm64 → an engine for this processor is several times faster; parity status says which engines there are',
      'PD035 warning engine: docker 19.03.8 at unix:///var/run/docker.sock is older than 20.10 → update the engine',
      'PD036 warning engine: 1.2 GB are free where the engine keeps its data; a build needs about 3 GB → parity clean   removes what parity no longer uses',
    ]);
    expect(found({ engine: { ...engine, product: 'podman', version: '4.3.1' } })).toEqual([]);
  });

  it('PD040 to PD045 look at its habits', () => {
    const habits: ObservedHost = {
      ...host,
      git: { autocrlf: 'true', fileMode: false },
      isCaseInsensitive: true,
      locale: 'de_DE.ISO-8859-1',
      timeZone: 'Europe/Berlin',
      env: new Map([
        ['PYTHONPATH', '/home/me/lib'],
        ['PIP_INDEX_URL', 'https://***@acme.test/simple'],
      ]),
    };
    expect(found({ host: habits }).map((line) => line.split(' → ')[0])).toEqual([
      'PD040 warning host: core.autocrlf is true: text files get CRLF here, and steps see them so',
      'PD041 warning host: core.fileMode is false: scripts may be executable here and not in CI, or the other way round',
      'PD043 warning host: the locale is de_DE.ISO-8859-1, the image has C.UTF-8',
      'PD045 warning host: PYTHONPATH=/home/me/lib PIP_INDEX_URL=https://***@acme.test/simple: no step sees them, bare commands do',
      'PD042 note host: an import of `Utils` finds `utils.py` here, and not in CI',
      'PD044 note host: the time zone is Europe/Berlin: tests that take local time for granted pass here alone',
    ]);
  });
});
