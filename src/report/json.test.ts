import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failingRun, passingRun, stepOutput } from '../../test/support/run-events.ts';
import { failure } from '../core/failure.ts';
import type { RunEvent } from '../pipeline/events.ts';
import { JsonReporter } from './json.ts';

let logDir: string;

beforeEach(() => {
  logDir = join(mkdtempSync(join(tmpdir(), 'parity-report-')), 'run');
});

afterEach(() => {
  rmSync(dirname(logDir), { recursive: true, force: true });
});

function tell(events: readonly RunEvent[]): string[] {
  let out = '';
  const reporter = new JsonReporter({ out: { write: (text) => void (out += text) }, logDir });
  for (const event of events) reporter.event(event);
  expect(out.endsWith('\n')).toBe(true);
  return out.trimEnd().split('\n');
}

describe('JsonReporter', () => {
  it('writes each event as one line with a type', () => {
    expect(tell(passingRun)).toEqual([
      '{"type":"run-started","steps":[{"name":"format","run":"run format","needs":[],"cwd":"."},{"name":"tests","run":"run tests","needs":[],"cwd":"."}],"project":"/home/me/shop","configSource":"parity.yaml","jobs":2}',
      '{"type":"note","severity":"note","message":"No parity.yaml here:\\nPython in core/","hint":"parity init writes it down"}',
      '{"type":"phase-started","phase":"image","id":"image","title":"building the image"}',
      '{"type":"phase-progress","phase":"image","id":"image","progress":{"type":"step","index":3,"total":9,"title":"RUN uv pip install","cached":false}}',
      '{"type":"phase-progress","phase":"image","id":"image","progress":{"type":"output","text":"Installed 23 packages\\n"}}',
      '{"type":"phase-finished","phase":"image","id":"image","durationMs":41000,"ok":true,"result":"built, 569 MB"}',
      '{"type":"phase-started","phase":"environment","id":"none","title":"starting"}',
      '{"type":"phase-finished","phase":"environment","id":"none","durationMs":20,"ok":true,"result":"warm"}',
      '{"type":"step-started","step":"format","command":"black --check core/"}',
      '{"type":"step-started","step":"tests","command":"pytest -q"}',
      '{"type":"step-output","step":"tests","stream":"stdout","text":".."}',
      '{"type":"step-output","step":"format","stream":"stderr","text":"All done!\\n"}',
      '{"type":"step-output","step":"tests","stream":"stdout","text":".. 60 passed\\n"}',
      '{"type":"step-finished","step":"format","outcome":"passed","exitCode":0,"signal":null,"durationMs":400,"reason":null,"next":[],"diagnostics":[],"peakMemoryBytes":30000000,"cpuMs":210}',
      '{"type":"step-finished","step":"tests","outcome":"passed","exitCode":0,"signal":null,"durationMs":6100,"reason":null,"next":[],"diagnostics":[],"peakMemoryBytes":30000000,"cpuMs":210}',
      `{"type":"run-finished","outcome":"passed","imageId":"sha256:${'ab'.repeat(32)}","durationMs":48000,"counts":{"passed":2,"failed":0,"cached":0,"skipped":0,"cancelled":0}}`,
    ]);
  });

  it('writes four failures with what to type next', () => {
    const ends = tell(failingRun).filter((line) => line.includes('"outcome":"failed"'));
    expect(ends).toEqual([
      '{"type":"step-finished","step":"format","outcome":"failed","exitCode":1,"signal":null,"durationMs":400,"reason":null,"next":["Run: black core/"],"diagnostics":[],"peakMemoryBytes":30000000,"cpuMs":210}',
      '{"type":"step-finished","step":"types","outcome":"failed","exitCode":1,"signal":null,"durationMs":2300,"reason":null,"next":[],"diagnostics":[],"peakMemoryBytes":30000000,"cpuMs":210}',
      '{"type":"step-finished","step":"tests","outcome":"failed","exitCode":1,"signal":null,"durationMs":4200,"reason":null,"next":[],"diagnostics":[],"peakMemoryBytes":30000000,"cpuMs":210}',
      '{"type":"step-finished","step":"ui-types","outcome":"failed","exitCode":2,"signal":null,"durationMs":1500,"reason":null,"next":[],"diagnostics":[],"peakMemoryBytes":30000000,"cpuMs":210}',
      `{"type":"run-finished","outcome":"failed","imageId":"sha256:${'ab'.repeat(32)}","durationMs":6200,"counts":{"passed":3,"failed":4,"cached":0,"skipped":0,"cancelled":0}}`,
    ]);
  });

  it('keeps characters whole that were cut between two pieces', () => {
    const bytes = Buffer.from('grün 漢\n');
    const pieces = [...bytes].map((byte) => stepOutput('tests', Buffer.from([byte])));
    const text = tell(pieces)
      .map((line) => (JSON.parse(line) as { text: string }).text)
      .join('');
    expect(text).toBe('grün 漢\n');
  });

  it('writes the failure of a command that is no run', () => {
    let out = '';
    new JsonReporter({ out: { write: (text) => void (out += text) }, logDir }).failed(
      failure('disk-full', 'no space', { next: 'df' }),
    );
    expect(out).toBe('{"type":"failed","failure":{"reason":"disk-full","message":"no space","next":"df"}}\n');
  });
});
