import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createRedactor } from './redact.ts';

const redact = createRedactor({
  secrets: [
    { value: 'hunter2-hunter2', from: 'secret DEPLOY_KEY' },
    { value: 'p@ss "wörd" 17', from: 'DB_PASSWORD of .env' },
    { value: 'first line 17\nsecond line 18', from: 'variable PEM' },
  ],
  names: [
    { name: 'ann-laptop', as: '<host>', kind: 'host name' },
    { name: '/home/ann', as: '~', kind: 'home folder' },
  ],
});

describe('what is removed', () => {
  test('known values in every form, and said by what made them known', () => {
    const value = 'p@ss "wörd" 17';
    const text = [
      'hunter2-hunter2 hunter2-hunter2',
      value,
      JSON.stringify({ value }),
      encodeURIComponent(value),
      Buffer.from(value).toString('base64'),
      'fine',
      'xx second line 18',
    ].join('\n');
    const { text: clean, removals } = redact(text);
    expect(clean).toBe('*** ***\n***\n{"value":"***"}\n***\n***\nfine\nxx ***');
    expect(removals).toEqual([
      { line: 1, kind: 'value of secret DEPLOY_KEY', count: 2 },
      { line: 2, kind: 'value of DB_PASSWORD of .env', count: 1 },
      { line: 3, kind: 'value of DB_PASSWORD of .env', count: 1 },
      { line: 4, kind: 'value of DB_PASSWORD of .env', count: 1 },
      { line: 5, kind: 'value of DB_PASSWORD of .env', count: 1 },
      { line: 7, kind: 'value of variable PEM', count: 1 },
    ]);
  });

  test('tokens by their form; what is hidden already is no removal', () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    const { text, removals } = redact(
      `Authorization: Bearer ${'x'.repeat(30)}\n${token} postgres://shop:s3cret@db/shop\npostgres://shop:***@db/shop\n`,
    );
    expect(text).toBe('Authorization: Bearer ***\n*** postgres://shop:***@db/shop\npostgres://shop:***@db/shop\n');
    expect(removals.map(({ line, kind }) => `${line} ${kind}`)).toEqual([
      '1 Bearer token',
      '2 GitHub token',
      '2 password in a URL',
    ]);
  });

  test('private keys, whole, in JSON, or of which a log has one end only', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const lines = pem.trimEnd().split('\n');
    const secret = lines.slice(1, -1);
    const half = Math.floor(lines.length / 2);
    const texts = [
      `before\n${pem}after\n`,
      `${JSON.stringify({ key: pem })}\n`,
      `before\n${lines.slice(0, half).join('\n')}\n: after`,
      `: before\n${lines.slice(half).join('\n')}\nafter\n`,
      `: before\r\n${lines.slice(half).join('\r\n')}\r\nafter\r\n`,
    ];
    for (const text of texts) {
      const { text: clean, removals } = redact(text);
      for (const line of secret) expect(clean).not.toContain(line);
      expect(clean).toContain(text.includes('after') ? 'after' : '{"key":"***\\n"}');
      if (text.includes('before')) expect(clean).toContain('before');
      expect(new Set(removals.map(({ kind }) => kind))).toEqual(new Set(['private key']));
    }
  });

  test('what is assigned to a name like a secret’s, where the text is in nobody’s own format', () => {
    const text = [
      'STRIPE_API_KEY=abc123def',
      '      POSTGRES_PASSWORD: postgres',
      'connect(host="db", password="opensesame")',
      '{"client_secret": "s\\"t", "PARITY_CACHE_KEY": "abcdef", "key": "core/a.py"}',
      'GET /login?token=abcdef&next=/home',
      'def f(token: str, api_key: str = "") -> None:',
      'MAX_TOKENS=4096 TOKEN=$TOKEN SECRET_KEY=${SECRET_KEY} DB_PASSWORD=***',
    ].join('\n');
    expect(redact(text).text).toBe(text);
    const { text: clean, removals } = redact(text, { assignments: true });
    expect(clean.split('\n')).toEqual([
      'STRIPE_API_KEY=***',
      '      POSTGRES_PASSWORD: ***',
      'connect(host="db", password="***")',
      '{"client_secret": "***", "PARITY_CACHE_KEY": "***", "key": "core/a.py"}',
      'GET /login?token=***&next=/home',
      'def f(token: str, api_key: str = "") -> None:',
      'MAX_TOKENS=4096 TOKEN=$TOKEN SECRET_KEY=${SECRET_KEY} DB_PASSWORD=***',
    ]);
    expect(removals.map(({ line, kind }) => `${line} ${kind}`)).toEqual([
      '1 assigned to STRIPE_API_KEY',
      '2 assigned to POSTGRES_PASSWORD',
      '3 assigned to password',
      '4 assigned to client_secret',
      '4 assigned to PARITY_CACHE_KEY',
      '5 assigned to token',
    ]);
  });

  test('the machine’s own name and the home folder, as words of their own only', () => {
    const { text, removals } = redact('ann-laptop: /home/ann/shop and /home/anna on ann-laptop2\n');
    expect(text).toBe('<host>: ~/shop and /home/anna on ann-laptop2\n');
    expect(removals.map(({ kind }) => kind)).toEqual(['host name', 'home folder']);
  });
});

test('a large text with nothing in it comes out as it is, however its words look', () => {
  const text = `${'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo='.repeat(2)} x=1 = : "a" 'b'\n`.repeat(20_000);
  expect(redact(text, { assignments: true })).toEqual({ text, removals: [] });
});
