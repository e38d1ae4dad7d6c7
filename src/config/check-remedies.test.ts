import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../../test/support/repo.ts';
import { loadConfig } from './load.ts';

async function load(remedies: string): Promise<readonly string[] | unknown> {
  const dir = folderOf({});
  const toolchain = 'toolchain: { python: "3.11", node: "24", tools: [], requirements: [] }';
  const text = `version: 1\n${toolchain}\npipeline: [{ name: tests, run: "true" }]\nremedies:\n${remedies}`;
  writeFileSync(join(dir, 'parity.yaml'), text);
  const config = await loadConfig({ dir, configPath: join(dir, 'parity.yaml') });
  if (config.ok) return config.value.remedies;
  return (config.error.diagnostics ?? []).map(
    ({ file, span, message, hint }) => `${file}:${span.line}:${span.column}: ${message} (${hint ?? ''})`,
  );
}

const words = 'title: No VPN, remedy: Connect';

describe('remedies in parity.yaml', () => {
  it('are read as they are written', async () => {
    expect(
      await load(`  - id: team/vpn
    title: The VPN is down
    remedy: Connect to {host}
    link: https://wiki.example/vpn
    match: '(?i)cannot reach (?<host>\\S+)'
  - { id: money, title: Floats for money, remedy: Use Decimal, tool: mypy, code: arg-type }
`),
    ).toEqual([
      {
        id: 'team/vpn',
        title: 'The VPN is down',
        remedy: 'Connect to {host}',
        link: 'https://wiki.example/vpn',
        match: '(?i)cannot reach (?<host>\\S+)',
      },
      { id: 'money', title: 'Floats for money', remedy: 'Use Decimal', tool: 'mypy', code: 'arg-type' },
    ]);
  });

  it.each([
    [
      'no regular expression',
      `  - { id: vpn, ${words}, match: "reach (db" }`,
      'parity.yaml:5:55: `match` is no regular expression: /reach (db/m: Unterminated group (put a `\\` before characters that are meant as they are)',
    ],
    [
      "Python's named groups",
      `  - { id: vpn, ${words}, match: '(?P<host>x)' }`,
      "parity.yaml:5:55: `match` is no regular expression: /(?P<host>x)/m: Invalid group (a named group is `(?<name>…)` in JavaScript's form)",
    ],
    [
      'a pattern that fits everything',
      `  - { id: vpn, ${words}, match: '.*' }`,
      'parity.yaml:5:55: `match` fits every output, an empty one too (name words that only this failure prints)',
    ],
    [
      'nothing that it is known by',
      `  - { id: vpn, ${words} }`,
      "parity.yaml:5:5: this remedy does not say what it is for (add `match: 'a line of the output'`, or `tool: mypy` and `code: assignment`)",
    ],
    [
      'a code of no tool',
      `  - { id: vpn, ${words}, match: x, code: F401 }`,
      'parity.yaml:5:64: `code` needs the `tool` whose code it is (such as `tool: mypy`)',
    ],
    [
      'an id that cannot be typed',
      `  - { id: The VPN, ${words}, match: x }`,
      "parity.yaml:5:11: `The VPN` can't be typed as a remedy's id (did you mean `the-vpn`?)",
    ],
    [
      'a link that is none',
      `  - { id: vpn, ${words}, match: x, link: the wiki }`,
      'parity.yaml:5:64: `the wiki` is no address of a page (it starts with https://)',
    ],
    [
      'one id twice',
      `  - { id: vpn, ${words}, match: x }\n  - { id: vpn, ${words}, match: y }`,
      'parity.yaml:6:11: two remedies are called `vpn` (give each remedy an id of its own)',
    ],
    [
      'a misspelt key',
      `  - { id: vpn, ${words}, match: x, lnik: y }`,
      'parity.yaml:5:58: an item of `remedies` has no key `lnik` (did you mean `link`?)',
    ],
    [
      'a missing key',
      `  - { id: vpn, title: No VPN, match: x }`,
      'parity.yaml:5:5: this remedy has no `remedy` (add `remedy: Connect with the VPN, then run it again`)',
    ],
  ])('%s', async (_, text, complaint) => {
    expect(await load(`${text}\n`)).toEqual([complaint]);
  });
});
