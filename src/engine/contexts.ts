import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Endpoint } from './engine.ts';

/** Where the docker command's configuration is and which context the environment names. */
export interface ContextOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
}

interface ContextMeta {
  readonly Endpoints?: { readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean } };
}

/** The folder of the docker command's configuration. */
export function dockerConfigDir({ env, home }: ContextOptions): string {
  return env['DOCKER_CONFIG'] || join(home, '.docker');
}

/**
 * The endpoint of the docker context in use: `$DOCKER_CONTEXT`, else config.json's `currentContext`. Undefined when there
 * is none or it is `default`; Err when one is named that does not exist or can't be read.
 */
export function contextEndpoint(options: ContextOptions): Result<Endpoint | undefined> {
  const dir = dockerConfigDir(options);
  const fromEnv = options.env['DOCKER_CONTEXT'];
  const name = fromEnv || currentContext(join(dir, 'config.json'));
  if (name === undefined || name === '' || name === 'default') return ok(undefined);
  // The docker command files a context under the SHA-256 of its name.
  const id = createHash('sha256').update(name).digest('hex');
  const named = `${JSON.stringify(name)}, which ${fromEnv ? 'DOCKER_CONTEXT' : join(dir, 'config.json')} names`;
  const host = readJson<ContextMeta>(join(dir, 'contexts', 'meta', id, 'meta.json'))?.Endpoints?.docker;
  if (host?.Host === undefined || host.Host === '')
    return err(
      failure('engine-not-found', `there is no docker context ${named}`, {
        next: 'docker context ls   (then `docker context use NAME`)',
      }),
    );
  const tlsDir = join(dir, 'contexts', 'tls', id, 'docker');
  return ok({
    address: host.Host,
    source: `docker context ${JSON.stringify(name)}`,
    ...(existsSync(tlsDir) && { tlsDir }),
    ...(host.SkipTLSVerify === true && { tlsSkipVerify: true }),
  });
}

function currentContext(configPath: string): string | undefined {
  return readJson<{ readonly currentContext?: string }>(configPath)?.currentContext;
}

// The docker command too goes on without a config that is missing or broken.
function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
