import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';

/** An engine that is reached over the network. */
export interface RemoteEngine {
  /** What a client's environment needs: DOCKER_HOST and what goes with it. */
  readonly env: Readonly<Record<string, string>>;
  /** Bytes that clients have sent so far. */
  readonly sentBytes: () => number;
  close(): Promise<void>;
}

/** Puts an engine's unix socket behind TLS on loopback: clients prove who they are by certificate, as docker's own daemon asks with --tlsverify. */
export async function overTls(address: string, folder: string): Promise<RemoteEngine> {
  const certificates = join(folder, 'client certificates');
  mkdirSync(certificates, { recursive: true });
  makeCertificates(certificates);
  const read = (name: string): Buffer => readFileSync(join(certificates, name));
  const sockets = new Set<Socket>();
  let sent = 0;
  const server = createTlsServer(
    {
      ca: read('ca.pem'),
      cert: read('server-cert.pem'),
      key: read('server-key.pem'),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (client) => {
      const upstream = connect({ path: address.replace(/^unix:\/\//, ''), allowHalfOpen: true });
      client.on('data', (piece: Buffer) => (sent += piece.length));
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    },
  );
  const port = await listening(server);
  return {
    env: { DOCKER_HOST: `tcp://localhost:${port}`, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates },
    sentBytes: () => sent,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function makeCertificates(folder: string): void {
  const openssl = (...args: readonly string[]): unknown =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca-key.pem', '-out', 'ca.pem', '-subj', '/CN=parity test', '-days', '30');
  for (const [name, use, prefix] of [
    ['server', 'serverAuth', 'server-'],
    ['client', 'clientAuth', ''],
  ] as const) {
    openssl('req', ...key, '-keyout', `${prefix}key.pem`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    writeFileSync(join(folder, 'ext'), `subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=${use}\n`);
    const ca = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial', '-days', '30', '-extfile', 'ext'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...ca, '-out', `${prefix}cert.pem`);
  }
}

/**
 * An ssh server of the test's own on loopback, with keys that nobody else has; `docker` there is this machine's. Throws, naming the package,
 * where there is none.
 */
export async function overSsh(address: string, folder: string): Promise<RemoteEngine> {
  const sshd = execFileSync('sh', ['-c', 'PATH=$PATH:/usr/sbin; command -v sshd || true'], { encoding: 'utf8' }).trim();
  if (sshd === '') throw new Error('the tests of engines over ssh need an ssh server: apt-get install openssh-server');
  const dir = join(folder, 'ssh');
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o700);
  for (const name of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(dir, name)]);
  writeFileSync(join(dir, 'authorized'), readFileSync(join(dir, 'user.pub')), { mode: 0o600 });
  const free = createServer();
  const port = await listening(free);
  await new Promise((resolve) => free.close(resolve));
  const path = process.env['PATH'] ?? '';
  const options = [
    `HostKey ${quoted(join(dir, 'host'))}`,
    `AuthorizedKeysFile ${quoted(join(dir, 'authorized'))}`,
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    `SetEnv ${quoted(`PATH=${path}`)}`,
  ];
  writeFileSync(join(dir, 'sshd_config'), `${options.join('\n')}\n`);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const server = spawn(sshd, ['-D', '-e', '-f', join(dir, 'sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  await heard(server.stderr, 'Server listening');
  const [, hostKey = ''] = readFileSync(join(dir, 'host.pub'), 'utf8').split(' ');
  writeFileSync(join(dir, 'known_hosts'), `[127.0.0.1]:${port} ssh-ed25519 ${hostKey}\n`);
  writeFileSync(
    join(dir, 'ssh_config'),
    `Host *\n  IdentityFile ${quoted(join(dir, 'user'))}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${quoted(join(dir, 'known_hosts'))}\n  BatchMode yes\n`,
  );
  // ssh takes the home of the account, not $HOME: a user's own ~/.ssh is left alone this way.
  const bin = join(dir, 'bin');
  const ssh = execFileSync('sh', ['-c', 'command -v ssh'], { encoding: 'utf8' }).trim();
  mkdirSync(bin);
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\nexec ${ssh} -F '${join(dir, 'ssh_config')}' "$@"\n`, { mode: 0o755 });
  const user = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim();
  const closed = new Promise((resolve) => server.on('close', resolve));
  return {
    env: {
      DOCKER_HOST: `ssh://${user}@127.0.0.1:${port}${address.replace(/^unix:\/\//, '')}`,
      PATH: `${bin}${delimiter}${path}`,
    },
    sentBytes: () => 0,
    close: async () => {
      server.kill();
      await closed;
    },
  };
}

function quoted(path: string): string {
  return `"${path}"`;
}

function heard(stream: NodeJS.ReadableStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    stream.on('data', (piece: Buffer) => {
      said += piece.toString();
      if (said.includes(text)) resolve();
    });
    stream.on('end', () => reject(new Error(`the ssh server ended and said only: ${said}`)));
  });
}

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
