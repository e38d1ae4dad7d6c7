import { expect, test } from 'vitest';
import { canonicalJson, sha256 } from '../../../core/digest.ts';
import { makeSigningKey, readSigningKey, type SigningKey } from '../../../core/signing.ts';
import { readSealedPass, sealPass, type PassStatement, type SealedPassReading } from './sealed-pass.ts';

const ci = made();
const stranger = made();
const now = Date.UTC(2026, 10, 25, 21, 3);
const day = 24 * 3600 * 1000;
const key = 'ab'.repeat(32);
const image = sha256('image');
const log = 'all is well\n';
const statement: Omit<PassStatement, 'version' | 'log'> = {
  key,
  image,
  platform: 'linux/amd64',
  step: 'lint',
  outcome: 'passed',
  by: 'ci',
  parity: '0.1.0',
  commit: 'c'.repeat(40),
  startedAt: now - 1500,
  passedAt: now,
  durationMs: 1500,
  diagnostics: [],
};

function made(): SigningKey {
  const signing = readSigningKey(makeSigningKey().secret);
  if (signing === undefined) throw new Error('no key');
  return signing;
}

function read(bytes: Uint8Array, expected: Partial<Parameters<typeof readSealedPass>[1]> = {}): SealedPassReading {
  return readSealedPass(bytes, { key, image, platform: 'linux/amd64', trust: [ci.publicKey], now, ...expected });
}

/** The entry with something changed by somebody who has no key. */
function tampered(change: (entry: Record<string, unknown>) => void): Buffer {
  const entry = JSON.parse(sealPass(statement, log, ci).toString()) as Record<string, unknown>;
  change(entry);
  return Buffer.from(JSON.stringify(entry));
}

test('what CI signed is a pass, and says whose it is', () => {
  expect(read(sealPass(statement, log, ci))).toEqual({
    kind: 'pass',
    pass: {
      version: 1,
      key,
      step: 'lint',
      passedAt: now,
      durationMs: 1500,
      diagnostics: [],
      log,
      origin: { by: 'ci', parity: '0.1.0', commit: 'c'.repeat(40) },
    },
  });
});

test('the signed bytes are the canonical JSON of every fact, whatever order they were given in', () => {
  const turned = Object.fromEntries(Object.entries(statement).toReversed()) as typeof statement;
  const [one, other] = [statement, turned].map((each) => sealPass(each, log, ci).toString());
  expect(one).toBe(other);
  const { statement: text } = JSON.parse(one ?? '') as { readonly statement: string };
  expect(text).toBe(canonicalJson({ ...statement, version: 1, log: sha256(log) }));
});

test('a changed fact, any of them, breaks the signature', () => {
  const { statement: text } = JSON.parse(sealPass(statement, log, ci).toString()) as { readonly statement: string };
  const facts = JSON.parse(text) as Record<string, unknown>;
  const names = Object.keys(facts);
  expect(names.sort()).toEqual([...Object.keys(statement), 'log', 'version'].sort());
  for (const name of names) {
    const changed = canonicalJson({ ...facts, [name]: typeof facts[name] === 'number' ? 7 : 'other' });
    const entry = tampered((each) => (each['statement'] = changed));
    expect(read(entry), name).toEqual({ kind: 'refused', reason: 'its signature does not hold' });
  }
  // The same facts in other bytes are not what was signed either.
  const spaced = tampered((each) => (each['statement'] = `${text} `));
  expect(read(spaced)).toEqual({ kind: 'refused', reason: 'its signature does not hold' });
});

test.each<[string, Buffer, string]>([
  ['another log', tampered((entry) => (entry['log'] = 'rm -rf\n')), 'its log is not the one that was signed'],
  ['no signature', tampered((entry) => (entry['signature'] = '')), 'its signature does not hold'],
  ['a number for a signature', tampered((entry) => (entry['signature'] = 1)), 'it is damaged'],
  ['a stranger’s name', tampered((entry) => (entry['signer'] = stranger.publicKey)), strangerRefused()],
  ['a stranger’s entry', sealPass(statement, log, stranger), strangerRefused()],
  [
    'a stranger’s entry in CI’s name',
    Buffer.from(sealPass(statement, log, stranger).toString().replace(stranger.publicKey, ci.publicKey)),
    'its signature does not hold',
  ],
  ['half of it', sealPass(statement, log, ci).subarray(0, 200), 'it is damaged'],
  ['nothing', Buffer.alloc(0), 'it is damaged'],
  ['null', Buffer.from('null'), 'it is damaged'],
  ['no form', tampered((entry) => delete entry['form']), 'it is damaged'],
  ['a log that is no text', tampered((entry) => (entry['log'] = ['x'])), 'it is damaged'],
  ['the future', sealPass({ ...statement, passedAt: now + 2 * day }, log, ci), 'it is from the future'],
  ['another key', sealPass({ ...statement, key: 'cd'.repeat(32) }, log, ci), 'it was signed for another key'],
  ['another image', sealPass({ ...statement, image: sha256('x') }, log, ci), 'it was signed for another image'],
  [
    'another platform',
    sealPass({ ...statement, platform: 'linux/arm64' }, log, ci),
    'it was signed for another platform',
  ],
])('%s is refused', (_, entry, reason) => {
  expect(read(entry)).toEqual({ kind: 'refused', reason });
});

function strangerRefused(): string {
  return `its key is none of cache.trust: ${stranger.publicKey}`;
}

test('without a trusted key nothing is believed', () => {
  expect(read(sealPass(statement, log, ci), { trust: [] })).toMatchObject({ kind: 'refused' });
});

test('what is honest and of no use is no hit and no alarm: too old, a later form', () => {
  expect(read(sealPass({ ...statement, passedAt: now - 31 * day }, log, ci))).toEqual({ kind: 'none' });
  expect(read(tampered((entry) => (entry['form'] = 2)))).toEqual({ kind: 'none' });
});

test('another parity’s pass counts, as it does in the cache of one machine', () => {
  const reading = read(sealPass({ ...statement, parity: '9.9.9' }, log, ci));
  expect(reading).toMatchObject({ kind: 'pass', pass: { origin: { parity: '9.9.9' } } });
});

test('a pass that was withdrawn is none', () => {
  expect(read(sealPass({ ...statement, outcome: 'withdrawn' }, log, ci))).toEqual({ kind: 'withdrawn' });
});

test('a log of any bytes comes back as it was', () => {
  const odd = 'ü\u0000\u001b[31m\ud800\r\n';
  expect(read(sealPass(statement, odd, ci))).toMatchObject({ kind: 'pass', pass: { log: odd } });
});
