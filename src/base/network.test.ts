import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildArguments, hostCertificates, hostProxies, isLoopback, networkSettings } from './network.ts';

const dir = mkdtempSync(join(tmpdir(), 'parity-network-'));
afterAll(() => rmSync(dir, { recursive: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
// Nobody's addresses (RFC 2606, RFC 5737): what counts is that they come out as they went in.
const [index, more, packages] = ['index', 'more', 'packages'].map((host) => `https://${host}.example/path`);
const proxy = 'http://192.0.2.1:3128';
// Every index and registry is named, so that no pip and no npm is asked.
const named = { PIP_INDEX_URL: index, PIP_EXTRA_INDEX_URL: more, NPM_CONFIG_REGISTRY: packages };

describe('network settings of the host', () => {
  it('gives proxies in both cases, the indexes to pip and uv, the registry with its slash', async () => {
    const settings = await networkSettings({
      ...named,
      https_proxy: proxy,
      NO_PROXY: 'localhost',
    });
    expect(settings).toMatchObject({ ok: true, value: { needsHostNetwork: false } });
    expect(settings.ok && buildArguments(settings.value)).toEqual({
      HTTPS_PROXY: proxy,
      https_proxy: proxy,
      NO_PROXY: 'localhost',
      no_proxy: 'localhost',
      PIP_INDEX_URL: index,
      UV_DEFAULT_INDEX: index,
      PIP_EXTRA_INDEX_URL: more,
      UV_INDEX: more,
      NPM_CONFIG_REGISTRY: `${packages}/`,
    });
  });

  it('refuses an address with a password, without repeating it', async () => {
    for (const [name, value] of [
      ['PIP_INDEX_URL', 'https://me:hunter2@acme.test/simple'],
      ['UV_EXTRA_INDEX_URL', 'https://a.example/simple https://hunter2@b.example/simple'],
      ['NPM_CONFIG_REGISTRY', 'https://me:hunter2@acme.test/'],
    ] as const) {
      const settings = await networkSettings({ ...named, [name]: value });
      expect(settings).toMatchObject({ ok: false, error: { reason: 'requirements-unsupported' } });
      expect(JSON.stringify(settings)).not.toContain('hunter2');
    }
  });

  it('needs the host’s network for what is on this machine’s loopback', async () => {
    expect(await networkSettings({ ...named, HTTP_PROXY: 'http://127.0.0.1:3128' })).toMatchObject({
      ok: true,
      value: { needsHostNetwork: true },
    });
    const addresses = [
      'localhost:1',
      'http://localhost/x',
      'http://u@127.1.2.3',
      'http://[::1]:1/',
      'registry.localhost',
    ];
    expect(addresses.map(isLoopback)).toEqual([true, true, true, true, true]);
    expect(['http://127.example', 'https://x/localhost', '10.0.0.1'].map(isLoopback)).toEqual([false, false, false]);
  });

  it('takes no proxy from an empty variable', () => {
    expect(hostProxies({ HTTP_PROXY: '', https_proxy: '' })).toEqual({});
  });

  it('joins the bundles, each certificate once, and leaves out what is none', async () => {
    const [first = '', second = ''] = rootCertificates;
    const one = file('one.pem', `comment\n${first.replaceAll('\n', '\r\n')}\r\n`);
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
    const two = file('two.pem', `${first}\n${broken}\n${second}\n`);
    const certificates = await hostCertificates({ SSL_CERT_FILE: one, NODE_EXTRA_CA_CERTS: two });
    if (!certificates.ok || certificates.value === undefined) throw new Error('none');
    const pem = certificates.value.pem.toString();
    expect(pem.split(first).length).toBe(2);
    expect(pem).toContain(second);
    expect(pem).not.toContain('AAAA\n-----END');
    expect(await hostCertificates({ PIP_CERT: join(dir, 'none.pem') })).toMatchObject({
      ok: false,
      error: { reason: 'io', message: `PIP_CERT names ${join(dir, 'none.pem')}, which cannot be read` },
    });
  });
});
