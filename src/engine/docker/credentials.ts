import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, parse } from 'node:path';
import { parseImageRef } from '../../core/image-ref.ts';
import { isObject, memberOf, readJson, shaped, type UnknownObject } from '../../core/json.ts';
import { programEnvironment } from '../../core/program-environment.ts';
import type { RegistryLogin } from '../engine.ts';

/** Registry credentials in the form that dockerode's options take; an empty `authconfig` asks anonymously. */
export interface Credentials {
  readonly authconfig: RegistryLogin & { readonly serveraddress?: string };
}

/**
 * The credentials that `docker login` stored for a reference's registry (config.json, credential helpers), or none. What
 * can't be read counts as none: the registry's own refusal then says what is missing. `defaultRegistry` asks the engine for
 * the address under which the credentials of the registry that references needn't name are filed.
 */
export async function credentialsFor(
  ref: string,
  defaultRegistry: () => Promise<string | undefined>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Credentials> {
  const registry = parseImageRef(ref)?.registry;
  const key = await keyOf(registry, defaultRegistry);
  if (key === undefined) return { authconfig: {} };
  const config = await readConfig(env);
  const helper = textAt(config['credHelpers'], key) ?? textAt(config, 'credsStore');
  const fromHelper = helper === undefined ? undefined : await runCredentialHelper(helper, key, env);
  if (fromHelper !== undefined) return { authconfig: { ...fromHelper, serveraddress: key } };
  const auths = isObject(config['auths']) ? config['auths'] : {};
  const entry = Object.entries(auths).find(([name]) => name === key || hostOf(name) === key)?.[1];
  if (entry === undefined) return { authconfig: {} };
  const identitytoken = textAt(entry, 'identitytoken');
  const [username, ...password] = Buffer.from(textAt(entry, 'auth') ?? '', 'base64')
    .toString()
    .split(':');
  return {
    authconfig: {
      ...(username ? { username, password: password.join(':') } : {}),
      ...(identitytoken ? { identitytoken } : {}),
      serveraddress: key,
    },
  };
}

/** The name under which a registry's credentials are filed: its own, but the default registry's full address. */
async function keyOf(
  registry: string | undefined,
  defaultRegistry: () => Promise<string | undefined>,
): Promise<string | undefined> {
  if (registry?.includes(':') || registry === 'localhost') return registry;
  const address = await defaultRegistry();
  const isDefault = registry === undefined || (address !== undefined && hostOf(address).endsWith(`.${registry}`));
  return isDefault ? address : registry;
}

// Old entries are URLs: a scheme, the host, and `/v1/`.
function hostOf(name: string): string {
  return name.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}

async function readConfig(env: NodeJS.ProcessEnv): Promise<UnknownObject> {
  const dir = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker');
  const text = await readFile(join(dir, 'config.json'), 'utf8').catch(() => '');
  return readJson(text, shaped(isObject)) ?? {};
}

function textAt(value: unknown, key: string): string | undefined {
  const text = memberOf(value, key);
  return typeof text === 'string' ? text : undefined;
}

/** What helpers of the clouds' registries log in with. */
const cloudVariables =
  /^(?:AWS|GOOGLE|CLOUDSDK|AZURE|ACR|DOCKER|DBUS|GNUPG|PASSWORD_STORE)_\w+$|^GNUPGHOME$|^DISPLAY$|^GPG_TTY$/;

/** Asks a credential helper (https://github.com/docker/docker-credential-helpers); undefined when it is missing or knows none. */
function runCredentialHelper(
  helper: string,
  key: string,
  env: NodeJS.ProcessEnv,
): Promise<Credentials['authconfig'] | undefined> {
  return new Promise((resolve) => {
    const child = spawn(`docker-credential-${helper}`, ['get'], {
      // The user's own config names it; a repository's files are none of its business.
      cwd: parse(homedir()).root,
      env: programEnvironment(env, cloudVariables),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('error', () => resolve(undefined));
    child.on('close', (code) => resolve(code === 0 ? readJson(said, helperLogin) : undefined));
    child.stdin.on('error', () => undefined);
    child.stdin.end(key);
  });
}

function helperLogin(value: unknown): Credentials['authconfig'] | undefined {
  const [username = '', secret] = [textAt(value, 'Username'), textAt(value, 'Secret')];
  if (secret === undefined) return undefined;
  // By the helpers' protocol, this user name says that the secret is a token.
  return username === '<token>' ? { identitytoken: secret } : { username, password: secret };
}
