import { expect, it } from 'vitest';
import { npmOfNode } from './npm-of-node.ts';

// As https://nodejs.org/dist/index.json has them.
it.each([
  ['14.0.0', '6.14.4'],
  ['16.10.0', '7.24.0'],
  ['18.20.8', '10.8.2'],
  ['20.18.1', '10.8.2'],
  ['22.12.0', '10.9.0'],
  ['22.20.0', '10.9.3'],
  ['24.8.0', '11.6.0'],
])('Node %s brings npm %s', (node, version) => {
  expect(npmOfNode(node)).toEqual({ version });
});

it('takes a newer release for the nearest older one of its line, and says so', () => {
  const newer = npmOfNode('22.99.0');
  expect(newer).toEqual({ ...npmOfNode(newer?.of ?? ''), of: newer?.of });
  expect(newer?.of).toMatch(/^22\.\d+\.\d+$/);
});

it('knows nothing of a line that is newer than the table, or older', () => {
  expect(npmOfNode('99.0.0')).toBeUndefined();
  expect(npmOfNode('12.22.0')).toBeUndefined();
});
