import { describe, expect, it } from 'vitest';
import { advice } from './advice.js';

describe('advice', () => {
  it('waits for wind', () => expect(advice({ knots: 3, from: 90 })).toBe('read a book'));
  it('flies', () => expect(advice({ knots: 15, from: 90 })).toBe('fly'));
  it('stays ashore', () => expect(advice({ knots: 40, from: 90 })).toBe('stay ashore'));
  it.skipIf(process.env['CI'])('asks the weather service', () => {
    throw new Error('not from CI');
  });
});
