import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bringBack } from './bring-back.ts';
import { LinkLost, openLink } from './copy-link.ts';
import type { CopyFrame } from './protocol.ts';

// The other side is whatever a step has made of it: it may send anything.
let root: string;
let outside: string;

beforeEach(() => {
  const made = mkdtempSync(join(tmpdir(), 'parity back '));
  root = join(made, 'project');
  outside = join(made, 'outside');
  for (const dir of [root, outside]) mkdirSync(dir);
  writeFileSync(join(root, 'a.py'), 'sent\n');
  writeFileSync(join(outside, 'victim'), 'untouched\n');
});

afterEach(() => {
  expect(readdirSync(outside)).toEqual(['victim']);
  expect(readFileSync(join(outside, 'victim'), 'utf8')).toBe('untouched\n');
  rmSync(join(root, '..'), { recursive: true, force: true });
});

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
type Body = readonly [CopyFrame, string?];

/** A link whose other side says all of this at once, and what was said to it. */
async function says(...frames: readonly Body[]): Promise<Parameters<typeof bringBack>[0]> {
  const bytes = Buffer.concat(frames.map(([frame, body = '']) => Buffer.from(`${JSON.stringify(frame)}\n${body}`)));
  async function* output(): AsyncGenerator<{ stream: 'stdout'; data: Buffer }> {
    for (let at = 0; at < bytes.length; at += 7) yield { stream: 'stdout', data: bytes.subarray(at, at + 7) };
  }
  const { link } = await openLink(
    async () => ({ output: output() }),
    (started) => started,
  );
  return link;
}

const host = (): Parameters<typeof bringBack>[1] => ({ hostRoot: root, repositories: [] });
const none = { changed: [], deleted: [], unknown: [] } as const;
const noneMade: Body = [{ type: 'made', files: [], skipped: [] }];
const end: readonly Body[] = [[{ type: 'given' }], [{ type: 'settled' }]];
const file = (path: string, text: string, mode: '100644' | '100755' | '120000' = '100644'): Body => [
  { type: 'file', path, mode, bytes: Buffer.byteLength(text) },
  text,
];

describe('what comes back', () => {
  test('is written where the file still is as it was sent', async () => {
    const changes: Body = [
      { type: 'changes', ...none, changed: [['a.py', '100755', digest('step\n'), 5, '100644', digest('sent\n')]] },
    ];
    const back = await bringBack(await says(changes, noneMade, file('a.py', 'step\n', '100755'), ...end), host());
    expect(back).toEqual({ files: ['a.py'], deleted: [], conflicts: [], refused: [] });
    expect(readFileSync(join(root, 'a.py'), 'utf8')).toBe('step\n');
    expect(statSync(join(root, 'a.py')).mode & 0o111).toBe(0o111);
    expect(readdirSync(root)).toEqual(['a.py']);
  });

  test('leaves alone what was edited, deleted or made here meanwhile', async () => {
    writeFileSync(join(root, 'a.py'), 'edited\n');
    writeFileSync(join(root, 'new.py'), 'mine\n');
    const changes: Body = [
      {
        type: 'changes',
        changed: [
          ['a.py', '100644', digest('step\n'), 5, '100644', digest('sent\n')],
          ['gone.py', '100644', digest('step\n'), 5, '100644', digest('sent\n')],
        ],
        deleted: [['new.py', '100644', digest('sent\n')]],
        unknown: ['new.py'],
      },
    ];
    const made: Body = [{ type: 'made', files: [['new.py', '100644', digest('step\n'), 5]], skipped: [] }];
    const back = await bringBack(await says(changes, made, ...end), host());
    expect(back).toEqual({ files: [], deleted: [], conflicts: ['a.py', 'gone.py', 'new.py', 'new.py'], refused: [] });
    expect(readFileSync(join(root, 'a.py'), 'utf8')).toBe('edited\n');
    expect(readFileSync(join(root, 'new.py'), 'utf8')).toBe('mine\n');
  });

  test('never leads out: climbing and absolute names, links of the step’s and of the user’s, git’s folder', async () => {
    symlinkSync(outside, join(root, 'door'));
    const evil = ['../outside/x', '/tmp/x', 'door/x', 'door/victim', '.git/hooks/pre-commit', 'b/../../outside/x'];
    const changes: Body = [
      {
        type: 'changes',
        changed: evil.map((path) => [path, '100644', digest('x'), 1, '100644', digest('untouched\n')] as const),
        deleted: [
          ['door/victim', '100644', digest('untouched\n')],
          ['../outside/victim', '100644', digest('untouched\n')],
        ],
        unknown: [...evil, 'link'],
      },
    ];
    const made: Body = [
      {
        type: 'made',
        files: [
          ...evil.map((path) => [path, '100644', digest('x'), 1] as const),
          ['link', '120000', digest('../outside/victim'), 17],
        ],
        skipped: [],
      },
    ];
    const link = file('link', '../outside/victim', '120000');
    const back = await bringBack(await says(changes, made, link, ...end), host());
    expect({ files: back.files, deleted: back.deleted, conflicts: back.conflicts }).toEqual({
      files: [],
      deleted: [],
      conflicts: [],
    });
    expect([...new Set(back.refused.map(({ path }) => path))].sort()).toEqual([...evil, 'link'].sort());
    expect(readdirSync(root).sort()).toEqual(['a.py', 'door']);
  });

  test('is nothing when other bytes come than were announced, or a file that nobody wanted', async () => {
    const changes: Body = [
      { type: 'changes', ...none, changed: [['a.py', '100644', digest('step\n'), 5, '100644', digest('sent\n')]] },
    ];
    const back = await bringBack(await says(changes, noneMade, file('a.py', 'torn\0'), ...end), host());
    expect(back).toEqual({ files: [], deleted: [], conflicts: [], refused: [] });
    const unwanted = says([{ type: 'changes', ...none }], noneMade, file('a.py', 'evil\n'), ...end);
    await expect(bringBack(await unwanted, host())).rejects.toThrow('which nobody wanted');
    expect(readFileSync(join(root, 'a.py'), 'utf8')).toBe('sent\n');
    expect(readdirSync(root)).toEqual(['a.py']);
  });

  test('a file that became a folder, and a folder that became a file', async () => {
    mkdirSync(join(root, 'd'));
    writeFileSync(join(root, 'd', 'x'), 'sent\n');
    const changes: Body = [
      {
        type: 'changes',
        changed: [],
        deleted: [
          ['a.py', '100644', digest('sent\n')],
          ['d/x', '100644', digest('sent\n')],
        ],
        unknown: ['a.py/', 'd'],
      },
    ];
    const made: Body = [
      {
        type: 'made',
        files: [
          ['a.py/in', '100644', digest('in\n'), 3],
          ['d', '100644', digest('d\n'), 2],
        ],
        skipped: [],
      },
    ];
    const back = await bringBack(await says(changes, made, file('a.py/in', 'in\n'), file('d', 'd\n'), ...end), host());
    expect(back).toEqual({ files: ['a.py/in', 'd'], deleted: ['a.py', 'd/x'], conflicts: [], refused: [] });
    expect(readFileSync(join(root, 'd'), 'utf8')).toBe('d\n');
  });

  test('ends as a lost link when the other side is gone, with what it said last', async () => {
    const gone = says([{ type: 'changes', ...none }], [{ type: 'failed', code: 'ENOSPC', message: 'full' }]);
    const back = bringBack(await gone, host()).catch((error: unknown) => error);
    expect(await back).toBeInstanceOf(LinkLost);
    expect((await back) as LinkLost).toMatchObject({ failure: { reason: 'disk-full' } });
  });
});
