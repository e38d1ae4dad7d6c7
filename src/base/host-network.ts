import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';

const proxyNames = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'] as const;

/** Variables that name a file which stands in for, or adds to, the system's bundle. */
const certificateVariables = [
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'PIP_CERT',
  'CURL_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
] as const;

/** Where the systems keep their bundle (Debian, Fedora, SUSE, Alpine and macOS's OpenSSL). */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
] as const;

/** The host's proxy variables, each under its upper-case and lower-case name (clients differ in which they read). */
export function hostProxies(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const proxies: Record<string, string> = {};
  for (const name of proxyNames) {
    const value = env[name.toLowerCase()] || env[name];
    if (!value) continue;
    proxies[name] = value;
    proxies[name.toLowerCase()] = value;
  }
  return proxies;
}

/**
 * The certificate authorities that the host trusts: the system's bundle and every bundle that a variable names, each
 * certificate once. Undefined when there is none. Err `io` names the variable whose file can't be read.
 */
export async function hostCertificates(
  env: NodeJS.ProcessEnv = process.env,
): Promise<Result<{ readonly paths: readonly string[]; readonly pem: Buffer } | undefined>> {
  const paths: string[] = [];
  const blocks = new Set<string>();
  const add = (path: string, text: string): void => {
    if (!paths.includes(path)) paths.push(path);
    for (const block of text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [])
      if (isCertificate(block)) blocks.add(block.replace(/\r/g, ''));
  };
  for (const path of systemBundles) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    add(path, text);
    break;
  }
  for (const name of certificateVariables) {
    const path = env[name];
    if (!path || paths.includes(path)) continue;
    try {
      add(path, await readFile(path, 'utf8'));
    } catch (error) {
      return err(
        failure('io', `${name} names ${path}, which cannot be read`, {
          detail: error instanceof Error ? error.message : String(error),
          next: `unset ${name}, or point it at the certificate bundle`,
        }),
      );
    }
  }
  return ok(blocks.size === 0 ? undefined : { paths, pem: Buffer.from(`${[...blocks].join('\n')}\n`) });
}

/**
 * One broken block in a bundle makes OpenSSL refuse all of it. A look at the outer form (a DER sequence of just this length)
 * finds what was cut or garbled; a real parser would take 30 ms of every warm run for the system's bundle.
 */
function isCertificate(block: string): boolean {
  const der = Buffer.from(block.replace(/-----[A-Z ]+-----/g, ''), 'base64');
  const lengthBytes = (der[1] ?? 0) & 0x7f;
  if (der[0] !== 0x30 || (der[1] ?? 0) < 0x81 || lengthBytes > 3 || der.length < 2 + lengthBytes) return false;
  return der.length === 2 + lengthBytes + der.readUIntBE(2, lengthBytes);
}

/** True for an address on this machine's loopback, which a container can't reach but on the host's network. */
export function isLoopback(address: string): boolean {
  const host = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@/]*@)?(\[[^\]]*\]|[^:/]+)/i.exec(address)?.[1] ?? '';
  return (
    host === 'localhost' || host.endsWith('.localhost') || (isIPv4(host) && host.startsWith('127.')) || host === '[::1]'
  );
}
