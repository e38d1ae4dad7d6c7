import { rootCertificates } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { hostCertificates, isLoopback } from '../../base/host-network.ts';
import type { Digest } from '../../core/digest.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { memberOf, readJson } from '../../core/json.ts';
import type { RegistryLogin } from '../../engine/engine.ts';
import { basicAuthorization, parseChallenge, tokenRequest } from './registry-login.ts';

/**
 * A repository in a registry, to write to (https://github.com/opencontainers/distribution-spec). Parity pushes by itself because an
 * engine compresses what it pushes, by its own compressor, and so changes the manifest that the lock names. Every method: Err `network`,
 * `registry-refused` in the registry's own words, `interrupted`.
 */
export interface Registry {
  hasBlob(digest: Digest): Promise<Result<boolean>>;
  /** Bytes of the manifest of that digest; undefined when the registry has none, and then perhaps not all of its blobs. */
  manifestSize(digest: Digest): Promise<Result<number | undefined>>;
  /** A manifest's text by its tag; undefined for none. */
  manifest(tag: string): Promise<Result<string | undefined>>;
  /** A small blob that is text; Err `registry-refused` when it is larger than `maxBytes`. */
  blob(digest: Digest, maxBytes: number): Promise<Result<string>>;
  /** Uploads a blob; `open` is asked for it again when the connection broke. The registry keeps none whose content is not the digest's. */
  putBlob(digest: Digest, sizeBytes: number, open: () => Readable | Buffer): Promise<Result<void>>;
  /** Puts a manifest or index under a tag or its digest. Err `integrity-mismatch` when the registry names another digest than expected. */
  putManifest(tag: string, mediaType: string, digest: Digest, bytes: Buffer): Promise<Result<void>>;
  close(): Promise<void>;
}

/** Which repository, and as whom. */
export interface RegistryAddress {
  /** `host` or `host:port`. */
  readonly registry: string;
  /** Its path in the registry. */
  readonly repository: string;
  readonly login: RegistryLogin;
  /** What is asked for: with `pull`, nothing is written. Default: both. */
  readonly access?: 'pull';
  /** How often a request that the network or the server broke is made in all; 4 without. */
  readonly attempts?: number;
  readonly signal?: AbortSignal | undefined;
}

/** How often a request or an upload that the network or the server broke is made in all, by default. */
const usualAttempts = 4;

/** A registry that says nothing for this long is gone. */
const silenceMs = 60_000;

/** The specification's limit. */
const manifestBytes = 4 * 1024 * 1024;

const manifestTypes = 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json';

/** Opens a repository: finds out how its registry is spoken to, through this host's proxies and with the certificates that it trusts. */
export async function openRegistry(address: RegistryAddress): Promise<Result<Registry>> {
  const certificates = await hostCertificates();
  if (!certificates.ok) return certificates;
  const ca = [...rootCertificates, ...(certificates.value === undefined ? [] : [certificates.value.pem.toString()])];
  const limits = { connect: { ca }, headersTimeout: silenceMs, bodyTimeout: silenceMs };
  // No proxy knows this machine's loopback.
  const dispatcher = isLoopback(address.registry)
    ? new Agent(limits)
    : new EnvHttpProxyAgent({ ...limits, requestTls: { ca }, proxyTls: { ca } });
  const session = new Session(address, dispatcher);
  const reached = await session.reach();
  if (reached.ok) return ok(session);
  await dispatcher.destroy();
  return reached;
}

interface Call {
  readonly method: Dispatcher.HttpMethod;
  /** A path below the repository, or a whole address that the registry gave. */
  readonly path: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: () => Readable | Buffer;
  /** Statuses that are an answer. */
  readonly good: readonly number[];
  /** How often to make it in all when the network or the server breaks it; as often as the address says without. */
  readonly attempts?: number;
  /** Of a longer answer nothing is read. */
  readonly maxBytes?: number;
}

interface Answer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly text: string;
}

class Session implements Registry {
  readonly #address: RegistryAddress;
  readonly #dispatcher: Dispatcher;
  readonly #attempts: number;
  #origin = '';
  #authorization: string | undefined;

  constructor(address: RegistryAddress, dispatcher: Dispatcher) {
    this.#address = address;
    this.#dispatcher = dispatcher;
    this.#attempts = address.attempts ?? usualAttempts;
  }

