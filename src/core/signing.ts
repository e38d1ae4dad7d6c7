import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';

/** An Ed25519 public key as people write it: `ed25519:` and its 32 bytes in base64. */
export type PublicKey = `ed25519:${string}`;

/** A private key that is ready to sign. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  /** The signature (64 bytes) in base64. */
  readonly sign: (data: Uint8Array) => string;
}

const publicMark = 'ed25519:';
const secretMark = 'ed25519-secret:';
// What stands before the 32 bytes of a key in its ASN.1 form (RFC 8410).
const publicHead = Buffer.from('302a300506032b6570032100', 'hex');
const secretHead = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Makes a key: its text is the secret, `ed25519-secret:…`. */
export function makeSigningKey(): { readonly publicKey: PublicKey; readonly secret: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(secretHead.length);
  return { publicKey: publicKeyOf(privateKey), secret: `${secretMark}${seed.toString('base64')}` };
}

/** Reads a secret that makeSigningKey made; undefined for any other text. */
export function readSigningKey(secret: string): SigningKey | undefined {
  const seed = bytesAfter(secretMark, secret.trim());
  if (seed === undefined) return undefined;
  const key = createPrivateKey({ key: Buffer.concat([secretHead, seed]), format: 'der', type: 'pkcs8' });
  return { publicKey: publicKeyOf(key), sign: (data) => sign(null, data, key).toString('base64') };
}

/** True when a text has the form of a public key. */
export function isPublicKey(text: string): text is PublicKey {
  return bytesAfter(publicMark, text) !== undefined;
}

/** True when the text is a secret of makeSigningKey, which must not be where everybody reads it. */
export function isSigningSecret(text: string): boolean {
  return text.trim().startsWith(secretMark);
}

/** Whether the key's owner has signed these very bytes; false for whatever is no key or no signature. */
export function isSignedBy(publicKey: PublicKey, data: Uint8Array, signature: string): boolean {
  const bytes = bytesAfter(publicMark, publicKey);
  if (bytes === undefined) return false;
  const key = createPublicKey({ key: Buffer.concat([publicHead, bytes]), format: 'der', type: 'spki' });
  const signed = Buffer.from(signature, 'base64');
  return signed.toString('base64') === signature && verify(null, data, key, signed);
}

function publicKeyOf(privateKey: KeyObject): PublicKey {
  const bytes = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(publicHead.length);
  return `${publicMark}${bytes.toString('base64')}`;
}

/** The 32 bytes after the mark; undefined unless they are written in the one way that base64 has for them. */
function bytesAfter(mark: string, text: string): Buffer | undefined {
  if (!text.startsWith(mark)) return undefined;
  const bytes = Buffer.from(text.slice(mark.length), 'base64');
  return bytes.length === 32 && text === `${mark}${bytes.toString('base64')}` ? bytes : undefined;
}
