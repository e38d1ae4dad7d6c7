import { expect, it } from 'vitest';
import { walkLocked } from './walk-locked.ts';

const environment = {
  values: { python_full_version: '3.11.2', sys_platform: 'linux' },
  extras: new Set<string>(),
  groups: new Set<string>(),
};
const node = (name: string, version: string, needs: readonly string[] = [], python?: string) => ({
  name,
  version,
  ...(python === undefined ? {} : { python }),
  needs: () => needs,
});

it('follows what is needed, with the extras of whoever needs it', () => {
  const nodes = [
    node('requests', '2.31', ['PySocks>=1.5 ; extra == "socks"', 'idna<4', 'colorama ; sys_platform == "win32"']),
    node('pysocks', '1.7'),
    node('idna', '3.1', [], '<3.8'),
    node('idna', '3.10', ['requests']),
    node('colorama', '0.4'),
  ];
  const names = (root: string): string[] =>
    walkLocked([root], nodes, environment).map((each) => `${each.name} ${each.version}`);
  expect(names('requests[socks]')).toEqual(['requests 2.31', 'pysocks 1.7', 'idna 3.10']);
  expect(names('requests')).toEqual(['requests 2.31', 'idna 3.10']);
});
