import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { runProgram } from '../core/run-program.ts';
import { npmVariables } from '../core/npm-variables.ts';
import { hostCertificates, hostProxies, isLoopback } from './host-network.ts';

/** What a build or a container must know to reach the network as this host does. */
export interface NetworkSettings {
  /** `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, `FTP_PROXY`, `ALL_PROXY`, each in upper and lower case; empty without proxies. */
  readonly proxies: Readonly<Record<string, string>>;
  /** The certificate authorities that this host trusts, PEM, each once; absent when the host has no bundle of its own. */
  readonly certificates?: { readonly paths: readonly string[]; readonly pem: Buffer };
  /** `PIP_INDEX_URL`, `PIP_EXTRA_INDEX_URL`, `UV_DEFAULT_INDEX` … for pip and uv; empty when the clients' defaults apply. */
  readonly pythonIndex: Readonly<Record<string, string>>;
  /** The npm registry that this host's npm uses, with a final `/`; absent when there is no npm. */
  readonly npmRegistry?: string;
  /** True when one of the addresses is this machine's loopback: a build then needs the host's network. */
  readonly needsHostNetwork: boolean;
}

/** pip's settings and the variables that give the same to uv. */
const indexSettings = [
  {
    pip: 'index-url',
    variables: ['UV_DEFAULT_INDEX', 'UV_INDEX_URL', 'PIP_INDEX_URL'],
    gives: ['PIP_INDEX_URL', 'UV_DEFAULT_INDEX'],
  },
  {
    pip: 'extra-index-url',
    variables: ['UV_INDEX', 'UV_EXTRA_INDEX_URL', 'PIP_EXTRA_INDEX_URL'],
    gives: ['PIP_EXTRA_INDEX_URL', 'UV_INDEX'],
  },
] as const;

/**
 * The host's proxies, certificate authorities, Python indexes and npm registry, from its variables and from pip's and npm's
 * own configuration: the user's, not the repository's. Err `requirements-unsupported` when an index's or npm registry's address holds credentials: they would end in a
 * build's history. A named certificate file that can't be read is Err `io`.
 */