  /** As engines do, a registry on this machine's loopback may be spoken to in plain HTTP, and no other. */
  async reach(): Promise<Result<void>> {
    const { registry } = this.#address;
    const schemes = isLoopback(registry) ? ['https', 'http'] : ['https'];
    let last: Result<void> = ok(undefined);
    for (const scheme of schemes) {
      this.#origin = `${scheme}://${registry}`;
      const path = new URL('/v2/', this.#origin);
      const isLast = scheme === schemes.at(-1);
      const answer = await this.#send({ method: 'GET', path, good: [200], ...(isLast ? {} : { attempts: 1 }) });
      last = answer.ok ? ok(undefined) : answer;
      if (answer.ok || answer.error.reason !== 'network') break;
    }
    return last;
  }

  async hasBlob(digest: Digest): Promise<Result<boolean>> {
    const answer = await this.#send({ method: 'HEAD', path: `blobs/${digest}`, good: [200, 307, 404] });
    return answer.ok ? ok(answer.value.status !== 404) : answer;
  }

  async manifestSize(digest: Digest): Promise<Result<number | undefined>> {
    const headers = { accept: manifestTypes };
    const answer = await this.#send({ method: 'HEAD', path: `manifests/${digest}`, headers, good: [200, 404] });
    if (!answer.ok) return answer;
    const size = Number(answer.value.header('content-length'));
    return ok(answer.value.status === 200 && size > 0 ? size : undefined);
  }

  async manifest(tag: string): Promise<Result<string | undefined>> {
    const [headers, maxBytes] = [{ accept: manifestTypes }, manifestBytes];
    const answer = await this.#send({ method: 'GET', path: `manifests/${tag}`, headers, good: [200, 404], maxBytes });
    if (!answer.ok) return answer;
    return ok(answer.value.status === 200 ? answer.value.text : undefined);
  }

  async blob(digest: Digest, maxBytes: number): Promise<Result<string>> {
    const good = [200, 301, 302, 303, 307, 308];
    const answer = await this.#send({ method: 'GET', path: `blobs/${digest}`, good, maxBytes });
    if (!answer.ok || answer.value.status === 200) return answer.ok ? ok(answer.value.text) : answer;
    // Some registries keep their blobs elsewhere.
    const path = new URL(answer.value.header('location') ?? '', this.#origin);
    const fetched = await this.#send({ method: 'GET', path, good: [200], maxBytes });
    return fetched.ok ? ok(fetched.value.text) : fetched;
  }

  async putBlob(digest: Digest, sizeBytes: number, open: () => Readable | Buffer): Promise<Result<void>> {
    for (let attempt = 1; ; attempt += 1) {
      const put = await this.#upload(digest, sizeBytes, open);
      if (put.ok || put.error.reason !== 'network' || attempt >= this.#attempts) return put;
      await this.#pause(attempt);
    }
  }

  async putManifest(tag: string, mediaType: string, digest: Digest, bytes: Buffer): Promise<Result<void>> {
    const path = `manifests/${tag}`;
    const headers = { 'content-type': mediaType };
    const put = await this.#send({ method: 'PUT', path, headers, body: () => bytes, good: [201, 204] });
    if (!put.ok) return put;
    const there = await this.#send({ method: 'HEAD', path, headers: { accept: manifestTypes }, good: [200] });
    if (!there.ok) return there;
    const found = there.value.header('docker-content-digest');
    if (found === undefined || found === digest) return ok(undefined);
    const named = `${this.#address.registry}/${this.#address.repository}:${tag}`;
    return err(failure('integrity-mismatch', `${named} is not what was pushed: expected ${digest}, found ${found}`));
  }

  async close(): Promise<void> {
    await this.#dispatcher.close();
  }

  /** An upload that broke can't be gone on with everywhere: the next attempt begins another. */
  async #upload(digest: Digest, sizeBytes: number, open: () => Readable | Buffer): Promise<Result<void>> {
    const begun = await this.#send({ method: 'POST', path: 'blobs/uploads/', good: [202] });
    if (!begun.ok) return begun;
    const location = begun.value.header('location');
    if (location === undefined) return err(this.#refused('it gave no address to upload to'));
    const path = new URL(location, this.#origin);
    path.searchParams.append('digest', digest);
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(sizeBytes) };
    const put = await this.#send({ method: 'PUT', path, headers, body: open, good: [201, 204], attempts: 1 });
    return put.ok ? ok(undefined) : put;
  }

  /** Makes a request until it has an answer: again after a broken connection or a server's error, and once with a new token. */
  async #send(call: Call): Promise<Result<Answer>> {
    let asked = false;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#once(call);
      if (answer.ok && answer.value.status === 401 && !asked) {
        asked = true;
        attempt -= 1;
        const granted = await this.#login(answer.value.header('www-authenticate') ?? '');
        if (!granted.ok) return granted;
        continue;
      }
      const settled = answer.ok ? this.#settled(call, answer.value) : answer;
      if (settled.ok || settled.error.reason !== 'network' || attempt >= (call.attempts ?? this.#attempts))
        return settled;
      await this.#pause(attempt);
    }
  }

  #settled({ good }: Call, answer: Answer): Result<Answer> {
    const { status, text } = answer;
    if (good.includes(status)) return ok(answer);
    if (status === 429 || status >= 500) return err(this.#broken(`it answered ${status}: ${text.slice(0, 2_000)}`));
    const isLogin = status === 401 || status === 403;
    return err(
      this.#refused(
        isLogin ? `it does not let this login ${this.#address.access ?? 'push'}` : `it answered ${status}`,
        text,
      ),
    );
  }

  async #pause(attempt: number): Promise<void> {
    await sleep(250 * 4 ** (attempt - 1), undefined, this.#signal()).catch(() => undefined);
  }

  async #once({ method, path, headers = {}, body, maxBytes }: Call): Promise<Result<Answer>> {
    const { repository } = this.#address;
    const url = typeof path === 'string' ? new URL(`/v2/${repository}/${path}`, this.#origin) : path;
    // The token is the registry's: a store that it redirects uploads to does not get it.
    const mine = url.origin === this.#origin && this.#authorization !== undefined;
    const sent = mine ? { ...headers, authorization: this.#authorization ?? '' } : headers;
    const dispatcher = this.#dispatcher;
    const content = body?.();
    try {
      const options = { method, headers: sent, dispatcher, ...this.#signal() };
      const answer = await request(url, content === undefined ? options : { ...options, body: content });
      const text = await textOf(answer.body, maxBytes);
      if (text === undefined) return err(this.#refused('it gave more than was asked for'));
      const header = (name: string): string | undefined => [answer.headers[name] ?? []].flat()[0];
      return ok({ status: answer.statusCode, header, text });
    } catch (error) {
      if (this.#address.signal?.aborted === true) return err(failure('interrupted', 'interrupted'));
      return err(this.#broken(error instanceof Error ? error.message || error.name : String(error)));
    } finally {
      if (content !== undefined && 'destroy' in content) content.destroy();
    }
  }

  async #login(challengeHeader: string): Promise<Result<void>> {
    const { registry, repository, login } = this.#address;
    const challenge = parseChallenge(challengeHeader);
    if (challenge === undefined) return err(this.#refused(`it asks for a login that parity can't give`));
    if (challenge.scheme === 'basic') {
      this.#authorization = basicAuthorization(login);
      return this.#authorization === undefined
        ? err(this.#refused('it wants a user name and a password'))
        : ok(undefined);
    }
    const scope = `repository:${repository}:${this.#address.access ?? 'pull,push'}`;
    const { method, url, headers, body } = tokenRequest(challenge, scope, login);
    const answer = await this.#once({
      method,
      path: new URL(url),
      headers,
      ...(body === undefined ? {} : { body: () => Buffer.from(body) }),
      good: [200],
    });
    if (!answer.ok) return answer;
    const token = answer.value.status === 200 ? tokenIn(answer.value.text) : undefined;
    if (token === undefined)
      return err(this.#refused(`${registry} gave no token for ${repository} (${answer.value.status})`));
    this.#authorization = `Bearer ${token}`;
    return ok(undefined);
  }

  #broken(detail: string): Failure {
    const { registry } = this.#address;
    const next = `check the network, the proxy, and that ${registry} is up`;
    return failure('network', `could not reach the registry ${registry}`, { detail, next });
  }

  #refused(how: string, detail = ''): Failure {
    const { registry, repository } = this.#address;
    return failure('registry-refused', `${registry} refused ${repository}: ${how}`, {
      ...(detail === '' ? {} : { detail: detail.slice(0, 2_000) }),
      next: `docker login ${registry}   (then the same command again)`,
    });
  }

  #signal(): { readonly signal?: AbortSignal } {
    return this.#address.signal === undefined ? {} : { signal: this.#address.signal };
  }
}

/** Reads an answer to its end; undefined when that is further than wanted. */
async function textOf(body: Readable, maxBytes = Infinity): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    if ((bytes += part.length) > maxBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function tokenIn(text: string): string | undefined {
  return readJson(text, (value) => {
    const token = memberOf(value, 'token') ?? memberOf(value, 'access_token');
    return typeof token === 'string' ? token : undefined;
  });
}
