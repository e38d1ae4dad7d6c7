import { readFileSync } from 'node:fs';
import type Docker from 'dockerode';
import { describe, expect, it } from 'vitest';
import {
  fromContainerInspect,
  fromContainerListed,
  fromImageInspect,
  fromRemotePlatforms,
  toCreateBody,
  toEnv,
  toLabelFilter,
} from './convert.ts';

const engines = ['docker-20.10', 'docker-26.1', 'docker-26.1-containerd', 'podman-4.3'];
const recorded = <T>(engine: string, name: string): T =>
  JSON.parse(
    readFileSync(new URL(`../../../test/fixtures/engine/${engine}/${name}.json`, import.meta.url), 'utf8'),
  ) as T;

describe.each(engines)('what %s answered', (engine) => {
  it('becomes an image', () => {
    const image = fromImageInspect(recorded(engine, 'image-inspect'));
    expect(image).toMatchObject({
      id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      platform: 'linux/amd64',
      labels: { 'made-by': 'recorder' },
      command: ['sleep', '600'],
      entrypoint: [],
      env: expect.arrayContaining(['A=b']),
      user: '',
    });
    expect(image.tags).toHaveLength(1);
    expect(image.tags[0]).toMatch(/parity-recorded:1$/);
    expect(image.layers).toHaveLength(1);
    expect(image.sizeBytes).toBeGreaterThan(1_000_000 * (engine.endsWith('containerd') ? 0.5 : 1));
  });
  it('becomes a container that runs, and one that was killed', () => {
    const running = recorded<Docker.ContainerInspectInfo>(engine, 'container-running');
    expect(fromContainerInspect(running)).toEqual({
      id: running.Id,
      name: 'parity-recorded',
      imageId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      labels: { 'made-by': 'recorder' },
      state: 'running',
      startedAt: expect.stringMatching(/^2026-/),
    });
    expect(fromContainerInspect(recorded(engine, 'container-exited'))).toMatchObject({
      state: 'exited',
      exitCode: 137,
      oomKilled: false,
    });
  });
  it('becomes a list', () => {
    const [first, ...more] = recorded<Docker.ContainerInfo[]>(engine, 'container-list').map(fromContainerListed);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ name: 'parity-recorded', state: 'running', labels: { 'made-by': 'recorder' } });
  });
});

describe('a container to be created', () => {
  it('says only what the spec says', () => {
    expect(toCreateBody({ image: 'x', labels: {} })).toEqual({
      Image: 'x',
      Env: [],
      Labels: {},
      OpenStdin: false,
      StdinOnce: false,
      Tty: false,
      HostConfig: { AutoRemove: false },
    });
  });
  it('has every part of a full spec', () => {
    const body = toCreateBody({
      image: 'x',
      entrypoint: ['/bin/sh', '-c'],
      command: ['echo "ü"'],
      env: { A: 'b=c', EMPTY: '' },
      labels: { l: '1' },
      user: '1:2',
      workingDir: '/w',
      hostname: 'h',
      openStdin: true,
      tty: true,
      autoRemove: true,
      readOnlyRoot: true,
      mounts: [
        { type: 'bind', source: '/a b', target: '/t', readOnly: true },
        { type: 'volume', source: 'v', target: '/v' },
        { type: 'tmpfs', target: '/tmp', sizeBytes: 10, mode: 0o1777 },
      ],
      network: 'n',
      networkAliases: ['db'],
      pidNamespace: 'container:c',
      extraHosts: ['db:127.0.0.1'],
      sysctls: { 'net.ipv6.conf.lo.disable_ipv6': '0' },
      publish: [{ containerPort: 80 }, { containerPort: 81, hostPort: 8081 }],
      capDrop: ['ALL'],
      capAdd: ['CHOWN'],
      noNewPrivileges: true,
      pidsLimit: 100,
      memoryBytes: 1024,
      cpus: 1.5,
      shmBytes: 64,
      init: true,
      stopTimeoutSeconds: 3,
      keepOutput: false,
    });
    expect(body).toEqual({
      Image: 'x',
      Entrypoint: ['/bin/sh', '-c'],
      Cmd: ['echo "ü"'],
      Env: ['A=b=c', 'EMPTY='],
      Labels: { l: '1' },
      User: '1:2',
      WorkingDir: '/w',
      Hostname: 'h',
      OpenStdin: true,
      StdinOnce: false,
      Tty: true,
      StopTimeout: 3,
      ExposedPorts: { '80/tcp': {}, '81/tcp': {} },
      NetworkingConfig: { EndpointsConfig: { n: { Aliases: ['db'] } } },
      HostConfig: {
        AutoRemove: true,
        ReadonlyRootfs: true,
        Mounts: [
          { Type: 'bind', Source: '/a b', Target: '/t', ReadOnly: true },
          { Type: 'volume', Source: 'v', Target: '/v', ReadOnly: false },
          { Type: 'tmpfs', Source: '', Target: '/tmp', TmpfsOptions: { SizeBytes: 10, Mode: 0o1777 } },
        ],
        NetworkMode: 'n',
        PidMode: 'container:c',
        ExtraHosts: ['db:127.0.0.1'],
        Sysctls: { 'net.ipv6.conf.lo.disable_ipv6': '0' },
        PortBindings: {
          '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }],
          '81/tcp': [{ HostIp: '127.0.0.1', HostPort: '8081' }],
        },
        CapDrop: ['ALL'],
        CapAdd: ['CHOWN'],
        SecurityOpt: ['no-new-privileges'],
        PidsLimit: 100,
        Memory: 1024,
        MemorySwap: 1024,
        NanoCpus: 1_500_000_000,
        ShmSize: 64,
        Init: true,
        LogConfig: { Type: 'none', Config: {} },
      },
    });
  });
  it('writes variables and label filters as the API takes them', () => {
    expect(toEnv({ A: '1', B: 'x y' })).toEqual(['A=1', 'B=x y']);
    expect(toLabelFilter(['a', 'b=c'])).toBe('{"label":["a","b=c"]}');
  });
});

it('knows the platforms of an index once each, and leaves out the others', () => {
  const raw = [
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm64' },
    { os: 'linux', architecture: 'arm64' },
    { os: 'linux', architecture: 's390x' },
    { os: 'unknown', architecture: 'unknown' },
  ];
  expect(fromRemotePlatforms(raw)).toEqual(['linux/amd64', 'linux/arm64']);
});
