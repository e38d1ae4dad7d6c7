import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { secretsInEnvFiles } from './env-file-secrets.ts';

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

test('.env files count where the project, its parts and the repository have them; examples do not', () => {
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
