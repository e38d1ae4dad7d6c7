import { expect, it } from 'vitest';
import { webAddress } from './annotations.ts';

it('gives a remote’s address without what only its owner needs', () => {
  const same = 'https://git.example.com/team/shop';
  for (const remote of [
    'https://git.example.com/team/shop.git',
    'https://me:secret@git.example.com/team/shop',
    'git@git.example.com:team/shop.git',
    'ssh://git@git.example.com:2222/team/shop.git',
  ])
    expect(webAddress(remote)).toBe(same);
  expect(webAddress('http://git.example.com:8080/team/shop')).toBe('https://git.example.com:8080/team/shop');
  for (const local of ['/srv/shop', '../shop', 'file:///srv/shop', 'C:\\shop', ''])
    expect(webAddress(local)).toBeUndefined();
});
