import { expect, it } from 'vitest';
import { comparisonsOf, readMarker } from './marker.ts';

it('reads comparisons, turned where they are written the other way round', () => {
  expect(readMarker('"3.12" <= python_version')).toEqual({
    kind: 'comparison',
    name: 'python_version',
    operator: '>=',
    value: '3.12',
  });
});

it('lets `and` bind before `or`, and brackets before both', () => {
  const marker = readMarker(
    `(python_version < "3.8" or os_name == 'posix') and extra == "a or b" or (sys_platform in "x")`,
  );
  expect(marker).toMatchObject({
    kind: 'or',
    parts: [{ kind: 'and', parts: [{ kind: 'or' }, { value: 'a or b' }] }, { kind: 'unclear' }],
  });
  expect(comparisonsOf(marker).map(({ name }) => name)).toEqual(['python_version', 'os_name', 'extra']);
});

it.each(['', 'py311,lint', '(', 'a and'])('does not fail on %j', (text) => {
  expect(comparisonsOf(readMarker(text))).toEqual([]);
});
