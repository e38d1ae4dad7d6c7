import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseEnvFile, secretsAmong, secretsInEnvFiles } from './known-secrets.ts';

let top: string;

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'parity secrets ü-')));
});

afterEach(() => {
  rmSync(top, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(top, path)), { recursive: true });
  writeFileSync(join(top, path), text);
}

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

describe('.env files', () => {
  test('are read as dotenv reads them', () => {
    const text = [
      'A=plain # a comment',
      "export B='single # none'",
      'C="line one\\nline \\"two\\""\r',
      'D="-----BEGIN PRIVATE KEY-----',
      'abc',
      '-----END PRIVATE KEY-----"',
      '# E=no',
      'F=',
      'G: yaml like',
      'H=a#b',
    ].join('\n');
    expect(Object.fromEntries(parseEnvFile(text))).toEqual({
      A: 'plain',
      B: 'single # none',
      C: 'line one\nline "two"',
      D: '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----',
      F: '',
      G: 'yaml like',
      H: 'a#b',
    });
  });

  test('count where the project, its parts and the repository have them; examples do not', () => {
    mkdirSync(join(top, '.git'));
    write('.env', 'TOP_TOKEN=of-the-top-17\n');
    write('shop/.env', 'DEBUG=true\nPORT=8000\nHOST=db.example.com\nLANG=en_US.UTF-8\nANY=x7Gq-opaque-Value\n');
    write('shop/.env.local', 'API_TOKEN=local-17-token\n');
    write('shop/.env.example', 'API_TOKEN=put-yours-here-1\n');
    write('shop/core/.env', 'STRIPE_KEY=core-17-key\n');
    write('shop/node_modules/.env', 'X_KEY=nobodys-17-key\n');
    expect(secretsInEnvFiles(join(top, 'shop'))).toEqual([
      { value: 'x7Gq-opaque-Value', from: 'ANY of .env' },
      { value: 'local-17-token', from: 'API_TOKEN of .env.local' },
      { value: 'core-17-key', from: 'STRIPE_KEY of core/.env' },
      { value: 'of-the-top-17', from: 'TOP_TOKEN of ../.env' },
    ]);
    expect(secretsInEnvFiles(join(top, 'nowhere'))).toEqual([{ value: 'of-the-top-17', from: 'TOP_TOKEN of ../.env' }]);
  });
});
