import { beaufort, type Wind } from '@kites/core';

export function advice(wind: Wind): string {
  const force = beaufort(wind);
  if (force < 3) return 'read a book';
  return force > 6 ? 'stay ashore' : 'fly';
}
