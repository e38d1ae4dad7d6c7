import { spawn } from 'node:child_process';
import { programEnvironment } from '../../core/program-environment.ts';
import { Agent, type AgentOptions } from 'node:http';
import { Duplex } from 'node:stream';

/**
 * An agent whose connections are `ssh HOST docker system dial-stdio`, as the docker command makes them: so the user's ssh
 * config, known hosts, keys and jump hosts hold. (dockerode's own ssh client knows none of them and checks no host key.)
 */
export function sshAgent(address: string): Agent {
  const agent = new Agent({ keepAlive: true } satisfies AgentOptions) as Agent & { createConnection: () => Duplex };
  agent.createConnection = () => connect(address);
  return agent;
}

/** The arguments of ssh for an `ssh://[user@]host[:port][/socket]` address. */
export function sshArguments(address: string): readonly string[] {
  const url = new URL(address);
  const socket = url.pathname.length > 1 ? ['--host', `unix://${url.pathname}`] : [];
  return [
    ...(url.username === '' ? [] : ['-l', decodeURIComponent(url.username)]),
    ...(url.port === '' ? [] : ['-p', url.port]),
    '-o',
    'ConnectTimeout=30',
    '-T',
    '--',
    url.hostname,
    'docker',
    ...socket,
    'system',
    'dial-stdio',
  ];
}

function connect(address: string): Duplex {
  const child = spawn('ssh', sshArguments(address), {
    env: programEnvironment(process.env, /^(?:SSH_\w+|DISPLAY|GPG_TTY)$/),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
  const connection = new Duplex({
    read: () => void child.stdout.resume(),
    // Why ssh takes no more input is told by its end, below.
    write: (chunk: Buffer, _encoding, done) => void child.stdin.write(chunk, () => done()),
    final: (done) => void child.stdin.end(() => done()),
    destroy(error, done) {
      child.kill();
      done(error);
    },
  });
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (chunk: Buffer) => {
    if (!connection.push(chunk)) child.stdout.pause();
  });
  child.on('error', (error: NodeJS.ErrnoException) => {
    connection.destroy(Object.assign(error, { code: error.code === 'ENOENT' ? 'ESSHMISSING' : 'ESSH' }));
  });
  child.on('close', (code) => {
    if (connection.destroyed) return;
    if (code === 0) connection.push(null);
    else connection.destroy(Object.assign(new Error(said.trim() || `ssh ended with ${code}`), { code: 'ESSH' }));
  });
  // What Node's http client asks of a socket and a pipe has no use for.
  const same = (): Duplex => connection;
  return Object.assign(connection, { setKeepAlive: same, setNoDelay: same, setTimeout: same, ref: same, unref: same });
}
