import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The kinds of engine that tests are run on, besides the machine's own. */
export const extraEngines = ['buildkit', 'containerd', 'podman'] as const;

/** An engine that tests may use. */
export interface TestEngine {
  readonly name: 'default' | (typeof extraEngines)[number];
  /** As `--host` takes it. Undefined: it is not there, though it must be (CI, or PARITY_TEST_ENGINES=all). */
  readonly address: string | undefined;
}

/** The address of the machine's own engine: DOCKER_HOST, else Docker's own socket. */
export function ownAddress(env: NodeJS.ProcessEnv = process.env): string {
  return env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
}

/**
 * The engines of this machine's tests: its own, and those that `scripts/engines.sh start` has started. All are demanded in CI and with
 * PARITY_TEST_ENGINES=all, with PARITY_TEST_ENGINES=own the others are left out; otherwise those that are not there.
 */
export function testEngines(env: NodeJS.ProcessEnv = process.env): readonly TestEngine[] {
  const own: TestEngine = { name: 'default', address: ownAddress(env) };
  const wanted = env['PARITY_TEST_ENGINES'];
  if (wanted === 'own') return [own];
  const started = startedEngines(env);
  const demanded = env['CI'] === 'true' || wanted === 'all';
  const extras = extraEngines
    .map((name): TestEngine => ({ name, address: started.get(name) }))
    .filter(({ address }) => address !== undefined || demanded);
  return [own, ...extras];
}

/** The address of a test engine; throws, saying how to start it, when it is not there. */
export function addressOf({ name, address }: TestEngine): string {
  if (address === undefined) throw new Error(`the engine "${name}" is not there: scripts/engines.sh start`);
  return address;
}

// The file has a line NAME=unix:///… for each engine that runs; see scripts/engines.sh.
function startedEngines(env: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  const cache = env['XDG_CACHE_HOME'] || join(env['HOME'] ?? homedir(), '.cache');
  const file = join(env['PARITY_TEST_ENGINES_DIR'] || join(cache, 'parity-test-engines'), 'engines.env');
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, 'utf8').split('\n');
  const pairs = lines.flatMap((line) => {
    const at = line.indexOf('=');
    return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
  });
  return new Map(pairs.filter(([, address]) => existsSync(address.replace(/^unix:\/\//, ''))));
}
