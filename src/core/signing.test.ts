import { expect, test } from 'vitest';
import { isPublicKey, isSignedBy, isSigningSecret, makeSigningKey, readSigningKey } from './signing.ts';

const data = Buffer.from('what was signed');

test('a made key signs, and only its own public half says so', () => {
  const [one, other] = [makeSigningKey(), makeSigningKey()];
  const key = readSigningKey(`${one.secret}\n`);
  expect(key?.publicKey).toBe(one.publicKey);
  const signature = key?.sign(data) ?? '';
  expect(isSignedBy(one.publicKey, data, signature)).toBe(true);
  expect(isSignedBy(other.publicKey, data, signature)).toBe(false);
  expect(isSignedBy(one.publicKey, Buffer.from('something else'), signature)).toBe(false);
  for (const none of ['', 'x', signature.slice(0, 40), `${signature}AAAA`])
    expect(isSignedBy(one.publicKey, data, none)).toBe(false);
});

test('the first vector of RFC 8032 gives its public key and its signature', () => {
  const hex = (text: string): string => Buffer.from(text, 'hex').toString('base64');
  const key = readSigningKey(
    `ed25519-secret:${hex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')}`,
  );
  expect(key?.publicKey).toBe(`ed25519:${hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')}`);
  expect(Buffer.from(key?.sign(Buffer.alloc(0)) ?? '', 'base64').toString('hex')).toMatch(/^e5564300c360ac729086e2cc/);
});

test('what is no key is told from one', () => {
  const { publicKey, secret } = makeSigningKey();
  expect([publicKey, secret].map(isPublicKey)).toEqual([true, false]);
  expect([publicKey, secret].map(isSigningSecret)).toEqual([false, true]);
  for (const text of ['', 'ed25519:', publicKey.slice(0, -1), `${publicKey} `, `${publicKey}=`, 'ed25519:AAAA'])
    expect(isPublicKey(text)).toBe(false);
  for (const text of ['', publicKey, secret.slice(0, -2), secret.replace('ed25519-secret:', '')])
    expect(readSigningKey(text)).toBeUndefined();
});