export async function networkSettings(env: NodeJS.ProcessEnv = process.env): Promise<Result<NetworkSettings>> {
  const proxies = hostProxies(env);
  const certificates = await hostCertificates(env);
  if (!certificates.ok) return certificates;
  const pythonIndex: Record<string, string> = {};
  const registryNamed = namedRegistry(env);
  const [pipConfig, npmSays] = await readClientSettings(env);
  for (const setting of indexSettings) {
    const named = setting.variables.find((name) => env[name]);
    const value = named === undefined ? pipSetting(pipConfig, setting.pip) : env[named];
    if (!value) continue;
    for (const address of value.split(/\s+/)) {
      if (hasCredentials(address)) return err(credentialsRefused(named ?? `pip's ${setting.pip}`, address));
    }
    for (const name of setting.gives) pythonIndex[name] = value;
  }
  const npmRegistry = registryNamed || npmSays.trim();
  if (hasCredentials(npmRegistry)) return err(credentialsRefused("npm's registry", npmRegistry));
  const addresses = [
    ...Object.entries(proxies).flatMap(([name, value]) => (/^no_proxy$/i.test(name) ? [] : [value])),
    ...Object.values(pythonIndex).flatMap((value) => value.split(/\s+/)),
    npmRegistry,
  ];
  return ok({
    proxies,
    ...(certificates.value === undefined ? {} : { certificates: certificates.value }),
    pythonIndex,
    ...(/^https?:/.test(npmRegistry) ? { npmRegistry: npmRegistry.replace(/\/*$/, '/') } : {}),
    needsHostNetwork: addresses.some(isLoopback),
  });
}

/** Has pip and npm asked while something else is waited for: networkSettings of the same variables has their answers then. */
export function prefetchClientSettings(env: NodeJS.ProcessEnv): void {
  void readClientSettings(env);
}

/** What pip and npm say that the variables don't. */
async function readClientSettings(env: NodeJS.ProcessEnv): Promise<readonly [pipConfig: string, npmRegistry: string]> {
  return await Promise.all([
    indexVariablesSet(env) ? '' : clientOutput('pip', ['config', 'list'], env),
    namedRegistry(env) ? '' : clientOutput('npm', ['config', 'get', 'registry'], env),
  ]);
}

function namedRegistry(env: NodeJS.ProcessEnv): string | undefined {
  return env['NPM_CONFIG_REGISTRY'] || env['npm_config_registry'];
}

function indexVariablesSet(env: NodeJS.ProcessEnv): boolean {
  return indexSettings.every((setting) => setting.variables.some((name) => env[name]));
}

/** A value from `pip config list`: lines `global.index-url='https://…'`. */
function pipSetting(listing: string, key: string): string | undefined {
  const line = new RegExp(`^(?:global|install|:env:)\\.${key}='(.*)'$`, 'm').exec(listing);
  return line?.[1]?.replace(/\\n/g, ' ').trim();
}

function hasCredentials(address: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/@]+@/i.test(address);
}

function credentialsRefused(where: string, address: string): ReturnType<typeof failure> {
  const shown = address.replace(/\/\/[^/@]+@/, '//');
  return failure(
    'requirements-unsupported',
    `${where} has a user name or password in its address (${shown}), which a build would record in its history`,
    { next: 'use a mirror or proxy on your network that needs no credentials in the address, and set it there' },
  );
}

/** A client's answer; empty when it is not installed or fails: its default then applies. It takes half a second, so a lock and the build after it ask once. */
async function clientOutput(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const question = JSON.stringify([command, args, env]);
  const known = clientOutputs.get(question) ?? runClient(command, args, env);
  clientOutputs.set(question, known);
  return await known;
}

const clientOutputs = new Map<string, Promise<string>>();

async function runClient(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const variables = command === 'npm' ? npmVariables(env) : /^PIP_/i;
  const ran = await runProgram({ argv: [command, ...args], env, variables, timeoutMs: 15_000 });
  return ran.ok && ran.value.exitCode === 0 ? ran.value.stdout : '';
}

/** Python indexes that a project's own requirement files name; no credentials in them. */
export interface ProjectIndex {
  /** In place of the host's. */
  readonly indexUrl?: string;
  /** Besides the host's. */
  readonly extraIndexUrls: readonly string[];
  readonly findLinks: readonly string[];
  /** Repositories, files and indexes that only single packages come from. */
  readonly addresses?: readonly string[];
}

/** The settings for one project: where its requirement files name an index, packages come from there too. */
export function withProjectIndex(network: NetworkSettings, project: ProjectIndex): NetworkSettings {
  const { indexUrl, extraIndexUrls, findLinks, addresses = [] } = project;
  const named = [...(indexUrl === undefined ? [] : [indexUrl]), ...extraIndexUrls, ...findLinks, ...addresses];
  if (named.length === 0) return network;
  const before = network.pythonIndex['UV_INDEX'];
  const extra = [...extraIndexUrls, ...(before === undefined ? [] : [before])].join(' ');
  return {
    ...network,
    pythonIndex: {
      ...network.pythonIndex,
      ...(indexUrl === undefined ? {} : { UV_DEFAULT_INDEX: indexUrl }),
      ...(extra === '' ? {} : { UV_INDEX: extra }),
      ...(findLinks.length === 0 ? {} : { UV_FIND_LINKS: findLinks.join(',') }),
    },
    needsHostNetwork: network.needsHostNetwork || named.some(isLoopback),
  };
}

/** The settings as build arguments: proxies (predefined: they stay in no image), indexes and npm's registry. */
export function buildArguments(network: NetworkSettings): Record<string, string> {
  return {
    ...network.proxies,
    ...network.pythonIndex,
    ...(network.npmRegistry === undefined ? {} : { NPM_CONFIG_REGISTRY: network.npmRegistry }),
  };
}
