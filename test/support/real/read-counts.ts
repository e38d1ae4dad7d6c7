/**
 * What test runners said in a command's output, in their order: `3 passed, 1 skipped, 1 xfailed`. Understood are pytest, unittest (Django's
 * too), vitest and node's own runner. Times and warnings are left out, since they say nothing of the tests.
 */
export function readCounts(output: string): readonly string[] {
  // oxlint-disable-next-line no-control-regex -- colours begin with this character
  const lines = output.replace(/\x1b\[[\d;]*m/g, '').split('\n');
  return lines.flatMap((line, at) => {
    for (const runner of runners) {
      const counts = runner(line, lines.slice(at + 1));
      if (counts !== undefined) return [inOrder(counts)];
    }
    return [];
  });
}

type Counts = Readonly<Record<string, number>>;

const words = ['passed', 'failed', 'errors', 'skipped', 'xfailed', 'xpassed', 'todo', 'deselected', 'subtests passed'];

function inOrder(counts: Counts): string {
  const told = words.flatMap((word) => ((counts[word] ?? 0) > 0 ? [`${counts[word]} ${word}`] : []));
  return told.length > 0 ? told.join(', ') : 'no tests';
}

const runners: readonly ((line: string, rest: readonly string[]) => Counts | undefined)[] = [
  pytest,
  vitest,
  node,
  unittest,
];

// `===== 3 passed, 1 skipped in 0.12s =====`, without the signs in quiet runs.
function pytest(line: string): Counts | undefined {
  const told = /^=* ?((?:\d+ [a-z]+(?: [a-z]+)?(?:, )?)+) in [\d.]+s\b/.exec(line)?.[1];
  if (told === undefined) return undefined;
  return Object.fromEntries(told.split(', ').map((part) => pair(part.replace(/error$/, 'errors'))));
}

// `      Tests  3 passed | 1 skipped (4)`
function vitest(line: string): Counts | undefined {
  const told = /^\s*(?:\S+ test: )?\s*Tests {2}(.+) \(\d+\)$/.exec(line)?.[1];
  return told === undefined ? undefined : Object.fromEntries(told.split(' | ').map(pair));
}

// `# pass 3` or `ℹ pass 3`, one of several lines; the first of them is the number of tests.
function node(line: string, rest: readonly string[]): Counts | undefined {
  const first = /^(#|ℹ) tests \d+$/.exec(line)?.[1];
  if (first === undefined) return undefined;
  const of = (name: string): number => {
    const found = rest.find((each) => each.startsWith(`${first} ${name} `));
    return Number(found?.split(' ').at(-1) ?? 0);
  };
  return { passed: of('pass'), failed: of('fail'), skipped: of('skipped'), todo: of('todo') };
}

// `Ran 8 tests in 0.1s`, and then `OK (skipped=1, expected failures=1)` or `FAILED (failures=1)`.
function unittest(line: string, rest: readonly string[]): Counts | undefined {
  const ran = /^Ran (\d+) tests? in /.exec(line)?.[1];
  if (ran === undefined) return undefined;
  const end = rest.find((each) => /^(?:OK|FAILED|NO TESTS RAN)\b/.test(each)) ?? '';
  const of = (name: string): number => Number(new RegExp(`(?:\\(|, )${name}=(\\d+)`).exec(end)?.[1] ?? 0);
  const others = {
    failed: of('failures'),
    errors: of('errors'),
    skipped: of('skipped'),
    xfailed: of('expected failures'),
    xpassed: of('unexpected successes'),
  };
  const known = Object.values(others).reduce((sum, each) => sum + each, 0);
  return { ...others, passed: Number(ran) - known };
}

function pair(part: string): [string, number] {
  const [count = '', ...word] = part.trim().split(' ');
  return [word.join(' '), Number(count)];
}
