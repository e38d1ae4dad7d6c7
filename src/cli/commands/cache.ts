import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { makeSigningKey, readSigningKey } from '../../core/signing.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';

/**
 * `parity cache key`: makes a key with which CI signs what passes. The secret half goes to stdout and nowhere else, so that it can be piped
 * into CI's own store; what is to be done with the other half is a note. `public`: the public half of PARITY_CACHE_KEY.
 */
export async function cacheKey(
  { env, events: { emit }, terminal: { json, print, stdout } }: CommandContext,
  flags: { readonly public: boolean },
): Promise<Result<number>> {
  if (flags.public) {
    const key = readSigningKey(env['PARITY_CACHE_KEY'] ?? '');
    if (key === undefined)
      return err(failure('usage', 'PARITY_CACHE_KEY holds no key', { next: 'parity cache key   (makes one)' }));
    print(json ? JSON.stringify({ type: 'cache-key', publicKey: key.publicKey }) : key.publicKey);
    return ok(exitCodes.yes);
  }
  const { publicKey, secret } = makeSigningKey();
  // Not by way of the reporter, which hides secrets.
  stdout.write(json ? `${JSON.stringify({ type: 'cache-key', publicKey, secret })}\n` : `${secret}\n`);
  const message = `give the secret to CI as PARITY_CACHE_KEY: it is shown this once and kept nowhere\nin parity.yaml, say who is believed:\n\ncache:\n  trust: ["${publicKey}"]`;
  emit({ type: 'note', severity: 'note', message });
  return ok(exitCodes.yes);
}
