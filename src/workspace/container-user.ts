import type { EngineInfo } from '../engine/engine.ts';

/** The user that a container's commands run as. */
export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
}

/** HOME in every container. */
export const containerHome = '/home/parity';

/**
 * The caller's own uid and gid, so that what steps write belongs to the caller. A rootless engine maps the caller to root
 * inside, so root is right there; a system without uids (Windows) leaves ownership to the engine.
 */
export function containerUser(
  engine: Pick<EngineInfo, 'rootless'>,
  caller: { readonly uid: number | undefined; readonly gid: number | undefined } = {
    uid: process.getuid?.(),
    gid: process.getgid?.(),
  },
): ContainerUser {
  if (engine.rootless) return { uid: 0, gid: 0 };
  return { uid: caller.uid ?? 1000, gid: caller.gid ?? 1000 };
}

/** The image's `/etc/passwd` with an entry for the user first, so that it is the one that lookups find; root keeps root's name. */
export function withPasswdEntry(passwd: string, user: ContainerUser): string {
  if (user.uid === 0 && /^root:/m.test(passwd)) return passwd;
  const others = passwd.split('\n').filter((line) => !line.startsWith('parity:'));
  return [`parity:x:${user.uid}:${user.gid}:parity:${containerHome}:/bin/bash`, ...others].join('\n');
}

/** The image's `/etc/group` with an entry for the user's group first. */
export function withGroupEntry(group: string, user: ContainerUser): string {
  if (user.gid === 0 && /^root:/m.test(group)) return group;
  const others = group.split('\n').filter((line) => !line.startsWith('parity:'));
  return [`parity:x:${user.gid}:`, ...others].join('\n');
}
