import { expect, test } from 'vitest';
import { createDebounce, type Clock } from './debounce.ts';

/** A clock that a test moves. */
function fakeClock(): Clock & { pass(ms: number): void } {
  let now = 0;
  let timers: { readonly at: number; readonly run: () => void }[] = [];
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => (timers = timers.filter((one) => one !== timer));
    },
    pass(ms) {
      for (const end = now + ms; now < end;) {
        now += 1;
        const due = timers.filter(({ at }) => at <= now);
        timers = timers.filter(({ at }) => at > now);
        for (const { run } of due) run();
      }
    },
  };
}

function debounced(isBusy: () => boolean = () => false) {
  const clock = fakeClock();
  const fired: number[] = [];
  const debounce = createDebounce({
    quietMs: 50,
    atMostMs: 500,
    busyAtMostMs: 2000,
    isBusy,
    clock,
    fire: () => fired.push(clock.now()),
  });
  return { clock, fired, debounce };
}

test('a burst is one change, told when it has been quiet', () => {
  const { clock, fired, debounce } = debounced();
  for (let event = 0; event < 5; event += 1) {
    debounce.touch();
    clock.pass(20);
  }
  clock.pass(500);
  expect(fired).toEqual([130]);
  debounce.touch();
  clock.pass(500);
  expect(fired).toEqual([130, 650]);
});

test('what never is quiet is told all the same, now and then', () => {
  const { clock, fired, debounce } = debounced();
  for (let event = 0; event < 110; event += 1) {
    debounce.touch();
    clock.pass(10);
  }
  expect(fired).toEqual([500, 1010]);
});

test('while git has its lock nothing is told, unless nobody ever takes it away', () => {
  let isBusy = true;
  const { clock, fired, debounce } = debounced(() => isBusy);
  debounce.touch();
  clock.pass(1000);
  expect(fired).toEqual([]);
  isBusy = false;
  clock.pass(100);
  expect(fired).toEqual([1050]);
  isBusy = true;
  debounce.touch();
  clock.pass(5000);
  expect(fired).toEqual([1050, 3100]);
});

test('nothing is told once it is stopped', () => {
  const { clock, fired, debounce } = debounced();
  debounce.touch();
  debounce.stop();
  clock.pass(1000);
  expect(fired).toEqual([]);
});
