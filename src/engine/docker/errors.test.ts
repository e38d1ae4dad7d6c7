import { describe, expect, it } from 'vitest';
import type { FailureReason } from '../../core/failure.ts';
import { engineFailure, engineTextFailure } from './errors.ts';

const endpoint = { address: 'unix:///run/x.sock', source: 'DOCKER_HOST' };
const engineCall = { action: 'start container 0f3a', endpoint };
const networkError = (code: string, more: object = {}): Error =>
  Object.assign(new Error(`connect ${code} /run/x.sock`), { code, syscall: 'connect', ...more });

describe('what the engine says', () => {
  it.each<[string, FailureReason]>([
    ['write /var/lib/docker/tmp/GetImageBlob1: no space left on device', 'disk-full'],
    ['No such image: nope:1', 'image-not-found'],
    ['no such image: localhost/nope:1: image not known', 'image-not-found'],
    ["pull access denied for nope, repository does not exist or may require 'docker login'", 'image-not-found'],
    ['manifest for x:1 not found: manifest unknown: manifest unknown', 'image-not-found'],
    ['reference does not exist', 'image-not-found'],
    ['Get "https://acme.test/v2/": dial tcp: lookup acme.test on 1.1.1.1:53: no such host', 'network'],
    ['Get "https://acme.test/v2/": dial tcp 10.0.0.9:443: connect: connection refused', 'network'],
    ['Get "https://acme.test/v2/": x509: certificate signed by unknown authority', 'network'],
    ['Get "https://acme.test/v2/": net/http: TLS handshake timeout', 'network'],
    ['received unexpected HTTP status: 503 Service Unavailable', 'network'],
    ['unauthorized: authentication required', 'network'],
    [
      'driver failed programming external connectivity on endpoint x: Bind for 127.0.0.1:5432 failed: port is already allocated',
      'engine-refused',
    ],
    ['Conflict. The container name "/x" is already in use by container "0f3a"', 'name-taken'],
    [
      'error during container init: open /proc/sys/net/ipv6/conf/lo/disable_ipv6: no such file or directory: unknown',
      'sysctl-refused',
    ],
    ['sysctl "net.ipv6.conf.lo.disable_ipv6" is not in a separate kernel namespace', 'sysctl-refused'],
    ['invalid mount config for type "bind": bind source path does not exist: /nope', 'engine-refused'],
    ['something nobody has seen yet', 'engine-refused'],
  ])('%s', (words, reason) => {
    expect(engineTextFailure(words, engineCall)).toMatchObject({
      reason,
      message: 'could not start container 0f3a',
      detail: words,
    });
  });

  it('takes the words out of a refusal', () => {
    const refusal = Object.assign(new Error('(HTTP code 404) no such container - No such image: a - b '), {
      statusCode: 404,
    });
    expect(engineFailure(refusal, engineCall)).toMatchObject({
      reason: 'image-not-found',
      detail: 'No such image: a - b',
    });
  });
});

describe('a connection that fails', () => {
  it.each<[Error, FailureReason, RegExp]>([
    [networkError('ENOENT'), 'engine-not-found', /no engine at unix:\/\/\/run\/x\.sock \(DOCKER_HOST\)/],
    [networkError('ECONNREFUSED'), 'engine-not-running', /is not running/],
    [networkError('EACCES'), 'engine-forbidden', /permission denied/],
    [networkError('ETIMEDOUT'), 'engine-unreachable', /can't be reached/],
    [networkError('ENOTFOUND', { syscall: 'getaddrinfo' }), 'engine-unreachable', /can't be reached/],
    [networkError('DEPTH_ZERO_SELF_SIGNED_CERT', { syscall: undefined }), 'engine-unreachable', /no secure connection/],
    [networkError('ECONNRESET', { message: 'socket hang up' }), 'engine-unreachable', /^lost the engine/],
    [networkError('EPIPE', { message: 'write EPIPE' }), 'engine-unreachable', /^lost the engine/],
    [new Error('aborted'), 'engine-unreachable', /^lost the engine/],
    [networkError('ESSH', { message: 'Permission denied (publickey).' }), 'engine-unreachable', /through ssh/],
    [networkError('ESSHMISSING'), 'host-tool-missing', /needs the ssh command/],
  ])('%s', (error, reason, message) => {
    const failed = engineFailure(error, engineCall);
    expect(failed).toMatchObject({ reason, message: expect.stringMatching(message), detail: error.message });
    expect(failed.next).toBeTruthy();
  });

  it('is told apart from a file that could not be read', () => {
    const unreadable = Object.assign(new Error("EACCES: permission denied, open '/home/me/x'"), {
      code: 'EACCES',
      syscall: 'open',
      path: '/home/me/x',
    });
    expect(engineFailure(unreadable, engineCall)).toMatchObject({
      reason: 'io',
      detail: expect.stringContaining('/home/me/x'),
    });
  });

  it('counts for nothing once the caller has stopped it', () => {
    expect(engineFailure(networkError('ECONNRESET'), { ...engineCall, signal: AbortSignal.abort() }).reason).toBe(
      'interrupted',
    );
  });
});

it('throws a bug on', () => {
  expect(() => engineFailure(new TypeError('x is not a function'), engineCall)).toThrow(TypeError);
});
