import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failingRun, passingRun, stepFinished, stepOutput } from '../../../test/support/run-events.ts';
import { failure } from '../../core/failure.ts';
import type { ToolDiagnostic } from '../../core/tool-diagnostic.ts';
import type { RunEvent } from '../../pipeline/events.ts';
import { GithubReporter, type GithubOutput } from './github.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parity-report-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function tell(
  events: readonly RunEvent[],
  more: Partial<GithubOutput> = {},
): { out: string; err: string; summary: string } {
  const told = { out: '', err: '', summary: '' };
  const summaryFile = join(dir, 'summary.md');
  writeFileSync(summaryFile, 'before\n');
  const reporter = new GithubReporter({
    out: { write: (text) => void (told.out += text) },
    err: { write: (text) => void (told.err += text) },
    color: false,
    quiet: false,
    verbose: false,
    logDir: join(dir, 'run'),
    summaryFile,
    token: () => 'T0KEN',
    ...more,
  });
  for (const event of events) reporter.event(event);
  void reporter.close();
  return { ...told, summary: readFileSync(summaryFile, 'utf8') };
}

const said = (more: Partial<ToolDiagnostic>): ToolDiagnostic => ({
  tool: 'flake8',
  code: 'E302',
  severity: 'error',
  message: 'expected 2 blank lines',
  file: 'core/app.py',
  line: 3,
  column: 1,
  ...more,
});

/** A run of one step that fails so, after it printed that. */
function failing(
  diagnostics: readonly ToolDiagnostic[],
  printed = '',
  next: readonly string[] = [],
): readonly RunEvent[] {
  return [
    ...failingRun.slice(0, 1),
    { type: 'step-started', step: 'lint', command: 'flake8' },
    ...(printed === '' ? [] : [stepOutput('lint', printed)]),
    stepFinished('lint', { outcome: 'failed', exitCode: 1, diagnostics, next }),
    {
      type: 'run-finished',
      outcome: 'failed',
      imageId: 'sha256:abc',
      durationMs: 6200,
      counts: { passed: 0, failed: 1, cached: 0, skipped: 0, cancelled: 0 },
    },
  ];
}

