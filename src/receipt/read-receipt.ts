import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { shellWord } from '../core/shell-word.ts';
import { parityVersion } from '../core/version.ts';
import { memberOf, parseJson, readJson } from '../core/json.ts';
import { receiptVersion, type Receipt } from './receipt.ts';

/** A receipt, and how to call it. */
export interface NamedReceipt {
  /** The file as the user named it, or `stdin`. */
  readonly name: string;
  readonly receipt: Receipt;
}

/**
 * Reads a receipt from a file, from stdin (`-`), or from a folder that holds one (an unpacked artifact). Err `receipt-invalid` naming what is
 * wrong, `receipt-too-new`, or `usage` when there is none.
 */
export async function readReceipt(
  name: string,
  options: { readonly cwd: (path: string) => string; readonly stdin: AsyncIterable<Uint8Array | string> },
): Promise<Result<NamedReceipt>> {
  if (name === '-') {
    const pieces: Buffer[] = [];
    for await (const piece of options.stdin) pieces.push(Buffer.from(piece));
    return await parseReceipt('stdin', Buffer.concat(pieces).toString('utf8'));
  }
  const path = options.cwd(name);
  try {
    if (!(await stat(path)).isDirectory()) return await parseReceipt(name, await readFile(path, 'utf8'));
    const found = await findInFolder(path);
    if (!found.ok) return found;
    const file = join(name, found.value);
    return await parseReceipt(file, await readFile(options.cwd(file), 'utf8'));
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    if (error.code === 'ENOENT') return err(failure('usage', `there is no receipt ${name}`, { next: howToMakeOne }));
    return err(failure('receipt-invalid', `the receipt ${name} can't be read: ${error.message}`));
  }
}

const howToMakeOne = 'parity up --report receipt=receipt.json';

/** The one receipt of a folder, relative to it: its receipt.json, wherever it lies; else the one file of JSON that is a receipt. */
async function findInFolder(folder: string): Promise<Result<string>> {
  const entries = await readdir(folder, { recursive: true });
  const names = entries.filter((entry) => entry.endsWith('.json')).sort();
  const called = names.filter((entry) => basename(entry) === 'receipt.json');
  let found = called;
  if (called.length === 0) {
    found = [];
    for (const entry of names)
      if (isReceipt(await readFile(join(folder, entry), 'utf8').catch(() => ''))) found.push(entry);
  }
  const [only, second] = found;
  if (only === undefined)
    return err(failure('usage', `there is no receipt in the folder ${folder}`, { next: howToMakeOne }));
  if (second === undefined) return ok(only);
  return err(
    failure('usage', `there are ${found.length} receipts in the folder ${folder}: ${found.join(', ')}`, {
      next: `name one of them; those of the shards of one run become one by: parity receipt merge ${found.map(shellWord).join(' ')}`,
    }),
  );
}

function isReceipt(text: string): boolean {
  return readJson(text, inputsDigestOf) !== undefined;
}

function inputsDigestOf(value: unknown): unknown {
  const steps = memberOf(value, 'steps');
  return memberOf(Array.isArray(steps) ? steps[0] : undefined, 'inputsDigest');
}

/** Checks a receipt's text; `name` is for people. Errors as readReceipt has them. */
export async function parseReceipt(name: string, text: string): Promise<Result<NamedReceipt>> {
  if (text.startsWith('PK\u0003\u0004')) {
    const next = `unzip ${shellWord(name)} -d ${shellWord(name.replace(/\.zip$/, ''))}, and name that folder`;
    return err(failure('receipt-invalid', `${name} is a zip archive, not a receipt`, { next }));
  }
  const parsed = parseJson(text.replace(/^\uFEFF/, ''));
  if (!parsed.ok)
    return err(invalid(name, text.trim() === '' ? 'it is empty' : `it is not JSON: ${parsed.error.message}`));
  const { value } = parsed;
  const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  if (typeof version === 'number' && version > receiptVersion) return err(tooNew(name, value, version));
  if (typeof value !== 'object' || value === null || !('steps' in value))
    return err(invalid(name, 'it has no steps; is it another file of JSON?'));
  const { receiptSchema } = await import('./schema.ts');
  const checked = receiptSchema.safeParse(value);
  if (checked.success) return ok({ name, receipt: checked.data });
  const problems = checked.error.issues.map(({ path, message }) => `${placeOf(path)}: ${message}`);
  return err(invalid(name, problems[0] ?? 'it is empty', problems.slice(0, 10).join('\n')));
}

/** `steps[2].log.bytes`, `files["a b.py"]`. */
function placeOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((place, key) => {
    if (typeof key === 'number') return `${place}[${key}]`;
    const name = String(key);
    if (!/^\w+$/.test(name)) return `${place}[${JSON.stringify(name)}]`;
    return place === '' ? name : `${place}.${name}`;
  }, '');
}

function invalid(name: string, what: string, detail?: string): Failure {
  return failure('receipt-invalid', `${name} is not a receipt that parity wrote: ${what}`, {
    ...(detail === undefined || detail === what ? {} : { detail }),
    next: howToMakeOne,
  });
}

function tooNew(name: string, value: unknown, version: number): Failure {
  const has = typeof value === 'object' && value !== null && 'parity' in value ? value.parity : undefined;
  const writer = typeof has === 'string' ? has : undefined;
  return failure(
    'receipt-too-new',
    `${name} has format ${version}, written by parity ${writer ?? '(unknown)'}; this is parity ${parityVersion}, which knows format ${receiptVersion}`,
    { next: `npm install --global parity@${writer ?? 'latest'}` },
  );
}
