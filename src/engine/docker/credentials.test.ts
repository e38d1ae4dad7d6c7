import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { credentialsFor } from './credentials.ts';

const index = async (): Promise<string> => 'https://hub.main.example/v1/';
function envWith(config: object | string, helpers: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const dir = mkdtempSync(join(tmpdir(), 'parity docker '));
  writeFileSync(join(dir, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  for (const [name, script] of Object.entries(helpers))
    writeFileSync(join(dir, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { DOCKER_CONFIG: dir, PATH: `${dir}:${process.env['PATH']}` };
}
const auth = Buffer.from('me:pass:word').toString('base64');

it('finds what docker login stored, for the registry and for the default one', async () => {
  const env = envWith({
    auths: {
      'r.example:5000': { auth },
      'https://hub.main.example/v1/': { auth: Buffer.from('hub:h').toString('base64') },
    },
  });
  const mine = { username: 'me', password: 'pass:word', serveraddress: 'r.example:5000' };
  expect(await credentialsFor('r.example:5000/a/b:1', index, env)).toEqual({ authconfig: mine });
  const main = { username: 'hub', password: 'h', serveraddress: 'https://hub.main.example/v1/' };
  expect(await credentialsFor('python:3.11', index, env)).toEqual({ authconfig: main });
  expect(await credentialsFor('main.example/library/python:3.11', index, env)).toEqual({ authconfig: main });
  expect(await credentialsFor('other.example/x:1', index, env)).toEqual({ authconfig: {} });
});

it('asks a credential helper, and takes its token as one', async () => {
  const helpers = {
    one: 'read key; [ "$key" = r.example ] && echo \'{"Username":"u","Secret":"s"}\'',
    two: 'echo \'{"Username":"<token>","Secret":"t"}\'',
  };
  const env = envWith({ credsStore: 'two', credHelpers: { 'r.example': 'one' } }, helpers);
  expect(await credentialsFor('r.example/x', index, env)).toEqual({
    authconfig: { username: 'u', password: 's', serveraddress: 'r.example' },
  });
  expect(await credentialsFor('q.example/x', index, env)).toEqual({
    authconfig: { identitytoken: 't', serveraddress: 'q.example' },
  });
});

it('asks anonymously when there is nothing to be had', async () => {
  expect(await credentialsFor('r.example/x', index, envWith('{ broken'))).toEqual({ authconfig: {} });
  expect(await credentialsFor('r.example/x', index, envWith({ credsStore: 'missing' }))).toEqual({ authconfig: {} });
  expect(await credentialsFor('x', async () => undefined, envWith({}))).toEqual({ authconfig: {} });
});
