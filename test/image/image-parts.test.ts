import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { must, runIn } from '../support/image.ts';
import { parity } from '../support/parity.ts';

const { address, engine, folder, references, test: it } = engineTest();
const dir = folder();
const cache = mkdtempSync(join(tmpdir(), 'parity-image-parts-'));
const wheels = new Map<string, Buffer>();
let asked: string[] = [];
let server: Server;

/** A wheel of a package with a module of its own, and a file that other packages bring too, as some real ones do with `tests/`. */
function wheelOf(name: string, version: string): [string, Buffer] {
  const module = name.replaceAll('-', '_');
  const info = `${module}-${version}.dist-info`;
  const files = {
    [`${module}.py`]: `version = "${version}"\n`,
    'shared/__init__.py': `said = "${name}"\n`,
    [`${module}-${version}.data/scripts/${name}`]: '#!python\nprint("a script")\n',
    [`${module}-${version}.data/data/share/${name} ü.txt`]: 'data\n',
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${info}/RECORD`]: '',
  };
  const zip =
    'import json,sys,zipfile\nz=zipfile.ZipFile(sys.stdout.buffer,"w")\n[z.writestr(*f) for f in json.load(sys.stdin).items()]\nz.close()';
  return [
    `${module}-${version}-py3-none-any.whl`,
    execFileSync('python3', ['-c', zip], { input: JSON.stringify(files) }),
  ];
}

beforeAll(async () => {
  for (const [name, version] of [
    ['clash-a', '1.0'],
    ['clash-b', '1.0'],
    ['clash-b', '2.0'],
    ['clash-tool', '1.0'],
  ] as const)
    wheels.set(...wheelOf(name, version));
  server = createServer(({ url = '' }, answer) => {
    asked.push(url.slice(1));
    answer.setHeader('content-type', 'text/html');
    const wanted = /^\/simple\/([^/]+)\/$/.exec(url)?.[1]?.replaceAll('-', '_');
    const offered = [...wheels.keys()].filter((name) => name.startsWith(`${wanted}-`));
    const wheel = wheels.get(url.slice(1));
    if (wheel !== undefined) answer.end(wheel);
    else if (offered.length > 0) answer.end(offered.map((name) => `<a href="/${name}">${name}</a>`).join('\n'));
    else answer.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  mkdirSync(dir);
  writeFileSync(
    join(dir, 'parity.yaml'),
    `version: 1
toolchain: { python: "3.11", tools: [clash-tool==1.0, 'six==1.17.0; platform_machine == "no-such"'], requirements: [requirements.txt], system: [] }
pipeline: [{ name: one, run: "true" }]
`,
  );
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  server.close();
  rmSync(cache, { recursive: true, force: true });
});

const require = (...lines: readonly string[]): void => {
  const index = `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple/`;
  writeFileSync(join(dir, 'requirements.txt'), [`--extra-index-url ${index}`, ...lines, ''].join('\n'));
};

/** Runs parity; gives what its build printed, the titles of its phases, and the wheels that were asked for after the lock, each once. */
async function built(
  ...args: readonly string[]
): Promise<{ image: string; reference: string; titles: string[]; wheels: string[] }> {
  const env = { DOCKER_HOST: address, PARITY_CACHE_DIR: cache };
  const locked = await parity(['lock'], { cwd: dir, env });
  expect(locked.code, locked.stderr).toBe(0);
  asked = [];
  const ended = await parity(['build', '--reporter', 'plain', ...args], { cwd: dir, env });
  expect(ended.code, ended.stderr).toBe(0);
  const [reference = '', image = ''] = ended.stdout.split('\n');
  references.add(reference);
  const titles = [...ended.stderr.matchAll(/^image: (Making .*|Assembling.*|Building.*)$/gm)].map(
    ([, title = '']) => title,
  );
  return { image, reference, titles, wheels: [...new Set(asked)].filter((url) => url.endsWith('.whl')).sort() };
}
const check = async (): Promise<unknown> =>
  await parity(['build', '--check'], { cwd: dir, env: { DOCKER_HOST: address, PARITY_CACHE_DIR: cache } });
const layersOf = async (image: string): Promise<readonly string[]> =>
  must(await engine.inspectImage(image))?.layers ?? [];
const a = 'clash_a-1.0-py3-none-any.whl';
const b = 'clash_b-1.0-py3-none-any.whl';
const b2 = 'clash_b-2.0-py3-none-any.whl';
const tool = 'clash_tool-1.0-py3-none-any.whl';
let first: Awaited<ReturnType<typeof built>>;

it('an image put together from parts is what the engine’s own builder makes of Dockerfile.parity', async () => {
  require('clash-a==1.0', 'clash-b==1.0');
  first = await built();
  expect(first).toMatchObject({ titles: ["Making all of the image's 6 parts", 'Assembling the layers'] });
  // Of a file that several bring, the last package's counts, and the project's packages come after the tools'.
  expect(
    await runIn(
      engine,
      first.image,
      `python -c 'import shared, clash_a, clash_b, clash_tool; print(shared.said, shared.__cached__)'
       clash-a; head -1 /opt/parity/bin/clash-b; ls /opt/parity/share`,
    ),
  ).toBe(
    `clash-b /opt/parity/lib/python3.11/site-packages/shared/__pycache__/__init__.cpython-311.pyc
a script
#!/opt/parity/bin/python
clash-a ü.txt
clash-b ü.txt
clash-tool ü.txt
`,
  );
  expect(await check()).toMatchObject({ code: 0, stdout: `the same image as the lock's: ${first.image}\n` });
});

