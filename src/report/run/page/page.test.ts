import { describe, expect, it } from 'vitest';
import { lost, mixedRun, plan, ended, reportOf, runs, said, unopened } from '../../../../test/support/reported-runs.ts';
import { passingRun, stepFinished, stepOutput } from '../../../../test/support/run-events.ts';
import { receiptOf } from '../../../../test/support/receipt.ts';
import type { RunEvent } from '../../../pipeline/events.ts';
import { htmlReport } from './page.ts';
import { noFacts, type PageFacts } from './page-facts.ts';

/** What a reader of the page without pictures reads: texts, a line for each block. */
function read(page: string): readonly string[] {
  return page
    .replace(/^[^]*<body>/, '')
    .replace(
      /<\/?(?:p|li|h\d|pre|tr|summary|br|dt|dd|div|section|header|article|details|ol|ul|nav|main)\b[^>]*>/g,
      '\n',
    )
    .replace(/<\/(?:td|th)>/g, ' | ')
    .replace(/<[^>]*>/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

const part = (lines: readonly string[], from: string, to: string): readonly string[] =>
  lines.slice(lines.indexOf(from), lines.indexOf(to, lines.indexOf(from)));

describe('the HTML report', () => {
  it('begins with the outcome, then what failed and what to do about it', () => {
    const lines = read(htmlReport(reportOf(mixedRun)));
    expect(lines.slice(0, lines.indexOf('Timeline'))).toEqual([
      'Skip to the report',
      '✕',
      'shop failed',
      '2 failed, 1 skipped, 1 passed in 6.2 s',
      '2026-11-25 18:00 UTC',
      'parity 0.1.0',
      '✕ types failed',
      '✕ tests failed',
      '✓ lint passed',
      '– ui skipped',
      'What failed',
      '✕ types exit code 1 · 2.3 s · 1 problem',
      'mypy core/',
      'What to do',
      'Run mend',
      'What is wrong',
      'error core/models.py:12 mypy assignment',
      'Incompatible default',
      'What it printed',
      'core/models.py:12: error: Incompatible default  [assignment]',
      '✕ tests exit code 1 · 0.9 s · 1 problem',
      'pytest -q',
      'What is wrong',
      'error core/tests/test_cart.py:7 core/tests/test_cart.py::TestCart::test_total[x.y::z] pytest AssertionError',
      'assert &quot;&lt;a&gt;&quot; == 1',
      'vertical \uFFFD and \uD800 alone',
      'What it printed',
      'a red &lt;b&gt;&amp;amp; \uFFFE ]]&gt; ü 漢',
    ]);
  });

  it('has the steps with why they ran, and what the others printed', () => {
    const why = new Map([
      ['types', 'runs: core/models.py changed'],
      ['lint', 'is cached: it passed'],
      ['ui', 'runs: no run in which it passed is known here'],
    ]);
    const lines = read(htmlReport(reportOf(mixedRun), { ...noFacts, why }));
    expect(part(lines, 'Steps', 'What decided it')).toEqual([
      'Steps',
      'Step | Outcome | Time | CPU | Memory |',
      'types',
      'mypy core/ | ✕ failed exit code 1',
      'runs: core/models.py changed | 2.3 s',
      'from 0.2 s | 0.2 s | 30.0 MB |',
      'tests',
      'pytest -q | ✕ failed exit code 1 | 0.9 s',
      'from 0.5 s | 0.2 s | 30.0 MB |',
      'lint',
      'flake8 core &amp; &quot;ui&quot; | ✓ passed',
      'is cached: it passed | 0.4 s',
      'from 0.8 s | 0.2 s | 30.0 MB |',
      'ui',
      'npx tsc | – skipped needs types, which did not pass |  | 0.2 s | 30.0 MB |',
      'Output of the other steps',
      'lint 1 line, 1 warning',
      'What the tools warned of',
      'warning core/models.py:12 flake8 W605',
      'Incompatible default',
      'fine',
    ]);
  });

  it('places each step in time, those that ran at once in lanes of their own', () => {
    const page = htmlReport(reportOf(mixedRun));
    expect(
      [...page.matchAll(/<a class="bar (\w+)" style="left:([\d.]+)%;width:([\d.]+)%"/g)].map((m) => m.slice(1)),
    ).toEqual([
      ['failed', '3.23', '37.10'],
      ['failed', '8.06', '14.52'],
      ['passed', '12.90', '6.45'],
    ]);
    expect(page).toContain('Up to 3 steps at once (2 allowed).');
    expect([...htmlReport(reportOf(passingRun)).matchAll(/title="([^"]*)"/g)].map(([, told]) => told)).toEqual([
      'image: built, 569 MB (41.0 s)',
      'environment: warm (20 ms)',
      'format: passed, 0.4 s (from 0.9 s to 1.3 s)',
      'tests: passed, 6.1 s (from 1.0 s to 7.1 s)',
    ]);
  });

  it('shows the code that a problem is about, its place marked', () => {
    const lines = (texts: readonly string[]): ReadonlyMap<number, string> =>
      new Map(texts.map((text, index) => [index + 10, text]));
    const sources = new Map([
      ['core/models.py', lines(['class A:', '\tpass', 'def 漢(naïve: int = None, <b>):', '    ...'])],
    ]);
    const frame = (column: number | null): string => {
      const diagnostics = [said({ column })];
      const failing = stepFinished('types', { outcome: 'failed', exitCode: 1, diagnostics });
      const page = htmlReport(reportOf([plan(['types', 'mypy']), failing, ended()]), { ...noFacts, sources });
      return (/<pre class="frame"[^>]*>([^]*?)<\/pre>/.exec(page)?.[1] ?? '').replace(/<(?!\/?mark)[^>]*>/g, '');
    };
    expect(frame(7)).toBe(`  10 │ class A:
  11 │     pass
› 12 │ def 漢(<mark>naïve</mark>: int = None, &lt;b&gt;):
     │        ^^^^^
  13 │     ...
`);
    expect(frame(null)).toContain('› 12 │ <mark>def 漢(naïve: int = None, &lt;b&gt;):</mark>\n');
    expect(frame(99)).toContain('› 12 │ <mark>def 漢');
  });

  it('shows the part of a line that is too long to show', () => {
    const text = `${'x'.repeat(5000)}!${'y'.repeat(5000)}`;
    const facts: PageFacts = { ...noFacts, sources: new Map([['core/models.py', new Map([[12, text]])]]) };
    const failing = stepFinished('types', { outcome: 'failed', diagnostics: [said({ column: 5001 })] });
    const page = htmlReport(reportOf([plan(['types', 'mypy']), failing, ended()]), facts);
    expect(page).toContain(`│</span> …${'x'.repeat(40)}<mark>!</mark>${'y'.repeat(120)}…\n`);
    expect(page).toContain(`<span class="caret">${' '.repeat(41)}^</span>`);
  });

  it('folds what is more than a person reads', () => {
    const diagnostics = Array.from({ length: 150 }, (_, index) => said({ line: index + 1 }));
    const log = Array.from({ length: 1000 }, (_, index) => `line ${index}`).join('\n');
    const run: readonly RunEvent[] = [
      plan(['types', 'mypy']),
      stepOutput('types', `${log}\n`),
      stepFinished('types', { outcome: 'failed', diagnostics, diagnosticsLeftOut: 7 }),
      ended(),
    ];
    const page = htmlReport(reportOf(run));
    const [open = '', ...folded] = page.split('<details>');
    expect(open.match(/<li>\n<p>/g)?.length).toBe(10);
    expect(folded[0]).toContain('<summary>90 more problems</summary>\n<ol class="problems" start="11">');
    expect(folded[0]).toContain('57 problems beyond these');
    expect(folded[0]).toContain('line 999</pre>');
    expect(folded[0]).not.toContain('line 919\n');
    expect(folded[1]).toContain('<summary>Its whole output, 1,000 lines</summary>');
    expect(folded[1]?.match(/<pre class="block" style="--lines:200">/g)?.length).toBe(5);
    expect(folded[1]).toContain('line 0\nline 1\n');
  });

  it('has the versions in three places, and says what is not as locked', () => {
    const versions = {
      rows: [
        { name: 'python', declared: '3.11', locked: ['3.11.2'], observed: '3.11.2' },
        { name: 'black', declared: 'black==25.9.0', locked: ['25.9.0'], observed: '24.1.0' },
        { name: 'mypy', declared: 'mypy', locked: ['1.18.2'], observed: null },
        { name: 'click', declared: null, locked: ['8.1.0', '8.2.0'], observed: '8.2.0' },
        { name: 'colorama', declared: null, locked: ['0.4.6'], observed: null, isOptional: true as const },
      ],
      notObserved: null,
    };
    const lines = read(htmlReport(reportOf(mixedRun), { ...noFacts, versions }));
    expect(part(lines, 'Versions', 'What decided it')).toEqual([
      'Versions',
      '2 versions in the image are not what the lock says.',
      'Versions of what the project asks for',
      'Name | Declared | Locked | In the image |',
      'python | 3.11 | 3.11.2 | ✓ 3.11.2 |',
      'black | black==25.9.0 | 25.9.0 | ✕ 24.1.0 |',
      'mypy | mypy | 1.18.2 | ✕ missing |',
      '2 packages that came with them',
      'Versions of packages that came with others',
      'Name | Declared | Locked | In the image |',
      'click |  | 8.1.0 or 8.2.0 | ✓ 8.2.0 |',
      'colorama |  | 0.4.6 |  |',
    ]);
    const unseen = htmlReport(reportOf(mixedRun), { ...noFacts, versions: { ...versions, notObserved: 'no engine' } });
    expect(unseen).toContain('The image was not looked into: no engine.');
    expect(unseen).not.toContain('missing');
  });

  it('has the receipt to copy, without its files where there are very many', () => {
    const receipt = receiptOf();
    const page = htmlReport(reportOf(mixedRun, receipt));
    expect(page).toContain(`<li>commit <code>${'c'.repeat(12)}</code></li><li>linux/amd64</li>`);
    const copied = /<textarea[^>]*>([^]*)<\/textarea>/.exec(page)?.[1]?.replaceAll('&quot;', '"') ?? '';
    expect(JSON.parse(copied)).toEqual(receipt);
    const files = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [`f${index}`, `100644 ${'0'.repeat(64)}`]),
    );
    const large = htmlReport(reportOf(mixedRun, receiptOf({ files })));
    expect(large.length).toBeLessThan(100_000);
    expect(large).toContain('Without its list of 20,000 files');
  });

  it.each(Object.entries(runs))('loads nothing and runs nothing, and every element is closed: %s', (_, run) => {
    const page = htmlReport(reportOf(run, receiptOf()));
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(
      /<(?:script|img|iframe)\b|\ssrc=|@import|url\(|href="(?!#|data:image\/svg\+xml,)|\son\w+=/,
    );
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/(?:href="#|aria-labelledby=")([^"]*)"/g)) expect(ids).toContain(target);
    const open: string[] = [];
    for (const [, slash, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
      if (['meta', 'link', 'br'].includes(name)) continue;
      if (slash === '') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });

  it('takes names and output for text, whatever they are', () => {
    const evil = `"><script>alert(1)</script>'`;
    const run: readonly RunEvent[] = [
      { ...plan([evil, evil]), project: `/home/${evil.replaceAll('/', '')}` } as RunEvent,
      { type: 'note', severity: 'warning', message: evil, hint: evil },
      { type: 'step-started', step: evil, command: evil },
      stepOutput(
        evil,
        `${evil}\n\u001B[31m${evil}\u001B[0m\n\u001B]8;;javascript:alert(1)\u0007link\u001B]8;;\u0007\n`,
      ),
      stepFinished(evil, {
        outcome: 'failed',
        diagnostics: [said({ message: `${evil}\n${evil}`, file: evil, test: evil, code: evil, tool: evil })],
        next: [`Run: ${evil}`, evil],
      }),
      ended(),
    ];
    const sources = new Map([[evil, new Map([[12, evil]])]]);
    const page = htmlReport(reportOf(run), { ...noFacts, sources, why: new Map([[evil, evil]]) });
    expect(page).not.toContain('<script');
    expect(page).not.toContain('javascript:');
    expect(page.replaceAll(/="[^"]*"/g, '')).not.toMatch(/<[a-z]+[^>]*'/);
  });

  it('says why a run could not go on, and what to type', () => {
    const lines = read(htmlReport(reportOf(lost)));
    expect(part(lines, 'Why it could not go on', 'Timeline')).toEqual([
      'Why it could not go on',
      'the container is gone',
      'EOF',
      'What to do',
      'parity up',
    ]);
    expect(htmlReport(reportOf(unopened))).toContain('</span> not run</span>');
  });
});

describe('what to do about a failure', () => {
  const page = (link: string | null): string => {
    const remedy = { id: 'mypy/implicit-optional', title: 'None is no int', remedy: 'Write `amount: int | None`' };
    const remedies = [{ ...remedy, count: 3, file: 'core/models.py', line: 12, link }];
    const failing = stepFinished('types', {
      outcome: 'failed',
      exitCode: 1,
      remedies,
      next: ['Run: mypy core/', 'or `b`'],
    });
    return htmlReport(reportOf([plan(['types', 'mypy']), failing, ended()]));
  };

  it('is the remedies first, then the commands', () => {
    const text = page('https://mypy.readthedocs.io/en/stable/error_codes.html');
    expect(part(read(text), 'What to do', 'It printed nothing.')).toEqual([
      'What to do',
      'None is no int core/models.py:12 3 problems',
      'Write amount: int | None',
      'More: parity explain mypy/implicit-optional · mypy.readthedocs.io',
      'Run mypy core/',
      'or b',
    ]);
    expect(text).toContain('Write <code>amount: int | None</code>');
    expect(text).toContain('<a href="https://mypy.readthedocs.io/en/stable/error_codes.html" rel="noreferrer">');
  });

  it('leads to a page of the web only', () => {
    expect(page('javascript:alert(1)')).not.toContain('javascript:');
    expect(page(null)).toContain('implicit-optional</code></span></li>');
  });
});
