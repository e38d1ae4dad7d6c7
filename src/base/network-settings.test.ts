import { describe, expect, it } from 'vitest';
import { buildArguments, networkSettings } from './network-settings.ts';

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
  });
});
