import type { CiPlace, DecidedService } from './decided-pipeline.ts';
import type { CiService } from './model.ts';
import type { YamlValue } from '../formats/yaml.ts';
import { shellCommands } from '../formats/shell.ts';

/** How to decide a text of a service. */
export interface ServiceTexts {
  readonly interpolate: (
    text: string,
  ) => { readonly known: true; readonly value: unknown } | { readonly known: false; readonly why: string };
}

/** A service, or why there is none, and the parts of it that are not carried over. */
export type ServiceDecision = {
  readonly leftOut: readonly { readonly what: string; readonly why: string }[];
} & ({ readonly service: DecidedService } | { readonly service?: undefined; readonly why: string });

/** What well-known images listen on, and the command that says that they answer. */
const wellKnown: readonly { readonly image: RegExp; readonly port: number; readonly ready?: string }[] = [
  // Over TCP: while it is being set up the server answers on its socket only.
  { image: /^(?:postgres|postgis|pgvector|timescaledb(?:-ha)?)$/, port: 5432, ready: 'pg_isready -h 127.0.0.1' },
  { image: /^mysql$/, port: 3306, ready: 'mysqladmin ping -h 127.0.0.1 --silent' },
  {
    image: /^mariadb$/,
    port: 3306,
    ready: 'mariadb-admin ping -h 127.0.0.1 --silent || mysqladmin ping -h 127.0.0.1 --silent',
  },
  { image: /^(?:redis|redis-stack|redis-stack-server)$/, port: 6379, ready: 'redis-cli ping' },
  { image: /^valkey$/, port: 6379, ready: 'valkey-cli ping' },
  {
    image: /^mongo$/,
    port: 27017,
    ready: `mongosh --quiet --eval 'db.runCommand("ping").ok' || mongo --quiet --eval 'db.runCommand("ping").ok'`,
  },
  { image: /^rabbitmq$/, port: 5672, ready: 'rabbitmq-diagnostics -q ping' },
  { image: /^elasticsearch$/, port: 9200, ready: 'curl -fs http://127.0.0.1:9200/_cluster/health' },
  { image: /^memcached$/, port: 11211 },
  { image: /^minio$/, port: 9000 },
  { image: /^nats$/, port: 4222 },
];

/** What is known of an image by the last part of its name: `postgres` of `docker.io/library/postgres:16`. */
export function knownService(image: string): { readonly port: number; readonly ready?: string } | undefined {
  const name = /([^/:@]+)(?::[^/]*)?(?:@.*)?$/.exec(image)?.[1] ?? '';
  return wellKnown.find((each) => each.image.test(name));
}

/** A service as GitHub writes it: image, env, ports and `docker create` options, of which the health check becomes readiness. */
export function containerService(service: CiService, place: CiPlace, texts: ServiceTexts): ServiceDecision {
  const leftOut: { what: string; why: string }[] = [];
  const decide = (value: YamlValue | undefined): string | undefined => {
    if (value?.text === undefined) return undefined;
    const decided = texts.interpolate(value.text);
    return decided.known ? String(decided.value ?? '') : undefined;
  };
  const image = decide(service.image?.value);
  if (image === undefined) return { leftOut, why: 'its image can only be decided by CI' };
  if (image === '') return { leftOut, why: 'it has no image' };
  const env: Record<string, string> = {};
  for (const [name, value] of service.value.get('env')?.members ?? []) {
    const set = decide(value);
    if (!/^[A-Za-z_]\w*$/.test(name.text ?? ''))
      leftOut.push({ what: `variable ${name.text}`, why: 'that is no name of a variable' });
    else if (set === undefined)
      leftOut.push({ what: `variable ${name.text}`, why: 'its value can only be decided by CI' });
    else env[name.text ?? ''] = set;
  }
  const ports: number[] = [];
  for (const port of service.value.get('ports')?.items ?? []) {
    const said = decide(port) ?? '';
    const [, outside, inside] = /^(?:(?:[\d.]+:)?(\d+)?:)?(\d+)(?:\/\w+)?$/.exec(said.trim()) ?? [];
    if (inside === undefined) leftOut.push({ what: `port ${said}`, why: 'it is no port' });
    else if (!ports.includes(Number(inside))) ports.push(Number(inside));
    if (outside !== undefined && outside !== inside)
      leftOut.push({
        what: `port ${said}`,
        why: `nothing is mapped here: steps reach it at ${inside}, not ${outside}`,
      });
  }
  const options = healthOf(decide(service.value.get('options')) ?? '');
  for (const option of options.others)
    leftOut.push({ what: `option ${option}`, why: 'only the health check is carried over' });
  for (const key of ['credentials', 'volumes'])
    if (service.value.get(key) !== undefined) leftOut.push({ what: key, why: 'services have none here' });
  return { leftOut, service: { place, name: service.name ?? '', image, env, ...readiness(image, ports, options) } };
}

/** Ports and readiness: what is said, else what is known of the image. */
export function readiness(
  image: string,
  ports: readonly number[],
  said: { readonly command?: string; readonly seconds?: number } = {},
): Pick<DecidedService, 'ports' | 'ready' | 'readySeconds'> {
  const known = knownService(image);
  // CI asks every ten seconds; asked at once, a server answers on its socket while it is still being set up.
  const command = said.command?.replace(/^(pg_isready|mysqladmin ping)(?!.*(?:\s-h|\s--host))/, '$1 -h 127.0.0.1');
  const ready = command ?? known?.ready;
  return {
    ports: ports.length > 0 || known === undefined ? ports : [known.port],
    ...(ready === undefined ? {} : { ready }),
    ...(said.seconds === undefined || said.seconds <= 60 ? {} : { readySeconds: said.seconds }),
  };
}

function healthOf(options: string): {
  readonly command?: string;
  readonly seconds?: number;
  readonly others: readonly string[];
} {
  const words = shellCommands(options.replace(/\s+/g, ' ')).flatMap((each) => each.words.map(({ text }) => text));
  const values: Record<string, string> = {};
  const others: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const [name = '', ...rest] = (words[at] ?? '').split('=');
    const isHealth = /^--health-(?:cmd|interval|timeout|retries|start-period|start-interval)$/.test(name);
    const value =
      rest.length > 0 ? rest.join('=') : (words[at + 1] ?? '').startsWith('--') ? '' : (words[(at += 1)] ?? '');
    if (isHealth) values[name.slice('--health-'.length)] = value;
    else others.push(`${name}${value === '' ? '' : ` ${value}`}`);
  }
  const { cmd } = values;
  const retries = Number(values['retries'] ?? 3) || 3;
  const seconds = Math.ceil(
    retries * (secondsOf(values['interval'] ?? '30s') ?? 30) + (secondsOf(values['start-period'] ?? '0s') ?? 0),
  );
  return { ...(cmd === undefined || cmd.trim() === '' ? {} : { command: cmd, seconds }), others };
}

function secondsOf(duration: string): number | undefined {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(duration) ?? [];
  return count === undefined ? undefined : Number(count) * ({ ms: 0.001, m: 60, h: 3600 }[unit ?? ''] ?? 1);
}