describe('the GitHub reporter', () => {
  it('folds what steps printed, and writes the summary', () => {
    const { out, summary } = tell(passingRun);
    expect(out).toBe(`::group::passed    format     0.4 s
All done!
::endgroup::
::group::passed    tests      6.1 s
.... 60 passed
::endgroup::
2 passed in 48.0 s
`);
    expect(summary).toBe(`before
## ✅ parity: 2 passed in 48.0 s
| step | outcome | time | |
|---|---|--:|---|
| <code>format</code> | ✅ passed | 0.4 s |  |
| <code>tests</code> | ✅ passed | 6.1 s |  |

<sub>image <code>sha256:${'ab'.repeat(32)}</code> · parity 0.1.0</sub>

`);
  });

  it('leaves open what failed, annotates the code, and tells the job’s readers what to type', () => {
    const events = failing(
      [
        said({ code: null, tool: 'black', message: 'would be reformatted', line: null, column: null }),
        said({ file: 'core/a b, c.py', message: 'two\nlines 100%' }),
        said({
          tool: 'pytest',
          code: 'AssertionError',
          test: 'core/t.py::test_a[x:y]',
          message: 'assert 1 == 2',
          column: null,
        }),
        said({ severity: 'warning', message: 'an old way' }),
      ],
      'core/app.py:3:1: E302 expected\n',
      ['Run: black core/'],
    );
    const { out, summary } = tell(events, { linkTo: (file, line) => `https://forge.example/${file}#L${line}` });
    expect(out).toBe(`::group::failed    lint           0.4 s  exit code 1
core/app.py:3:1: E302 expected
::endgroup::
::error title=black (lint),file=core/app.py::would be reformatted%0ARun: black core/
::error title=flake8 E302 (lint),file=core/a b%2C c.py,line=3,col=1::two%0Alines 100%25%0ARun: black core/
::error title=pytest core/t.py%3A%3Atest_a[x%3Ay] (lint),file=core/app.py,line=3::assert 1 == 2%0ARun: black core/
::warning title=flake8 E302 (lint),file=core/app.py,line=3,col=1::an old way

--- lint: exit code 1
core/app.py:3:1: E302 expected
Run: black core/

1 failed in 6.2 s
`);
    expect(summary.slice('before\n'.length)).toBe(`## ❌ parity: 1 failed in 6.2 s
| step | outcome | time | |
|---|---|--:|---|
| <code>lint</code> | ❌ failed | 0.4 s | exit code 1 |

### lint

- [<code>core/app.py</code>](https://forge.example/core/app.py#Lnull) would be reformatted (black)
- [<code>core/a b, c.py:3:1</code>](https://forge.example/core/a b, c.py#L3) two (flake8 E302)
  \`\`\`text
  lines 100%
  \`\`\`
- [<code>core/app.py:3</code>](https://forge.example/core/app.py#L3) <code>core/t.py::test&#95;a&#91;x:y&#93;</code> assert 1 == 2 (pytest AssertionError)

\`\`\`text
Run: black core/
\`\`\`

<sub>image <code>sha256:abc</code> · parity 0.1.0</sub>

`);
  });

  it('annotates a failing step without a place when nothing is known of it', () => {
    expect(tell(failing([], 'boom\n')).out).toContain(
      '::endgroup::\n::error title=parity%3A lint failed::exit code 1\n\n---',
    );
  });

  it('lets nobody else speak to the runner', () => {
    const printed = [
      '::set-output name=x::y',
      'harmless :: text',
      '  ::error file=a.py::fake',
      'x ##[add-path]/tmp',
      '::stop-commands::T0KEN',
      '::T0KEN::',
    ];
    const { out, err, summary } = tell(failing([], `${printed.join('\n')}\n`), { verbose: true });
    const inert = (lines: readonly string[]): string => `::stop-commands::T0KEN\n${lines.join('\n')}\n::T0KEN::\n`;
    expect(out).toBe(`::group::failed    lint           0.4 s  exit code 1
${inert(printed)}::endgroup::
::error title=parity%3A lint failed::exit code 1

--- lint: exit code 1
${printed.map((line) => (line.startsWith('harmless') ? `${line}\n` : inert([line]))).join('')}
1 failed in 6.2 s
`);
    expect(err).toBe('parity.yaml: 7 steps, 2 at once\nstarted   lint: flake8\n');
    expect(summary).toContain('```text\n::set-output name=x::y\n');
  });

  it('shows ten of a kind, of every step one before a second, and says how many there are more', () => {
    const many = Array.from({ length: 15 }, (_, index) => said({ line: index + 1 }));
    const first = failing([]).slice(0, 1);
    const { out, summary } = tell([
      ...first,
      stepFinished('lint', { outcome: 'failed', exitCode: 1, diagnostics: many, diagnosticsLeftOut: 7 }),
      stepFinished('types', {
        outcome: 'failed',
        exitCode: 1,
        diagnostics: [said({ tool: 'mypy', code: 'misc', line: 99 })],
      }),
      ...failingRun.slice(-1),
    ]);
    const lines = [...out.matchAll(/^::error title=(\w+) .*,line=(\d+)/gm)].map(([, tool, line]) => `${tool} ${line}`);
    expect(lines).toEqual(['flake8 1', 'mypy 99', ...[2, 3, 4, 5, 6, 7, 8, 9].map((line) => `flake8 ${line}`)]);
    expect(out).toContain('(13 more errors: GitHub shows ten of each kind)\n');
    expect(summary.match(/E302/g)?.length).toBe(15);
    expect(summary).toContain('\n7 more problems\n');
  });

  it('says what kept a run from beginning, at its place in parity’s own file', () => {
    const span = { line: 4, column: 5, endLine: 4, endColumn: 8 };
    const diagnostic = {
      severity: 'error',
      code: 'unknown-key',
      message: 'no key',
      file: 'parity.yaml',
      span,
    } as const;
    const run: RunEvent = {
      type: 'run-finished',
      outcome: 'failed',
      imageId: null,
      durationMs: 3,
      counts: { passed: 0, failed: 0, cached: 0, skipped: 0, cancelled: 0 },
      failure: failure('config-invalid', 'parity.yaml has a mistake', { diagnostics: [diagnostic], next: 'mend *it*' }),
    };
    const { out, summary } = tell([run], { fileFromTop: (file) => `shop/${file}` });
    expect(out).toBe(
      '::error title=parity unknown-key,file=shop/parity.yaml,line=4,endLine=4,col=5,endColumn=8::no key\n',
    );
    expect(summary.slice('before\n'.length)).toBe(`## ❌ parity: could not go on
parity.yaml has a mistake

\`\`\`text
mend *it*
\`\`\`

<sub>parity 0.1.0</sub>

`);
  });

  it('keeps the summary below GitHub’s limit, whatever others wrote to it', () => {
    const summaryFile = join(dir, 'full.md');
    writeFileSync(summaryFile, 'x'.repeat(1024 * 1024 - 600));
    tell(failing([said({ message: 'y'.repeat(3000) })]), { summaryFile });
    const text = readFileSync(summaryFile, 'utf8');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024);
    expect(text).toContain('Shortened: there is more in the log.');
  });

  it('goes on when the summary can’t be written', () => {
    const { out, err } = tell(failing([], 'boom\n'), { summaryFile: join(dir, 'no', 'folder') });
    expect(out).toMatch(/1 failed in 6\.2 s\n$/);
    expect(err).toMatch(/^warning: the job's summary can't be written: ENOENT/);
  });
});
