import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../pipeline/events.ts';
import { createMasker, maskReporter, type MaskedStream } from './mask.ts';

// Put together here so that no scanner takes this file for a leak.
const look = {
  github: `ghp_${'a1B2'.repeat(9)}`,
  githubFine: `github_pat_${'a1B2'.repeat(15)}`,
  gitlab: `glpat-${'x9-Y'.repeat(5)}`,
  aws: `AKIA${'Q7'.repeat(8)}`,
  npm: `npm_${'k2'.repeat(18)}`,
  jwt: `eyJhbGciOiJIUzI1NiJ9.eyJ${'c3Vi'.repeat(5)}.${'sig_'.repeat(8)}`,
};
const key = `-----BEGIN RSA PRIVATE ${'KEY'}-----\n${'MIIEabc\n'.repeat(20)}-----END RSA PRIVATE ${'KEY'}-----`;

function feed(stream: MaskedStream, pieces: readonly (string | Buffer)[]): string {
  return Buffer.concat([...pieces.map((piece) => stream.push(Buffer.from(piece))), stream.end()]).toString();
}

describe('createMasker', () => {
  it.each(Object.entries(look))('hides what looks like a %s token', (_, token) => {
    expect(createMasker().text(`before ${token} after "${token}"`)).toBe('before *** after "***"');
  });

  it('hides the password of a URL and nothing else of it', () => {
    const masked = createMasker().text(
      'fetching https://bob:hunter2@git.example/x.git and https://a.example:8080/@scope/p',
    );
    expect(masked).toBe('fetching https://bob:***@git.example/x.git and https://a.example:8080/@scope/p');
  });

  it('hides private keys over all their lines, and only them', () => {
    expect(createMasker().text(`a\n${key}\nb\n`)).toBe('a\n***\nb\n');
  });

  it('hides declared values, line by line and in the forms that tools print them in', () => {
    const masker = createMasker();
    masker.add(['s3cr"t/+ü', 'first line\nsecond line\n', 'x']);
    expect(masker.text('is s3cr"t/+ü.')).toBe('is ***.');
    expect(masker.text('url ?q=s3cr%22t%2F%2B%C3%BC')).toBe('url ?q=***');
    expect(masker.text(Buffer.from('s3cr"t/+ü').toString('base64'))).toBe('***');
    expect(masker.text('{"a":"s3cr\\"t/+ü"}')).toBe('{"a":"***"}');
    expect(masker.text('second line, x')).toBe('***, x');
  });

  it('leaves everything else as it is, bytes that are no text included', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }), (pieces) => {
        const stream = createMasker().stream();
        const out = Buffer.concat([...pieces.map((piece) => stream.push(Buffer.from(piece))), stream.end()]);
        expect(out.equals(Buffer.concat(pieces))).toBe(true);
      }),
    );
  });

  it('hides a secret wherever the stream cuts it', () => {
    const secret = 'påss wörd';
    const text = `one ${secret} two ${look.github}\n${key}\nthree ${secret}`;
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
        const masker = createMasker();
        masker.add([secret]);
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(feed(masker.stream(), pieces)).toBe('one *** two ***\n***\nthree ***');
      }),
      { numRuns: 500 },
    );
  });

  it('holds back no more than a bounded part of a line that never ends, and still hides what lies across the cut', () => {
    const masker = createMasker();
    masker.add(['longsecret']);
    const stream = masker.stream();
    let held = 0;
    let shown = '';
    for (let index = 0; index < 3000; index += 1) {
      const piece = Buffer.from(`${'.'.repeat(index % 97)}longsecret`);
      held += piece.length;
      const out = stream.push(piece).toString();
      shown += out;
      held -= out.replaceAll('***', 'longsecret').length;
      expect(held).toBeLessThan(140_000);
    }
    shown += stream.end().toString();
    expect(shown).not.toContain('longsecret');
    expect(shown).not.toMatch(/long|secret/);
    expect(shown.match(/\*\*\*/g)?.length).toBe(3000);
  });
});

describe('maskReporter', () => {
  it('masks every event, streams included, and flushes a step’s last line before its end', () => {
    const heard: RunEvent[] = [];
    const masker = createMasker();
    const reporter = maskReporter(
      { event: (event) => void heard.push(event), failed: () => {}, result: () => {}, close: async () => {} },
      masker,
    );
    masker.add(['hunter2']);
    const output = (data: string): void =>
      reporter.event({ type: 'step-output', step: 'tests', stream: 'stdout', data: Buffer.from(data) });
    reporter.event({ type: 'step-started', step: 'tests', command: 'login hunter2' });
    output('a hun');
    output('ter2\nb hunt');
    output('er2');
    reporter.event({
      type: 'step-finished',
      step: 'tests',
      outcome: 'failed',
      exitCode: 1,
      signal: null,
      durationMs: 1,
      reason: null,
      next: ['Run: login hunter2'],
      diagnostics: [
        {
          tool: 'pytest',
          code: 'AssertionError',
          severity: 'error',
          message: "assert 'hunter2'\n  == 'hunter2'",
          file: 'core/hunter2.py',
          line: 3,
          column: null,
          test: 'core/hunter2.py::test_a[hunter2]',
        },
      ],
      peakMemoryBytes: null,
      cpuMs: null,
    });
    expect(heard.map((event) => (event.type === 'step-output' ? event.data.toString() : event.type))).toEqual([
      'step-started',
      'a ***\n',
      'b ***',
      'step-finished',
    ]);
    expect(JSON.stringify(heard)).not.toContain('hunter2');
  });
});
