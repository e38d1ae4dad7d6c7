import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { boundFolders } from './folder-identity.ts';

test('a folder is known by device and inode: its content and name do not count, another folder of the name does', () => {
  const root = mkdtempSync(join(tmpdir(), 'parity-identity-'));
  try {
    const source = join(root, 'shop');
    mkdirSync(source);
    const identity = (): readonly string[] =>
      boundFolders([
        { type: 'bind', source, target: '/workspace' },
        { type: 'volume', source: 'a-volume', target: '/parity/cache' },
      ]);
    const first = identity();
    expect(first).toEqual([expect.stringMatching(/^\d+:\d+$/)]);
    writeFileSync(join(source, 'new.txt'), 'new');
    expect(identity()).toEqual(first);
    renameSync(source, join(root, 'aside'));
    expect(identity()).toEqual(['']);
    mkdirSync(source);
    const second = identity();
    expect(second).not.toEqual(first);
    rmSync(source, { recursive: true });
    renameSync(join(root, 'aside'), source);
    expect(identity()).toEqual(first);
  } finally {
    rmSync(root, { recursive: true });
  }
});
