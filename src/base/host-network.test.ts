import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hostCertificates, hostProxies, isLoopback } from './host-network.ts';

const dir = mkdtempSync(join(tmpdir(), 'parity-network-'));
afterAll(() => rmSync(dir, { recursive: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};

describe('the host itself, of its network', () => {
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

  it('knows an address on this machine’s loopback', () => {
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
});
