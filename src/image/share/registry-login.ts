import type { RegistryLogin } from '../../engine/engine.ts';

/** One way in which a registry asks who is there: the `WWW-Authenticate` header of a 401. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service?: string; readonly scope?: string };

/** Reads the header (RFC 9110, section 11.6.1); undefined when it asks for nothing that parity can give. */
export function parseChallenge(header: string): Challenge | undefined {
  const scheme = /^\s*(\w+)/.exec(header)?.[1]?.toLowerCase();
  if (scheme === 'basic') return { scheme };
  if (scheme !== 'bearer') return undefined;
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, plain] of header.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g))
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '');
  const [realm, service, scope] = ['realm', 'service', 'scope'].map((name) => parameters.get(name));
  if (!realm) return undefined;
  return { scheme, realm, ...(service ? { service } : {}), ...(scope ? { scope } : {}) };
}

/** The value of an `Authorization: Basic` header; undefined without a user name. */
export function basicAuthorization({ username, password = '' }: RegistryLogin): string | undefined {
  return username === undefined ? undefined : `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** What to ask a token server (https://distribution.github.io/distribution/spec/auth/token and …/oauth). */
export interface TokenRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The question that gets a token for a scope: as a user, with an identity token, or as nobody. */
export function tokenRequest(
  { realm, service }: Extract<Challenge, { scheme: 'bearer' }>,
  scope: string,
  login: RegistryLogin,
): TokenRequest {
  const asked = { ...(service === undefined ? {} : { service }), scope };
  if (login.identitytoken !== undefined) {
    const grant = { grant_type: 'refresh_token', refresh_token: login.identitytoken, client_id: 'parity' };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { method: 'POST', url: realm, headers, body: new URLSearchParams({ ...grant, ...asked }).toString() };
  }
  const url = new URL(realm);
  for (const [name, value] of Object.entries(asked)) url.searchParams.append(name, value);
  const authorization = basicAuthorization(login);
  return { method: 'GET', url: url.href, headers: authorization === undefined ? {} : { authorization } };
}
