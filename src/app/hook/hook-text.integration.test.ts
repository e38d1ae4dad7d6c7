import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderOf } from '../../../test/support/repo.ts';
import { hasHook, hookLines, withHook, withoutHook, type HookCall } from './hook-text.ts';

const call: HookCall = { project: '', isShared: false };
const lines = hookLines(call);

test.each([
  ['a plain one', '#!/bin/sh\necho mine\n'],
  ['bash, no final newline', '#!/usr/bin/env bash\nset -euo pipefail\nexec make check'],
  ['only its first line', '#!/bin/sh'],
  ['only its first line, ended', '#!/bin/sh\n'],
  ['no first line', 'echo mine\n'],
  ['empty', ''],
  ['CRLF after the first line', '#!/bin/sh\n# from Windows\r\necho mine\r\n'],
  ['bytes that are no text', '#!/bin/sh\necho "\u00e9\u00ff"\n'],
  ['options of env', '#!/usr/bin/env -S bash -e\n:\n'],
])('a hook that is there gets the lines, once, and is given back byte for byte: %s', (_what, mine) => {
  const with_ = withHook(mine, lines) ?? '';
  expect(with_).not.toBe(mine);
  expect(hasHook(with_)).toBe(true);
  expect(withHook(with_, lines)).toBe(with_);
  expect(withHook(with_, hookLines({ ...call, project: 'core' }))).not.toBe(with_);
  expect(withoutHook(with_)).toBe(mine);
  expect(withoutHook(mine)).toBe(mine);
});

test('a hook that parity makes is taken away whole', () => {
  const made = withHook(undefined, lines) ?? '';
  expect(made.startsWith('#!/bin/sh\n')).toBe(true);
  expect(withHook(made, lines)).toBe(made);
  expect(withoutHook(made)).toBeUndefined();
});

test.each(['#!/usr/bin/env python3\n', '#!/usr/bin/node\n', '#!/usr/bin/env fish\n', '\u007fELF\0'])(
  'a hook that no POSIX shell reads is left alone: %j',
  (mine) => expect(withHook(mine, lines)).toBeUndefined(),
);

describe.each(['dash', 'bash', 'bash -euo pipefail'])('run by %s', (shell) => {
  const refs = 'refs/heads/main 1a refs/heads/main 00\nrefs/heads/b 2b refs/heads/b 00\n';

  /** Runs a hook that was there before, with parity's lines, in a folder with a parity that notes what it got and exits. */
  function run(
    options: Partial<HookCall> & {
      readonly exit?: number;
      readonly input?: string;
      readonly mine?: string;
      readonly missing?: true;
    },
  ): { readonly status: number | null; readonly stdout: string; readonly stderr: string; readonly parity: string } {
    const dir = folderOf({
      'bin/parity': `#!/bin/sh\n{ echo "$@"; cat; } >'said'\nexit ${options.exit ?? 0}\n`,
      'core/x': '',
    });
    chmodSync(join(dir, 'bin/parity'), 0o755);
    const mine = options.mine ?? '#!/bin/sh\necho "mine: $*"\nexec cat\n';
    const text = withHook(mine, hookLines({ project: '', isShared: false, ...options })) ?? '';
    writeFileSync(join(dir, 'hook'), text);
    const [program = '', ...flags] = shell.split(' ');
    const bin = options.missing === true ? '' : `${join(dir, 'bin')}:`;
    const { status, stdout, stderr } = spawnSync(program, [...flags, 'hook', 'origin', 'a b'], {
      cwd: dir,
      encoding: 'utf8',
      input: options.input ?? refs,
      env: { PATH: `${bin}/usr/bin:/bin` },
    });
    const said = join(dir, 'said');
    return { status, stdout, stderr, parity: existsSync(said) ? readFileSync(said, 'utf8') : '' };
  }

  test('parity gets arguments and refs, and so does what follows', () => {
    expect(run({})).toEqual({
      status: 0,
      stdout: `mine: origin a b\n${refs}`,
      stderr: '',
      parity: `preflight --hook pre-push origin a b\n${refs}`,
    });
  });

  test('a refusal ends the hook with its exit code', () => {
    expect(run({ exit: 3 })).toMatchObject({ status: 3, stdout: '' });
  });

  test('nothing to push', () => {
    expect(run({ input: '' })).toMatchObject({ status: 0, stdout: 'mine: origin a b\n' });
  });

  test('a parity that is gone refuses and says how to push all the same', () => {
    expect(run({ missing: true })).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'parity is not to be found, so this push was not checked and is refused.\nInstall parity, or push without the check: git push --no-verify\n',
      parity: '',
    });
  });

  test('the installation that wrote it comes first, then that of the PATH', () => {
    const node = execFileSync('sh', ['-c', 'command -v sh'], { encoding: 'utf8' }).trim();
    const dir = folderOf({ "it's here/parity.js": 'echo installed "$@"; cat >/dev/null\n' });
    const bin = join(dir, "it's here/parity.js");
    expect(run({ installed: { node, bin } })).toMatchObject({
      status: 0,
      stdout: `installed preflight --hook pre-push origin a b\nmine: origin a b\n${refs}`,
    });
    expect(run({ installed: { node, bin: `${bin}.gone` } }).parity).toContain('preflight --hook pre-push');
  });

  test('in a project’s folder, and not where that is missing', () => {
    expect(run({ project: 'core' }).parity).toContain('--cwd core preflight --hook pre-push');
    expect(run({ project: 'other', exit: 1 })).toMatchObject({ status: 0, parity: '' });
  });

  test('shared with other repositories: only those with parity’s files are checked', () => {
    expect(run({ isShared: true, exit: 1 })).toMatchObject({ status: 0, parity: '' });
  });
});