it('of a changed requirement only its own package is fetched, and only the last layer is another', async () => {
  require('clash-a==1.0', 'clash-b==2.0');
  const changed = await built();
  expect(changed).toMatchObject({ titles: ["Making 1 of the image's 6 parts", 'Assembling the layers'], wheels: [b2] });
  const [before, after] = [await layersOf(first.image), await layersOf(changed.image)];
  expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
  expect(after.at(-1)).not.toBe(before.at(-1));
  expect(await runIn(engine, changed.image, "python -c 'import clash_b; print(clash_b.version)'")).toBe('2.0\n');
});

it('what was there before comes back without network; a harmed part is made again; the image is the same', async () => {
  require('clash-a==1.0', 'clash-b==1.0');
  for (const reference of references) must(await engine.removeImage(reference, { force: true }));
  expect(await built()).toMatchObject({ image: first.image, titles: ['Assembling the layers'], wheels: [] });

  must(await engine.removeImage(first.reference, { force: true }));
  const parts = join(cache, 'image-parts');
  for (const name of readdirSync(parts)) {
    if (!name.endsWith('.tar')) writeFileSync(join(parts, name), readFileSync(join(parts, name), 'utf8').slice(3));
    else if (readFileSync(join(parts, name)).includes('clash_a.py')) truncateSync(join(parts, name), 2000);
  }
  expect(await built()).toMatchObject({
    image: first.image,
    titles: ["Making 1 of the image's 6 parts", 'Assembling the layers'],
    wheels: [a],
  });
});

it('with --no-cache all is made again, and it is the same image', async () => {
  expect(await built('--no-cache')).toMatchObject({
    image: first.image,
    titles: ["Making all of the image's 6 parts", 'Assembling the layers'],
    wheels: [a, b, tool],
  });
});

it('two builds at once both end with the image', async () => {
  must(await engine.removeImage(first.reference, { force: true }));
  rmSync(join(cache, 'image-parts'), { recursive: true });
  const env = { DOCKER_HOST: address, PARITY_CACHE_DIR: cache };
  const both = await Promise.all([1, 2].map(async () => await parity(['build'], { cwd: dir, env })));
  for (const { code, stdout, stderr } of both) {
    expect(code, stderr).toBe(0);
    expect(stdout.split('\n')[1]).toBe(first.image);
  }
});
