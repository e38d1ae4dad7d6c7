import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { receiptOf, withStep } from '../../test/support/receipt.ts';
import { folderOf } from '../../test/support/repo.ts';
import { packageRoot } from '../core/paths.ts';
import type { Result } from '../core/result.ts';
import { parityVersion } from '../core/version.ts';
import { readReceipt, type NamedReceipt } from './read-receipt.ts';
import { receiptJsonSchema } from './schema.ts';
import { formatReceipt } from './write-receipt.ts';

const receipt = receiptOf({ files: { 'a "b"\\\uDCFF.py': `100644 ${'a'.repeat(64)}`, x: '120000 unreadable' } });

function read(dir: string, name: string, stdin = ''): Promise<Result<NamedReceipt>> {
  return readReceipt(name, { cwd: (path) => join(dir, path), stdin: Readable.from([stdin]) });
}

test('what was written is read: from a file, a folder that holds it, stdin', async () => {
  const text = formatReceipt(receipt);
  const dir = folderOf({
    'ci.json': `\uFEFF${text}`,
    'artifact/parity/receipt.json': text,
    'artifact/junit.json': '{}',
    'other/a.json': 'nonsense',
    'other/mine.json': text,
    'two/a.json': text,
    'two/b.json': text,
    'none/x.txt': '',
  });
  expect(await read(dir, 'ci.json')).toEqual({ ok: true, value: { name: 'ci.json', receipt } });
  expect(await read(dir, 'artifact')).toMatchObject({ ok: true, value: { name: 'artifact/parity/receipt.json' } });
  expect(await read(dir, 'other')).toEqual({ ok: true, value: { name: 'other/mine.json', receipt } });
  expect(await read(dir, '-', text)).toEqual({ ok: true, value: { name: 'stdin', receipt } });
  expect(await read(dir, 'two')).toMatchObject({
    ok: false,
    error: { reason: 'usage', next: expect.stringContaining('parity receipt merge a.json b.json') as string },
  });
  expect(await read(dir, 'none')).toMatchObject({ ok: false, error: { reason: 'usage' } });
  expect(await read(dir, 'nothing.json')).toMatchObject({
    ok: false,
    error: { message: 'there is no receipt nothing.json' },
  });
});

describe('what is none is refused with what is wrong', () => {
  const bad = (change: object): string => JSON.stringify({ ...receipt, ...change });
  test.each<[string, string, string]>([
    ['nothing', '', 'it is empty'],
    ['half of one', formatReceipt(receipt).slice(0, 300), 'it is not JSON: '],
    ['another file', '{"version":1,"python":{}}', 'it has no steps'],
    ['a list', '[]', 'it has no steps'],
    ['a word', '"steps"', 'it has no steps'],
    ['a wrong digest', bad({ lock: 'sha256:1' }), 'lock: must be sha256: and 64 lower-case hex digits'],
    ['a wrong file', bad({ files: { 'a b': 'x' } }), 'files["a b"]: must be a mode'],
    [
      'a wrong step',
      JSON.stringify(withStep(receipt, 'ui', { needs: 1 as never })),
      'steps[2].needs: Invalid input: expected array',
    ],
    ['a wrong version', bad({ version: 0 }), 'version: '],
  ])('%s', async (_, text, what) => {
    expect(await read('', '-', text)).toMatchObject({
      ok: false,
      error: {
        reason: 'receipt-invalid',
        message: expect.stringContaining(`stdin is not a receipt that parity wrote: ${what}`) as string,
      },
    });
  });

  test('a newer form, and a zip', async () => {
    expect(await read('', '-', bad({ version: 2, parity: '3.1.0' }))).toEqual({
      ok: false,
      error: {
        reason: 'receipt-too-new',
        message: `stdin has format 2, written by parity 3.1.0; this is parity ${parityVersion}, which knows format 1`,
        next: 'npm install --global parity@3.1.0',
      },
    });
    const dir = folderOf({});
    writeFileSync(join(dir, 'ci 1.zip'), 'PK\u0003\u0004…');
    expect(await read(dir, 'ci 1.zip')).toMatchObject({
      ok: false,
      error: {
        message: 'ci 1.zip is a zip archive, not a receipt',
        next: "unzip 'ci 1.zip' -d 'ci 1', and name that folder",
      },
    });
  });
});

test('the published schema takes what is written, and not what is wrong', () => {
  const schema = JSON.parse(readFileSync(join(packageRoot(), 'schema/receipt.schema.json'), 'utf8')) as object;
  expect(schema).toEqual(receiptJsonSchema());
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  expect([validate(JSON.parse(formatReceipt(receiptOf()))), validate.errors]).toEqual([true, null]);
  expect(validate({ ...receiptOf(), later: 1 })).toBe(true);
  expect(validate({ ...receiptOf(), lock: 'x' })).toBe(false);
});
