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
  if (address.startsWith('unix:'))
    return process.platform === 'linux'
      ? 'sudo systemctl start docker'
      : 'start the engine (Docker Desktop, `colima start`, …)';
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

function sshTarget(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  const user = url.username === '' ? '' : `${decodeURIComponent(url.username)}@`;
  return `${url.port === '' ? '' : `-p ${url.port} `}${user}${url.hostname}`;
}
