import { describe, expect, it } from 'vitest';
import { poetryDependency } from './poetry.ts';

describe('a poetry dependency', () => {
  it.each([
    ['^2.0', [{ text: 'redis>=2.0,<3', optional: false }]],
    [{ version: '^2.0', extras: ['hiredis'] }, [{ text: 'redis[hiredis]>=2.0,<3', optional: false }]],
    [
      { version: '*', python: '>=3.8,<3.12', markers: "sys_platform == 'linux'" },
      [
        {
          text: "redis ; (sys_platform == 'linux') and (python_version >= '3.8' and python_version < '3.12')",
          optional: false,
        },
      ],
    ],
    ['^1.2 || ^2', [{ text: 'redis>=1.2,<3', optional: false }]],
    [{ path: '../redis' }, [{ path: '../redis', optional: false }]],
    [{ version: '2.0', optional: true }, [{ text: 'redis==2.0', optional: true }]],
    [
      [
        { version: '<2', python: '<3.8' },
        { version: '^2', python: '^3.8' },
      ],
      [
        { text: "redis<2 ; python_version < '3.8'", optional: false },
        { text: "redis>=2,<3 ; python_version >= '3.8' and python_version < '4'", optional: false },
      ],
    ],
  ])('%j becomes PEP 508', (value, expected) => {
    expect(poetryDependency('redis', value)).toEqual(expected);
  });

  it.each([[{ git: 'https://git.example/redis' }], [{ url: 'https://redis.example/redis.whl' }]])(
    'refuses %j',
    (value) => {
      const [dependency] = poetryDependency('redis', value);
      expect(dependency).toMatchObject({ refused: expect.stringMatching(/^"?redis\b/) as string });
      expect(dependency?.text).toBeUndefined();
    },
  );
});
