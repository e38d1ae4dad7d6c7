import { expect, test } from 'vitest';
import { importedWorkflow } from '../../../test/support/imported-workflow.ts';
import type { Imported } from './import-pipelines.ts';

const compose = {
  'compose.yml': `services:
  db:
    image: postgres:\${PG_VERSION:-16}
    environment:
      - POSTGRES_PASSWORD=\${DB_PASSWORD:?not set}
      - POSTGRES_DB=shop
    volumes: [data:/var/lib/postgresql/data]
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U postgres -d shop"]
  mail:
    image: mailhog/mailhog
    depends_on: [cache]
    ports: ["1025:1025", "8026:8025"]
    command: [serve, --quiet]
  cache:
    image: redis:7
  api:
    build: .
    depends_on: { db: { condition: service_healthy } }
  tools:
    image: alpine
    profiles: [debug]
volumes: { data: {} }
`,
  'compose.override.yml': 'services:\n  db:\n    ports: ["5432:5432"]\n',
  '.env': '# of the team\nDB_PASSWORD="secret of tests"\n',
};

function imported(
  runs: readonly string[],
  files: Readonly<Record<string, string>>,
  ignored: readonly string[] = [],
): Imported {
  const steps = runs.map((run) => `      - run: ${JSON.stringify(run)}`).join('\n');
  const text = `on: [push]\njobs:\n  tests:\n    steps:\n${steps}\n`;
  const known = Object.keys(files).filter((path) => !ignored.includes(path));
  return importedWorkflow(text, files, { known });
}

const told = ({ leftOut }: Imported): readonly string[] => leftOut.map(({ what, why }) => `${what}: ${why}`);

test('what a job has Compose start in the background are services beside its steps', () => {
  const found = imported(
    ['docker compose down -v', 'docker compose up -d db mail', 'pytest -q', 'docker compose logs\ndocker compose down'],
    compose,
  );
  expect(found.config.services).toEqual([
    {
      name: 'db',
      image: 'postgres:16',
      env: { POSTGRES_PASSWORD: 'secret of tests', POSTGRES_DB: 'shop' },
      ready: 'pg_isready -h 127.0.0.1 -U postgres -d shop',
      readyTimeoutSeconds: 60,
      ports: [5432],
    },
    { name: 'cache', image: 'redis:7', env: {}, ready: 'redis-cli ping', readyTimeoutSeconds: 60, ports: [6379] },
    {
      name: 'mail',
      image: 'mailhog/mailhog',
      env: {},
      command: ['serve', '--quiet'],
      readyTimeoutSeconds: 60,
      ports: [1025, 8025],
    },
  ]);
  expect(found.config.pipeline.map(({ run, network }) => [run, network])).toEqual([['pytest -q', 'services']]);
  expect(told(found)).toEqual([
    'port 8026:8025 of service mail of job tests: nothing is mapped here: steps reach it at 8025, not 8026',
  ]);
});

test('the rest of a script that starts services stays, and a file that git ignores says nothing of CI', () => {
  const found = imported(['docker-compose -f compose.yml up --wait db\npytest -q'], compose, ['.env']);
  expect(found.config.pipeline.map(({ run }) => run)).toEqual(['pytest -q']);
  expect(found.config.services.map(({ name, env }) => [name, env['POSTGRES_PASSWORD']])).toEqual([['db', '']]);
});

test('a service that Compose builds can’t be had, and the steps that start it stay in CI', () => {
  const found = imported(['docker compose up -d\npytest -q', 'ruff check .'], compose);
  expect(found.config.services).toEqual([]);
  expect(found.config.pipeline.map(({ run }) => run)).toEqual(['ruff check .']);
  expect(told(found)).toContain(
    'service api of job tests: Compose builds its image from the sources; services are images that are there',
  );
});

test('what runs in the foreground, or is not known, needs an engine as before', () => {
  for (const run of [
    'docker compose up',
    'docker compose -f missing.yml up -d',
    'docker compose run --rm api pytest',
  ]) {
    const found = imported([run, 'pytest -q'], compose);
    expect(found.config.services).toEqual([]);
    expect(told(found)).toEqual([`\`${run}\` of job tests: it needs a container engine, which steps do not have`]);
  }
});
