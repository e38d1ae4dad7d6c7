import { canonicalJson, sha256, type Digest } from '../../../core/digest.ts';
import type { Platform } from '../../../core/platform.ts';
import { isPublicKey, isSignedBy, type PublicKey, type SigningKey } from '../../../core/signing.ts';
import type { ToolDiagnostic } from '../../../core/tool-diagnostic.ts';
import { isObject, readJson, shaped } from '../../../core/json.ts';
import type { Pass, PassOrigin } from '../pass.ts';

/** What is signed of a pass that machines share: all of it, its log by digest. No host's path and no secret is in it. */
export interface PassStatement {
  /** The form of the statement. */
  readonly version: 1;
  /** The fingerprint's digest, 64 hex digits. The image and the platform are in it, and are here to be read. */
  readonly key: string;
  readonly image: Digest;
  readonly platform: Platform;
  readonly step: string;
  /** `withdrawn`: with the same inputs it has failed since, and nobody believes it any more. */
  readonly outcome: 'passed' | 'withdrawn';
  readonly by: PassOrigin['by'];
  /** The parity that ran it. */
  readonly parity: string;
  /** HEAD of the repository that it ran in; null without git, and when files differed from it. */
  readonly commit: string | null;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly passedAt: number;
  readonly durationMs: number;
  readonly log: Digest;
  readonly diagnostics: readonly ToolDiagnostic[];
}

/** What a reader knows of the entry that it asks for. */
export interface ExpectedPass extends Pick<PassStatement, 'key' | 'image' | 'platform'> {
  /** The keys of those who are believed. */
  readonly trust: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What an entry is worth. `none`: it is honest, and of no use (too old, another parity's form). */
export type SealedPassReading =
  | { readonly kind: 'pass'; readonly pass: Pass }
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'none' }
  /** `reason` ends the sentence `… is refused: `. */
  | { readonly kind: 'refused'; readonly reason: string };

/** As long as passes are kept at most (results.ts), so that no old pass comes back by way of another machine. */
const maxAgeMs = 30 * 24 * 3600 * 1000;
/** Clocks differ, but not by more than this. */
const maxAheadMs = 24 * 3600 * 1000;

/** Whatever else the key may sign, it is no pass: the signed bytes begin with this. */
const purpose = 'parity shared pass 1\n';

/** Signs a pass: the bytes of its entry. The signature is over the statement's canonical JSON, which the entry carries as it is. */
export function sealPass(statement: Omit<PassStatement, 'version' | 'log'>, log: string, key: SigningKey): Buffer {
  const signed: PassStatement = { ...statement, version: 1, log: sha256(log) };
  const text = canonicalJson(signed);
  const seal = { statement: text, signer: key.publicKey, signature: key.sign(signedBytes(text)), log };
  return Buffer.from(JSON.stringify({ form: 1, ...seal }));
}

/**
 * Reads an entry. Nothing of it counts before its signature by a trusted key is found to hold: a digest would prove nothing, since who can
 * write the entry can write the digest. What an honest writer signed for another key, image or platform is refused as well.
 */
export function readSealedPass(bytes: Uint8Array, expected: ExpectedPass): SealedPassReading {
  const entry = readJson(Buffer.from(bytes).toString(), shaped(isObject));
  if (entry === undefined) return refused('it is damaged');
  if (entry['form'] !== 1) return typeof entry['form'] === 'number' ? { kind: 'none' } : refused('it is damaged');
  const { statement: text, signer, signature, log } = entry;
  if (![text, signer, signature, log].every((part) => typeof part === 'string')) return refused('it is damaged');
  const seal = entry as Readonly<Record<'statement' | 'signer' | 'signature' | 'log', string>>;
  if (!isPublicKey(seal.signer) || !expected.trust.includes(seal.signer))
    return refused(`its key is none of cache.trust: ${seal.signer.slice(0, 60)}`);
  if (!isSigned(seal.signer, seal.statement, seal.signature)) return refused('its signature does not hold');
  const statement = readJson(seal.statement, shaped(isObject)) as unknown as PassStatement | undefined;
  // An honest writer of a later form.
  if (statement?.version !== 1) return { kind: 'none' };
  for (const fact of ['key', 'image', 'platform'] as const)
    if (statement[fact] !== expected[fact]) return refused(`it was signed for another ${fact}`);
  if (statement.log !== sha256(seal.log)) return refused('its log is not the one that was signed');
  if (statement.passedAt > expected.now + maxAheadMs) return refused('it is from the future');
  if (expected.now - statement.passedAt > maxAgeMs) return { kind: 'none' };
  if (statement.outcome === 'withdrawn') return { kind: 'withdrawn' };
  if (statement.outcome !== 'passed') return { kind: 'none' };
  const { key, step, passedAt, durationMs, diagnostics, by, parity, commit } = statement;
  const origin: PassOrigin = { by, parity, commit };
  return { kind: 'pass', pass: { version: 1, key, step, passedAt, durationMs, diagnostics, log: seal.log, origin } };
}

function isSigned(signer: PublicKey, statement: string, signature: string): boolean {
  return isSignedBy(signer, signedBytes(statement), signature);
}

function signedBytes(statement: string): Buffer {
  return Buffer.from(`${purpose}${statement}`);
}

function refused(reason: string): SealedPassReading {
  return { kind: 'refused', reason };
}
