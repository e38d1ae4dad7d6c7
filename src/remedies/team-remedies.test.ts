import { expect, it } from 'vitest';
import { findRemedies } from './match-remedies.ts';
import { teamRemedies } from './team-remedies.ts';

it('a team’s remedies are known by output, by tool and code, and by both', () => {
  const team = teamRemedies([
    {
      id: 'vpn',
      title: 'no VPN',
      remedy: 'Connect to {host}',
      link: 'https://wiki.example/vpn',
      match: '(?i)cannot reach (?<host>\\S+)$',
    },
    { id: 'money', title: 'floats for money', remedy: 'Use Decimal', tool: 'mypy', code: 'arg-type', match: '"float"' },
    { id: 'style', title: 'style', remedy: 'Ask Ann', tool: 'flake8' },
  ]);
  const base = { severity: 'error', file: null, line: null, column: null } as const;
  const diagnostics = [
    { ...base, tool: 'mypy', code: 'arg-type', message: 'has type "float"' },
    { ...base, tool: 'mypy', code: 'arg-type', message: 'has type "int"' },
    { ...base, tool: 'flake8', code: 'X1', message: 'no' },
  ];
  const found = findRemedies({ diagnostics, text: 'a\nCANNOT REACH db.corp\nb' }, { catalogue: [], team });
  expect(found.map(({ id, remedy, link }) => [id, remedy, link])).toEqual([
    ['money', 'Use Decimal', null],
    ['vpn', 'Connect to db.corp', 'https://wiki.example/vpn'],
    ['style', 'Ask Ann', null],
  ]);
});
