import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../core/failure.ts';
import { readTextIfExists } from '../core/read-text-if-exists.ts';
import { err, ok, type Result } from '../core/result.ts';
import { isObject, memberOf, readJson, shaped, type UnknownObject } from '../core/json.ts';
import type { Endpoint } from './engine.ts';

/** Where the docker command's configuration is and which context the environment names. */
export interface ContextOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
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
  const docker = memberOf(memberOf(readObject(join(dir, 'contexts', 'meta', id, 'meta.json')), 'Endpoints'), 'docker');
  const address = memberOf(docker, 'Host');
  if (typeof address !== 'string' || address === '')
    return err(
      failure('engine-not-found', `there is no docker context ${named}`, {
        next: 'docker context ls   (then `docker context use NAME`)',
      }),
    );
  const tlsDir = join(dir, 'contexts', 'tls', id, 'docker');
  return ok({
    address,
    source: `docker context ${JSON.stringify(name)}`,
    ...(existsSync(tlsDir) && { tlsDir }),
    ...(memberOf(docker, 'SkipTLSVerify') === true && { tlsSkipVerify: true }),
  });
}

function currentContext(configPath: string): string | undefined {
  const name = memberOf(readObject(configPath), 'currentContext');
  return typeof name === 'string' ? name : undefined;
}

// The docker command too goes on without a config that is missing or broken.
function readObject(path: string): UnknownObject | undefined {
  const text = readTextIfExists(path);
  return text === undefined ? undefined : readJson(text, shaped(isObject));
}
