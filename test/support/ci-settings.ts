import type { CiSettings } from '../../src/ci/settings.ts';

/** Settings as a bare `ci: { install: … }` gives them. */
export function settings(more: Partial<CiSettings> = {}): CiSettings {
  return {
    name: 'parity',
    project: '.',
    submodules: false,
    lfs: false,
    install: { kind: 'command', command: 'npm install --global ./tools/parity.tgz' },
    shards: 1,
    branches: undefined,
    depth: 0,
    timeoutSeconds: 3600,
    repository: undefined,
    registryLogin: undefined,
    toolchains: [],
    dockerfile: undefined,
    secrets: [],
    variables: [],
    github: { runner: 'ubuntu-latest', codeScanning: false },
    gitlab: { executor: 'docker', image: 'node:24-bookworm', engine: 'docker:29-dind', tags: [] },
    ...more,
  };
}

/** One of each kind of CI file that parity writes. */
export const variants: Readonly<Record<string, CiSettings>> = {
  plain: settings(),
  npm: settings({ install: { kind: 'npm' }, branches: ['main', 'release-1'], depth: 1, timeoutSeconds: 90 }),
  'own registry': settings({
    repository: { registry: 'registry.acme.example:5000' },
    registryLogin: { username: 'REGISTRY_USER', password: 'REGISTRY_TOKEN' },
    secrets: ['NPM_TOKEN'],
    variables: ['REGION'],
  }),
  'docker hub': settings({ repository: { registry: undefined } }),
  'ghcr, sharded, scanned': settings({
    repository: { registry: 'ghcr.io' },
    shards: 3,
    github: { runner: 'ubuntu-24.04', codeScanning: true },
  }),
  'sharded, in a folder': settings({
    name: 'parity-apps-it-s',
    project: "apps/it's",
    shards: 2,
    dockerfile: 'docker/Dockerfile.parity',
    submodules: true,
    lfs: true,
    install: { kind: 'command', command: 'set -e\ncp tools/parity "$HOME/bin/"\n' },
  }),
  'several toolchains': settings({ toolchains: ['lint', 'docs'] }),
  'machines of one’s own': settings({
    github: { runner: ['self-hosted', 'linux'], codeScanning: true },
    gitlab: { executor: 'shell', image: 'node:24-bookworm', engine: 'docker:29-dind', tags: ['big', 'linux'] },
    shards: 2,
  }),
};
