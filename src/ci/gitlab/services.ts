import type { CiPlace, DecidedService, LeftOut } from '../decided-pipeline.ts';
import { spanOf, type CiJob, type CiPipeline, type CiService } from '../model.ts';
import { knownService, readiness } from '../services.ts';
import { expand } from './expand.ts';
import type { VariableValue } from './rules.ts';

/** A service of a job, or none with the reason in `leftOut`. */
export function gitlabService(
  service: CiService,
  {
    job,
    pipeline,
    variable,
  }: {
    readonly job: CiJob;
    readonly pipeline: CiPipeline;
    readonly variable: (name: string) => VariableValue;
  },
  leftOut: LeftOut[],
): readonly DecidedService[] {
  const place: CiPlace = { file: service.file.path, span: spanOf(service) };
  const said = service.image?.value.text ?? '';
  const image = expand(said, variable);
  const leave = (why: string): readonly DecidedService[] => {
    leftOut.push({ place, what: `service ${said} of job ${job.id}`, why });
    return [];
  };
  if (image === undefined || image.includes('$')) return leave('its image can only be decided by GitLab');
  if (/(?:^|\/)docker:/.test(image)) return leave('steps have no container engine');
  const short = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  const env: Record<string, string> = {};
  // All variables of a job reach its services; those that are meant for one bear its name.
  const meant = new RegExp(
    `^${(short.split('/').at(-1) ?? '').replace(/[^A-Za-z]+/g, '_')}_|^(?:POSTGRES|MYSQL|MARIADB|MONGO|MINIO|RABBITMQ|REDIS|ELASTIC|discovery)`,
    'i',
  );
  const isMeant = (name: string): boolean => meant.test(name) && belongs(name, short);
  for (const { name } of [...job.variables, ...pipeline.variables]) {
    const value = isMeant(name) ? variable(name) : undefined;
    if (typeof value === 'string') env[name] = value;
  }
  for (const [name, value] of service.value.get('variables')?.members ?? []) {
    if (!/^[A-Za-z_]\w*$/.test(name.text ?? '')) continue;
    const set = expand(value.text ?? '', variable);
    if (set === undefined)
      leftOut.push({ place, what: `variable ${name.text} of service ${image}`, why: 'only GitLab knows its value' });
    else env[name.text ?? ''] = set;
  }
  const command = service.value.get('command');
  const words = command?.text === undefined ? (command?.items ?? []).flatMap(({ text }) => text ?? []) : [command.text];
  const entrypoint = (service.value.get('entrypoint')?.items ?? []).flatMap(({ text }) => text ?? []);
  const name = service.name ?? (short.includes('.') ? short.split('/').slice(1).join('-') : short.replaceAll('/', '-'));
  const alias = name.split(/[\s,]+/)[0] ?? name;
  return [
    {
      place,
      name: alias,
      image,
      env,
      ...(entrypoint.length === 0 ? {} : { entrypoint }),
      ...(words.length === 0 ? {} : { command: words }),
      ...readiness(image, []),
    },
  ];
}

/** POSTGRES_DB is for postgres, not for the redis beside it. */
function belongs(name: string, image: string): boolean {
  const families: readonly (readonly [RegExp, RegExp])[] = [
    [/^POSTGRES/i, /postg|pgvector|timescale/],
    [/^MYSQL/i, /mysql|mariadb|percona/],
    [/^MARIADB/i, /mariadb/],
    [/^MONGO/i, /mongo/],
    [/^MINIO/i, /minio/],
    [/^RABBITMQ/i, /rabbit/],
    [/^REDIS/i, /redis|valkey/],
    [/^(?:ELASTIC|discovery)/i, /elastic|opensearch/],
  ];
  const family = families.find(([pattern]) => pattern.test(name));
  return family === undefined || family[1].test(image) || knownService(image) === undefined;
}
