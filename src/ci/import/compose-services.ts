import { posix } from 'node:path';
import { placesOf } from '../../formats/places.ts';
import { readYaml, type YamlValue } from '../../formats/yaml.ts';
import type { CiPlace, DecidedService } from '../decided-pipeline.ts';
import { readiness } from '../services.ts';

/** What is asked of Compose: `docker compose -f compose.yml up -d db`. */
export interface ComposeUp {
  /** As `-f` names them; empty = the ones that Compose finds. */
  readonly files: readonly string[];
  /** Empty = all. */
  readonly names: readonly string[];
  /** Relative to the repository's top. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What Compose would start, as services; and what of it there is not here. */
export interface ComposeServices {
  readonly services: readonly DecidedService[];
  /** A service is not among them. */
  readonly isPartial: boolean;
  readonly leftOut: readonly { readonly what: string; readonly why: string }[];
}

/** A service of Compose's files, each of which adds to what the one before says. */
interface Said {
  readonly place: CiPlace;
  readonly values: readonly YamlValue[];
}

const found = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/** Reads what a `docker compose up` starts; undefined where its files can't be read. Pure but for `readText`. */
export function composeServices(
  { files, names, cwd, env }: ComposeUp,
  readText: (path: string) => string | undefined,
): ComposeServices | undefined {
  const at = (name: string): string => posix.join(cwd, name);
  const first = found.find((name) => readText(at(name)) !== undefined);
  const stem = first?.replace(/\.ya?ml$/, '') ?? '';
  const overrides = [`${stem}.override.yml`, `${stem}.override.yaml`].filter(
    (name) => readText(at(name)) !== undefined,
  );
  const read = files.length > 0 ? files : first === undefined ? [] : [first, ...overrides.slice(0, 1)];
  const texts = read.map((name) => [at(name), readText(at(name))] as const);
  if (texts.length === 0 || texts.some(([, text]) => text === undefined)) return undefined;
  const said = new Map<string, Said>();
  for (const [file, text = ''] of texts)
    for (const [key, value] of readYaml(text, placesOf(text)).value.get('services')?.members ?? []) {
      const before = said.get(key.text ?? '');
      const place = { file, span: placesOf(text).span(...key.range()) };
      said.set(key.text ?? '', { place: before?.place ?? place, values: [...(before?.values ?? []), value] });
    }
  const fill = filler({ ...variablesIn(readText(at('.env')) ?? ''), ...env });
  const leftOut: { what: string; why: string }[] = [];
  const wanted = withNeeded(
    names.length > 0 ? names : [...said].flatMap(([name, each]) => (isOptional(each) ? [] : [name])),
    said,
  );
  const services = wanted.flatMap((name): DecidedService[] => {
    const one = said.get(name);
    const service = one === undefined ? undefined : serviceOf(name, one, { fill, leftOut, readText, cwd });
    if (one === undefined)
      leftOut.push({ what: `service ${name}`, why: `${texts[0]?.[0] ?? ''} has none of that name` });
    return service === undefined ? [] : [service];
  });
  return { services, isPartial: services.length < wanted.length, leftOut };
}

/** It is started where its profile is asked for. */
function isOptional({ values }: Said): boolean {
  return values.some((value) => (value.get('profiles')?.items.length ?? 0) > 0);
}

/** The names with those that they depend on, which start before them. */
function withNeeded(names: readonly string[], said: ReadonlyMap<string, Said>): readonly string[] {
  const order: string[] = [];
  const visit = (name: string, trail: readonly string[]): void => {
    if (order.includes(name) || trail.includes(name)) return;
    for (const value of said.get(name)?.values ?? []) {
      const needs = value.get('depends_on');
      for (const need of [...(needs?.items ?? []), ...(needs?.members ?? []).map(([key]) => key)])
        visit(need.text ?? '', [...trail, name]);
    }
    order.push(name);
  };
  for (const name of names) visit(name, []);
  return order;
}

interface ServiceSources {
  readonly fill: (text: string) => string;
  readonly leftOut: { what: string; why: string }[];
  readonly readText: (path: string) => string | undefined;
  readonly cwd: string;
}

function serviceOf(name: string, { place, values }: Said, sources: ServiceSources): DecidedService | undefined {
  const { fill, leftOut } = sources;
  const leave = (what: string, why: string): void => void leftOut.push({ what: `${what} of service ${name}`, why });
  const last = (key: string): YamlValue | undefined =>
    values.findLast((value) => value.get(key) !== undefined)?.get(key);
  const image = fill(last('image')?.text ?? '');
  if (last('build') !== undefined || image === '') {
    leftOut.push({
      what: `service ${name}`,
      why: 'Compose builds its image from the sources; services are images that are there',
    });
    return undefined;
  }
  const ports: number[] = [];
  for (const port of values.flatMap((value) => value.get('ports')?.items ?? [])) {
    const text = fill(port.text ?? [port.get('published')?.text, port.get('target')?.text].filter(Boolean).join(':'));
    const [, outside, inside] = /^(?:(?:[\d.]+:)?(\d+)?:)?(\d+)(?:\/tcp)?$/.exec(text) ?? [];
    if (inside === undefined) leave(`port ${text}`, 'it is no port');
    else if (!ports.includes(Number(inside))) ports.push(Number(inside));
    if (outside !== undefined && outside !== inside)
      leave(`port ${text}`, `nothing is mapped here: steps reach it at ${inside ?? ''}, not ${outside}`);
  }
  if (values.some((value) => (value.get('volumes')?.items ?? []).some((each) => isFromTree(each))))
    leave('volumes', 'services see no files of the repository here');
  const command = wordsOf(last('command'), fill);
  const entrypoint = wordsOf(last('entrypoint'), fill);
  return {
    place,
    name,
    image,
    env: environmentOf(values, sources),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(command === undefined ? {} : { command }),
    ...readiness(image, ports, healthOf(last('healthcheck'), fill)),
  };
}

/** A folder of the repository; a volume with a name is as empty at the start as a service's own. */
function isFromTree(volume: YamlValue): boolean {
  return /^[./~]/.test(volume.text ?? '') || volume.get('type')?.text === 'bind';
}

function environmentOf(
  values: readonly YamlValue[],
  { fill, readText, cwd }: ServiceSources,
): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const value of values) {
    const file = value.get('env_file');
    for (const each of [file, ...(file?.items ?? [])]) {
      const path = each?.text ?? each?.get('path')?.text;
      if (path !== undefined) Object.assign(env, variablesIn(readText(posix.join(cwd, path)) ?? ''));
    }
    const own = value.get('environment');
    for (const [key, text] of own?.members ?? []) env[key.text ?? ''] = fill(text.text ?? '');
    for (const { text = '' } of own?.items ?? []) {
      const [, key, set] = /^([^=]+)=([\s\S]*)$/.exec(text) ?? [];
      if (key !== undefined) env[key] = fill(set ?? '');
    }
  }
  return Object.fromEntries(Object.entries(env).filter(([key]) => /^[A-Za-z_]\w*$/.test(key)));
}

