import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Endpoint } from './engine.ts';

/** The command that starts the engine of an endpoint, as far as its address tells whose it is. */
export function startCommand(endpoint: Endpoint): string {
  const { address } = endpoint;
  if (address.includes('/.colima/')) return 'colima start';
  if (address.includes('/.rd/')) return 'rdctl start   (or open Rancher Desktop)';
  if (address.includes('/.docker/') || address.startsWith('npipe:'))
    return 'docker desktop start   (or open Docker Desktop)';
  if (/^unix:\/\/\/run\/user\/.*podman/.test(address)) return 'systemctl --user start podman.socket';
  if (address.includes('podman')) return 'sudo systemctl start podman.socket';
  if (address.startsWith('unix:///run/user/')) return 'systemctl --user start docker';
  if (/^unix:\/\/(?:\/var)?\/run\/docker\.sock$/.test(address))
    return process.platform === 'linux'
      ? 'sudo systemctl start docker'
      : 'start the engine (Docker Desktop, `colima start`, …)';
  if (address.startsWith('unix:'))
    return `start what should listen there, or name another engine than ${endpoint.source} does`;
  return checkCommand(endpoint);
}

/** The command that lets this user use the engine's socket. */
export function permissionCommand(endpoint: Endpoint): string {
  if (endpoint.address.includes('podman'))
    return 'systemctl --user start podman.socket   (an engine of your own, without root)';
  return 'sudo usermod -aG docker $USER && newgrp docker';
}

/** The command that shows whether the engine can be reached at all. */
export function checkCommand(endpoint: Endpoint): string {
  const { address } = endpoint;
  if (address.startsWith('ssh:')) return `ssh ${sshTarget(address)} docker version`;
  return `docker --host ${address} version`;
}

/** What to type when there is no engine's socket at all: start the one that is installed, else install one. */
export function installAdvice(env: NodeJS.ProcessEnv = process.env): string {
  const has = (command: string): boolean =>
    (env['PATH'] ?? '').split(delimiter).some((dir) => dir !== '' && existsSync(join(dir, command)));
  if (has('colima')) return 'colima start';
  if (process.platform === 'darwin') return 'open Docker Desktop, or `brew install colima docker && colima start`';
  if (process.platform === 'win32') return 'open Docker Desktop';
  if (has('dockerd')) return 'sudo systemctl start docker   (or `sudo dockerd &` where there is no systemd)';
  if (has('podman')) return 'systemctl --user start podman.socket';
  return 'install Docker or Podman (on Debian and Ubuntu: `sudo apt-get install docker.io`), or name an engine with --host';
}

function sshTarget(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  const user = url.username === '' ? '' : `${decodeURIComponent(url.username)}@`;
  return `${url.port === '' ? '' : `-p ${url.port} `}${user}${url.hostname}`;
}
