import { failure, type Failure, type FailureReason } from '../../core/failure.ts';
import { checkCommand, permissionCommand, startCommand } from '../engine-advice.ts';
import type { Endpoint } from '../engine.ts';

/** What was being done, and with which engine, when something went wrong. */
export interface EngineCall {
  /** Completes "could not …": `start container 0f3a`. */
  readonly action: string;
  readonly endpoint: Endpoint;
  readonly signal?: AbortSignal | undefined;
  /** The reason when the engine's text matches no pattern; `engine-refused` by default. */
  readonly fallbackReason?: FailureReason;
}

/** The parts of an error that dockerode, Node's network code or the ssh connection throws. */
interface EngineError {
  readonly message: string;
  readonly statusCode?: number;
  readonly code?: string;
  readonly syscall?: string;
}

/** The HTTP status with which the engine refused; undefined when it did not answer. */
export function statusOf(error: unknown): number | undefined {
  const { statusCode } = error as EngineError;
  return typeof statusCode === 'number' ? statusCode : undefined;
}

/** The failure that an error of an engine call stands for. A programming error (TypeError …) is thrown on. */
export function engineFailure(error: unknown, engineCall: EngineCall): Failure {
  const { action, endpoint, signal } = engineCall;
  if (signal?.aborted) return failure('interrupted', `interrupted: could not ${action}`);
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof ReferenceError) throw error;
  const { code, syscall } = error as EngineError;
  if (statusOf(error) === undefined && code !== undefined) {
    const connecting = connectionFailure(code, syscall, error.message, endpoint);
    if (connecting !== undefined) return connecting;
  }
  // What was to be sent could not be read here: EACCES: permission denied, open '/home/me/x'
  if (code !== undefined && (error as NodeJS.ErrnoException).path !== undefined)
    return failure('io', `could not ${action}`, { detail: error.message });
  // socket hang up   |   read ECONNRESET   |   write EPIPE   |   aborted   |   Premature close
  const lost = /\b(?:aborted|closed before its end|inside a frame|ECONNRESET|EPIPE)\b|hang up|Premature close/;
  if (statusOf(error) === undefined && lost.test(error.message)) return lostFailure(error.message, engineCall);
  return engineTextFailure(engineText(error.message), engineCall);
}

/** The failure that the engine's text stands for: the body of a refusal, or the `error` of a progress record. */
export function engineTextFailure(words: string, engineCall: EngineCall): Failure {
  const found = engineTexts.find(({ pattern }) => pattern.test(words));
  return failure(found?.reason ?? engineCall.fallbackReason ?? 'engine-refused', `could not ${engineCall.action}`, {
    detail: words,
    ...(found?.next === undefined ? {} : { next: found.next }),
  });
}

/** The failure of a connection that was there and broke. */
function lostFailure(detail: string, { action, endpoint }: EngineCall): Failure {
  return failure('engine-unreachable', `lost the engine at ${endpoint.address} and so could not ${action}`, {
    detail,
    next: `check that the engine runs: ${checkCommand(endpoint)}`,
  });
}

// dockerode's form: `(HTTP code 404) no such container - No such container: nope `
function engineText(message: string): string {
  return message.replace(/^\(HTTP code \d+\) .*? - /, '').trim();
}

