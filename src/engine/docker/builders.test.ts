import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { BuildProgress } from '../../core/progress.ts';
import { createBuildKitReader, loadTraceDecoder } from './buildkit.ts';
import { createClassicReader } from './classic-build.ts';
import { OperationFailed, readRecords } from './records.ts';

const recorded = (engine: string) =>
  createReadStream(
    fileURLToPath(new URL(`../../../test/fixtures/engine/${engine}/build-failed.jsonl`, import.meta.url)),
    { highWaterMark: 7 },
  );

describe('a build that failed, as recorded', () => {
  it.each(['docker-20.10', 'docker-26.1-containerd', 'podman-4.3'])('on %s, the classic builder', async (engine) => {
    const progress: BuildProgress[] = [];
    const reader = createClassicReader((one) => progress.push(one));
    const reading = readRecords(recorded(engine), ({ stream }) => stream !== undefined && reader.take(stream));
    await expect(reading).rejects.toThrow(OperationFailed);
    await expect(reading).rejects.toThrow(/code: 4$|exit status 4$/);
    reader.end();
    const step = (index: number, title: string) => ({ type: 'step', index, total: 3, title, cached: false });
    const output = progress.filter((one) => one.type === 'output').map(({ text }) => text);
    expect(progress.filter((one) => one.type === 'step')).toEqual([
      step(1, 'FROM parity-recorded:1'),
      step(2, 'RUN echo "hällo" && echo two >&2'),
      step(3, 'RUN echo oops && exit 4'),
    ]);
    // The engine gives the order of the two outputs as it likes.
    expect(output.slice(0, 2).sort()).toEqual(['hällo', 'two']);
    expect(output.slice(2)).toEqual(['oops']);
    expect(reader.last()).toEqual({ title: 'RUN echo oops && exit 4', lines: ['oops'] });
  });

  it('on docker-26.1, BuildKit', async () => {
    const progress: BuildProgress[] = [];
    const decode = await loadTraceDecoder();
    const reader = createBuildKitReader((one) => progress.push(one));
    const reading = readRecords(
      recorded('docker-26.1'),
      ({ id, aux }) => id === 'moby.buildkit.trace' && reader.take(decode(aux as string)),
    );
    await expect(reading).rejects.toThrow(
      'process "/bin/sh -c echo oops && exit 4" did not complete successfully: exit code: 4',
    );
    reader.end();
    expect(progress.filter((one) => one.type === 'step' && one.total !== undefined)).toEqual([
      {
        type: 'step',
        index: 1,
        total: 3,
        title: expect.stringMatching(/^\[1\/3\] FROM /),
        cached: expect.any(Boolean),
      },
      { type: 'step', index: 2, total: 3, title: '[2/3] RUN echo "hällo" && echo two >&2', cached: false },
      { type: 'step', index: 3, total: 3, title: '[3/3] RUN echo oops && exit 4', cached: false },
    ]);
    const output = progress.filter((one) => one.type === 'output').map(({ text }) => text);
    expect(output).toEqual(['hällo', 'two', 'oops']);
    expect(reader.failed()).toEqual({ title: '[3/3] RUN echo oops && exit 4', lines: ['oops'] });
  });
});

describe('the classic reader', () => {
  const read = (...records: string[]): BuildProgress[] => {
    const progress: BuildProgress[] = [];
    const reader = createClassicReader((one) => progress.push(one));
    for (const record of records) reader.take(record);
    reader.end();
    return progress;
  };
  it('says of a step that it was cached', () => {
    expect(
      read(
        'Step 1/2 : RUN true',
        '\n',
        ' ---> Using cache\n',
        ' ---> 0123456789ab\n',
        'Step 2/2 : CMD x',
        '\n',
        ' ---> Using cache\n',
      ),
    ).toEqual([
      { type: 'step', index: 1, total: 2, title: 'RUN true', cached: true },
      { type: 'step', index: 2, total: 2, title: 'CMD x', cached: true },
    ]);
  });
  it('ends a line that had no newline where the builder speaks again, and joins one that came in pieces', () => {
    expect(
      read(
        'Step 1/1 : RUN x',
        '\n',
        ' ---> Running in 0123456789ab\n',
        'ab',
        'c\r\nlast',
        'Removing intermediate container 0123456789ab\n',
      ),
    ).toEqual([
      { type: 'step', index: 1, total: 1, title: 'RUN x', cached: false },
      { type: 'output', text: 'abc' },
      { type: 'output', text: 'last' },
    ]);
  });
});
