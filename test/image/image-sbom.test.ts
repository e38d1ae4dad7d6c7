import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { parity, type Ended } from '../support/parity.ts';

// The bills of materials of an image, held against what the image itself says, by the formats' own validators inside it.
const { address, engine, folder, test: it } = engineTest();
const dir = folder();
const env = {
  DOCKER_HOST: address,
  PARITY_CACHE_DIR: process.env['PARITY_CACHE_DIR'] ?? '',
  HOME: process.env['HOME'] ?? '',
  PARITY_LEASE_SECONDS: '5',
};
let reference = '';
let imageId = '';

const run = async (...args: readonly string[]): Promise<Ended> => await parity(args, { cwd: dir, env });
const read = (name: string): unknown => JSON.parse(readFileSync(join(dir, name), 'utf8'));

const check = `
import importlib.metadata, json, subprocess
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open('cyclonedx.json').read())
assert wrong is None, wrong
messages = validate_full_spdx_document(parse_file('image.spdx.json'))
assert not messages, messages
purls = {each['purl'] for each in json.load(open('cyclonedx.json'))['components']}
locators = {ref['referenceLocator'] for each in json.load(open('image.spdx.json'))['packages'] for ref in each.get('externalRefs', [])}
assert purls == locators, purls ^ locators
for each in importlib.metadata.distributions():
    name = each.metadata['Name'].lower().replace('_', '-').replace('.', '-')
    assert any(purl.startswith(f'pkg:pypi/{name}@') for purl in purls), name
listed = subprocess.run(['dpkg-query', '-W', '-f', '\${Package} \${Status}\\n'], capture_output=True, text=True, check=True).stdout
installed = [line.split()[0] for line in listed.splitlines() if line.endswith(' installed')]
assert len(installed) > 50, installed
for name in installed:
    assert any(purl.startswith(f'pkg:deb/debian/{name.replace("+", "%2B")}@') for purl in purls), name
print(len(purls))
`;

beforeAll(async () => {
  mkdirSync(dir);
  writeFileSync(
    join(dir, 'parity.yaml'),
    'version: 1\ntoolchain: { python: "3.11", node: "24", tools: [], requirements: [requirements.txt], system: [] }\npipeline: [{ name: one, run: python -V }]\n',
  );
  writeFileSync(join(dir, 'requirements.txt'), 'spdx-tools\ncyclonedx-python-lib[json-validation]\n');
  writeFileSync(join(dir, 'check.py'), check);
  const built = await run('build');
  expect(built).toMatchObject({ code: 0 });
  [reference = '', imageId = ''] = built.stdout.split('\n');
});
afterAll(async () => {
  if (reference !== '') await engine.removeImage(reference, { force: true });
});

it('both formats are valid and name what is installed', async () => {
  const saved = await run('image', 'save', '--sbom', 'cyclonedx=cyclonedx.json', '--sbom', 'spdx=image.spdx.json');
  expect(saved).toMatchObject({ code: 0 });
  const checked = await run('run', '--', 'python', 'check.py');
  expect(checked).toMatchObject({ code: 0 });
  expect(Number(checked.stdout)).toBeGreaterThan(100);
  expect(read('cyclonedx.json')).toMatchObject({ metadata: { component: { version: imageId } } });
  const { components } = read('cyclonedx.json') as { components: { name: string; hashes?: unknown[] }[] };
  expect(components.find(({ name }) => name === 'npm')?.hashes).toHaveLength(1);
  expect(components.find(({ name }) => name === 'libc6')?.hashes).toHaveLength(1);
});

it('saving again gives the same bytes', async () => {
  const before = ['cyclonedx.json', 'image.spdx.json'].map((name) => readFileSync(join(dir, name), 'utf8'));
  expect(
    await run('image', 'save', '--sbom', 'cyclonedx=cyclonedx.json', '--sbom', 'spdx=image.spdx.json'),
  ).toMatchObject({ code: 0 });
  expect(['cyclonedx.json', 'image.spdx.json'].map((name) => readFileSync(join(dir, name), 'utf8'))).toEqual(before);
});

it('says how --sbom is written', async () => {
  expect(await run('image', 'save', '--sbom', 'xml=a')).toMatchObject({ code: 2 });
  expect(await run('image', 'save')).toMatchObject({ code: 2, stderr: expect.stringContaining('file') as string });
});