/** The one table of engine texts. Docker's, Podman's and BuildKit's texts; a sample above each pattern. */
const engineTexts: readonly { readonly pattern: RegExp; readonly reason: FailureReason; readonly next?: string }[] = [
  // write /var/lib/docker/tmp/x: no space left on device   |   ENOSPC: no space left on device, write
  {
    pattern: /no space left on device|disk quota exceeded/i,
    reason: 'disk-full',
    next: 'docker system df   (what uses the space), then parity clean --all',
  },
  // No such image: nope:1   |   nope: image not known   |   unable to find 'x' in local storage: no such image
  // pull access denied for nope, repository does not exist or may require 'docker login'
  // manifest for x:1 not found: manifest unknown: manifest unknown   |   reference does not exist
  {
    pattern:
      /no such image|image not known|manifest(?: for \S+)? (?:unknown|not found)|pull access denied|repository does not exist|reference does not exist|name unknown/i,
    reason: 'image-not-found',
    next: 'check the name and, for a private one, `docker login`',
  },
  // Get "https://acme.test/v2/": dial tcp: lookup acme.test on 1.1.1.1:53: no such host
  // … connect: connection refused   |   i/o timeout   |   TLS handshake timeout   |   x509: certificate signed by unknown authority
  // net/http: request canceled while waiting for connection   |   server misbehaving   |   EOF   |   proxyconnect tcp: …
  // received unexpected HTTP status: 503 Service Unavailable   |   unauthorized: authentication required   |   pinging container registry
  {
    pattern:
      /dial (?:tcp|udp)|no such host|i\/o timeout|TLS handshake|x509:|certificate (?:signed by|has expired|is not)|Client\.Timeout|request canceled|server misbehaving|proxyconnect|unexpected HTTP status|unexpected status code|unauthorized|pinging container registry|network is unreachable|: EOF$|http: server gave HTTP response to HTTPS client/i,
    reason: 'network',
    next: 'check the network, the proxy and the certificates of the engine (docker info shows its proxy)',
  },
  // driver failed programming external connectivity on endpoint x: Bind for 127.0.0.1:5432 failed: port is already allocated
  // listen tcp4 127.0.0.1:80: bind: address already in use
  {
    pattern: /port is already allocated|address already in use/i,
    reason: 'engine-refused',
    next: 'end what listens on that port (docker ps shows containers), or publish another',
  },
  // Conflict. The container name "/x" is already in use by container "0f3a…". You have to remove (or rename) …
  // the container name "x" is already in use by 0f3a…: that name is already in use
  { pattern: /name "[^"]*" is already in use/i, reason: 'name-taken', next: 'docker ps -a   (who has that name)' },
  // error during container init: open /proc/sys/net/ipv6/conf/lo/disable_ipv6: no such file or directory   |   … read-only file system
  // sysctl net.ipv6.conf.lo.disable_ipv6 is not whitelisted   |   sysctl "net.ipv6.conf.lo.disable_ipv6" is not in a separate namespace
  { pattern: /\bsysctls?\b|\/proc\/sys\//i, reason: 'sysctl-refused' },
  // invalid mount config for type "bind": bind source path does not exist: /nope   |   statfs /nope: no such file or directory
  {
    pattern: /bind source path does not exist|statfs .*no such file or directory/i,
    reason: 'engine-refused',
    next: 'the engine does not see that folder: is it on another machine, or in a VM that does not share it?',
  },
];

function connectionFailure(
  code: string,
  syscall: string | undefined,
  detail: string,
  endpoint: Endpoint,
): Failure | undefined {
  const where = `${endpoint.address} (${endpoint.source})`;
  const connecting = syscall === 'connect';
  switch (code) {
    // connect ENOENT /run/nope.sock
    case 'ENOENT':
      if (!connecting) return undefined;
      return failure('engine-not-found', `there is no engine at ${where}: no such socket`, {
        detail,
        next: startCommand(endpoint),
      });
    // connect ECONNREFUSED /run/docker.sock
    case 'ECONNREFUSED':
      return failure('engine-not-running', `the engine at ${where} is not running: connection refused`, {
        detail,
        next: startCommand(endpoint),
      });
    // connect EACCES /var/run/docker.sock
    case 'EACCES':
    case 'EPERM':
      if (!connecting) return undefined;
      return failure('engine-forbidden', `this user may not use the engine at ${where}: permission denied`, {
        detail,
        next: permissionCommand(endpoint),
      });
    // getaddrinfo ENOTFOUND nope.example   |   connect ETIMEDOUT 10.0.0.9:2376
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return failure('engine-unreachable', `the engine at ${where} can't be reached`, {
        detail,
        next: checkCommand(endpoint),
      });
    // what ssh itself said, see ssh.ts
    case 'ESSH':
      return failure('engine-unreachable', `the engine at ${where} can't be reached through ssh`, {
        detail,
        next: checkCommand(endpoint),
      });
    case 'ESSHMISSING':
      return failure('host-tool-missing', `the engine at ${where} needs the ssh command, which is not here`, {
        detail,
        next: 'install the OpenSSH client',
      });
    default:
      // self-signed certificate in certificate chain   |   ERR_TLS_CERT_ALTNAME_INVALID   |   EPROTO wrong version number
      if (/CERT|TLS|SSL|EPROTO/.test(code))
        return failure('engine-unreachable', `no secure connection to the engine at ${where}`, {
          detail,
          next: 'check DOCKER_CERT_PATH and DOCKER_TLS_VERIFY, or the docker context (docker context ls)',
        });
      return undefined;
  }
}