function wordsOf(value: YamlValue | undefined, fill: (text: string) => string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (value.text !== undefined) return ['sh', '-c', fill(value.text)];
  return value.items.length === 0 ? undefined : value.items.map(({ text = '' }) => fill(text));
}

function healthOf(value: YamlValue | undefined, fill: (text: string) => string): { readonly command?: string } {
  const test = value?.get('test');
  if (test?.text !== undefined) return { command: fill(test.text) };
  const [kind, ...words] = (test?.items ?? []).map(({ text = '' }) => fill(text));
  if (words.length === 0 || kind === 'NONE') return {};
  const command =
    kind === 'CMD'
      ? words.map((word) => (/^[\w./:@=+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
      : words;
  return { command: command.join(' ') };
}

/** The lines of a file of variables. */
function variablesIn(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [
      ...text.matchAll(
        /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\n#]*?))[ \t]*(?:#.*)?$/gm,
      ),
    ].map(([, name = '', double, single, plain]): [string, string] => [name, double ?? single ?? plain ?? '']),
  );
}

/** Compose's own substitution: `$X`, `${X}`, `${X:-other}`, `${X:?message}`, `$$`. */
function filler(variables: Readonly<Record<string, string>>): (text: string) => string {
  return (text) =>
    text.replace(
      /\$(?:(\$)|\{(\w+)(?:(:?)([-?+])([^}]*))?\}|(\w+))/g,
      (_, dollar?: string, braced?: string, colon?: string, how?: string, other = '', plain?: string) => {
        if (dollar !== undefined) return '$';
        const value = variables[braced ?? plain ?? ''];
        const isSet = value !== undefined && (colon !== ':' || value !== '');
        if (how === '+') return isSet ? (other as string) : '';
        return isSet ? value : how === '-' ? (other as string) : '';
      },
    );
}
