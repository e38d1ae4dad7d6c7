import type { Command } from 'commander';
import { addCommand, type RunInSession } from './add-command.ts';

/** Adds `parity cache` with its own command: key. */
export function addCacheCommands(program: Command, session: RunInSession): void {
  const cache = addCommand(program, 'cache', 'share what has passed with other machines', 'parity cache key');
  addCommand(
    cache,
    'key',
    'make the key with which CI signs what passes: the secret on stdout, the public half in a note',
    'parity cache key',
  )
    .option('--public', 'print the public half of PARITY_CACHE_KEY instead')
    .action(async (flags: { readonly public?: boolean }, command: Command) => {
      const { cacheKey } = await import('../commands/cache.ts');
      await session(command, (context) => cacheKey(context, { public: flags.public === true }));
    });
}
