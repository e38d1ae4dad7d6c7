import { describe, expect, it } from 'vitest';
import { failure } from './failure.ts';
import { beforeAbort, interruption, onAbort } from './interruption.ts';

describe('interruption', () => {
  it('is the failure that the signal was aborted with', () => {
    const stop = failure('interrupted', 'stopped by a newer change', { signal: 'SIGTERM' });
    expect(interruption(AbortSignal.abort(stop))).toBe(stop);
  });

  it('is a plain interruption when the reason is no failure', () => {
    const plain = failure('interrupted', 'interrupted', { signal: 'SIGINT' });
    expect(interruption(AbortSignal.abort())).toEqual(plain);
    expect(interruption(AbortSignal.abort('enough'))).toEqual(plain);
  });
});

describe('onAbort', () => {
  it('reacts once, when the signal is aborted', () => {
    const controller = new AbortController();
    const calls: string[] = [];
    onAbort(controller.signal, () => calls.push('aborted'));
    expect(calls).toEqual([]);
    controller.abort();
    controller.abort();
    expect(calls).toEqual(['aborted']);
  });

  it('reacts at once to a signal that is aborted already', () => {
    const calls: string[] = [];
    onAbort(AbortSignal.abort(), () => calls.push('aborted'));
    expect(calls).toEqual(['aborted']);
  });

  it('does not react after it was told to stop, nor without a signal', () => {
    const controller = new AbortController();
    const calls: string[] = [];
    onAbort(controller.signal, () => calls.push('aborted'))();
    onAbort(undefined, () => calls.push('aborted'))();
    controller.abort();
    expect(calls).toEqual([]);
  });
});

describe('beforeAbort', () => {
  it('gives the value of a promise that is first, and its rejection', async () => {
    const { signal } = new AbortController();
    expect(await beforeAbort(Promise.resolve('made'), signal)).toBe('made');
    await expect(beforeAbort(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken');
  });

  it('gives undefined when the signal is aborted first', async () => {
    const controller = new AbortController();
    const waiting = beforeAbort(new Promise(() => {}), controller.signal);
    controller.abort();
    expect(await waiting).toBeUndefined();
    expect(await beforeAbort(Promise.resolve('made'), controller.signal)).toBeUndefined();
  });
});
