import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fromFacts, type RawFacts } from './describe.ts';

function factsOf(engine: string, change: Partial<RawFacts['info']> = {}): RawFacts {
  const recorded = <T>(name: string): T =>
    JSON.parse(
      readFileSync(new URL(`../../../test/fixtures/engine/${engine}/${name}.json`, import.meta.url), 'utf8'),
    ) as T;
  return {
    info: { ...recorded<RawFacts['info']>('info'), ...change },
    version: recorded('version'),
    pingHeaders: recorded('ping-headers'),
  };
}
const local = { address: 'unix:///var/run/docker.sock', source: "Docker's socket" };
const hostname = factsOf('docker-20.10').info.Name ?? '';

it.each([
  ['docker-20.10', { product: 'docker', imageStore: 'graph', builder: 'classic', apiVersion: '1.41' }],
  ['docker-26.1', { product: 'docker', imageStore: 'graph', builder: 'buildkit', apiVersion: '1.45' }],
  // BuildKit is offered there too, but takes no context from the API.
  ['docker-26.1-containerd', { product: 'docker', imageStore: 'containerd', builder: 'classic', apiVersion: '1.45' }],
  ['podman-4.3', { product: 'podman', imageStore: 'graph', builder: 'classic', apiVersion: '1.41' }],
])('tells %s by its answers', (engine, expected) => {
  expect(fromFacts(factsOf(engine), local, hostname)).toMatchObject({
    ...expected,
    platform: 'linux/amd64',
    rootless: false,
    seesHostFiles: true,
    hostname,
  });
});

it('does not take a socket that was handed into a container for a local engine', () => {
  expect(fromFacts(factsOf('docker-20.10'), local, '3f2a9c0d1e4b').seesHostFiles).toBe(false);
  expect(fromFacts(factsOf('docker-20.10'), { ...local, address: 'tcp://10.0.0.9:2376' }, hostname).seesHostFiles).toBe(
    false,
  );
});

it('knows a rootless engine, an architecture of another machine and an unknown one', () => {
  const rootless = fromFacts(
    factsOf('docker-20.10', { SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'] }),
    local,
    hostname,
  );
  expect(rootless.rootless).toBe(true);
  expect(fromFacts(factsOf('docker-20.10', { Architecture: 'aarch64' }), local, hostname).platform).toBe('linux/arm64');
  const other = fromFacts(factsOf('docker-20.10', { Architecture: 'riscv64' }), local, hostname);
  expect(other).toMatchObject({ platform: undefined, platformText: 'linux/riscv64' });
});
