import { expect, test } from 'vitest';
import { callOf } from './replay.ts';

test('what may choose another engine belongs to a call, and no secret does', () => {
  const env = {
    DOCKER_HOST: 'unix:///run/docker.sock',
    PARITY_CACHE_KEY: 'abc',
    DOCKER_PASSWORD: 'hunter2',
    HOME: '/',
  };
  expect(callOf(['up'], '/shop', env)).toEqual({
    argv: ['up'],
    cwd: '/shop',
    settings: [
      ['DOCKER_HOST', 'unix:///run/docker.sock'],
      ['DOCKER_PASSWORD', 'secret'],
      ['PARITY_CACHE_KEY', 'secret'],
    ],
  });
});
