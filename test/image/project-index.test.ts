import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { parity } from '../support/parity.ts';

const { address, folder, test: it } = engineTest();
const dir = folder();
const wheelName = 'parity_probe-1.0-py3-none-any.whl';
const asked: string[] = [];
let server: Server;

// A package that no public index has, on a company's own index.
beforeAll(async () => {
  mkdirSync(dir);
  const wheel = join(dir, wheelName);
  const files = {
    'parity_probe.py': 'said = "from the company index"\n',
    'parity_probe-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: parity-probe\nVersion: 1.0\n',
    'parity_probe-1.0.dist-info/WHEEL':
      'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    'parity_probe-1.0.dist-info/RECORD': '',
  };
  const zip =
    'import json,sys,zipfile\nz=zipfile.ZipFile(sys.argv[1],"w")\n[z.writestr(*f) for f in json.load(sys.stdin).items()]';
  execFileSync('python3', ['-c', zip, wheel], { input: JSON.stringify(files) });
  server = createServer(({ url = '' }, answer) => {
    asked.push(url);
    answer.setHeader('content-type', 'text/html');
    if (url === '/simple/parity-probe/') answer.end(`<a href="/${wheelName}">${wheelName}</a>`);
    else if (url === `/${wheelName}`) answer.end(readFileSync(wheel));
    else answer.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  server.close();
});

it('of a requirements file is where the lock and the image take a package from', async () => {
  const index = `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple/`;
  mkdirSync(join(dir, 'core'));
  writeFileSync(join(dir, 'core', 'requirements.txt'), `--extra-index-url ${index}\nparity-probe==1.0\n`);
  writeFileSync(
    join(dir, 'parity.yaml'),
    `version: 1
toolchain: { python: "3.11", tools: [], requirements: [core/requirements.txt], system: [] }
pipeline:
  - { name: probe, run: 'python -c "import parity_probe; print(parity_probe.said)"' }
`,
  );
  const env = { DOCKER_HOST: address, PARITY_CACHE_DIR: process.env['PARITY_CACHE_DIR'] ?? '' };
  const ran = await parity(['up', '--verbose'], { cwd: dir, env });
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toContain('from the company index');
  // Asked twice: to lock, and to build.
  expect(asked.filter((url) => url === `/${wheelName}`).length).toBeGreaterThan(1);
  expect(readFileSync(join(dir, 'parity.lock.json'), 'utf8')).not.toContain('127.0.0.1');
});
