import { expect, test } from 'vitest';
import { secretsAmong } from './known-secrets.ts';

test('variables are secrets by name, and what is too plain to be hidden everywhere is not', () => {
  expect(
    secretsAmong({
      API_KEY: 'hunter2hunter2',
      POSTGRES_PASSWORD: 'postgres',
      DB_PASSWORD: '12345',
      SSH_AUTH_SOCK: '/tmp/ssh-a1b2/agent.17',
      PWD: '/home/ann/shop2',
      GREETING: 'hello there 17',
      DATABASE_URL: 'postgresql+asyncpg://shop:s3cr%40t-pw@db:5432/shop',
      UNSET_TOKEN: undefined,
    }),
  ).toEqual([
    { value: 'hunter2hunter2', from: 'variable API_KEY' },
    { value: 's3cr%40t-pw', from: 'variable DATABASE_URL' },
    { value: 's3cr@t-pw', from: 'variable DATABASE_URL' },
  ]);
});
