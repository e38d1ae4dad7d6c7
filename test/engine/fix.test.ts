import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startAtTerminal } from '../support/at-terminal.ts';
import { engineTest } from '../support/engine-test.ts';
import { commitAll, containerIdsOf, git, until } from '../support/environment.ts';
import { parity, startParity, type Ended } from '../support/parity.ts';
import { addFiles } from '../support/repo.ts';

const { address, engine, makeProject, test } = engineTest();
const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60' };

// A formatter in a few lines: quotes become double ones; line endings are none of its business, and what it can't read fails it.
const formatter = `import pathlib, sys
failed = False
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.py")):
    data = path.read_bytes()
    if b"<<<<" in data:
        print(f"cannot format {path}", file=sys.stderr)
        failed = True
    elif b"'" in data:
        path.write_bytes(data.replace(b"'", b'"'))
        print(f"reformatted {path}", file=sys.stderr)
sys.exit(123 if failed else 0)
`;
const pipeline = `  - { name: format, run: "! grep -rn \\"'\\" core", fix: python3 tools/format.py core }
  - { name: names, run: "true", fix: "git mv -f core/old.py core/new.py 2>/dev/null || true; chmod +x core/tool.sh" }
  - { name: tests, run: "true" }
`;

async function project(files: Readonly<Record<string, string>>, steps = pipeline): Promise<string> {
  const dir = await makeProject(steps, { name: 'a shop ü' });
  addFiles(dir, { '.gitignore': '/.parity-cache/\n/.home/\n*.log\n', 'tools/format.py': formatter, ...files });
  commitAll(dir);
  return dir;
}

const fix = (dir: string, ...args: readonly string[]): Promise<Ended> => parity(['fix', ...args], { cwd: dir, env });
const text = (dir: string, path: string): string => readFileSync(join(dir, path), 'utf8');

test('without a terminal it shows what would change and writes nothing; --yes writes it; then there is nothing to fix', async () => {
  const dir = await project({
    'core/a.py': "x = 'a'\n",
    'core/my tools/ü.py': "y = 'b'\r\nz = 1\r\n",
    'core/old.py': 'old = 1\n',
    'core/tool.sh': 'echo\n',
  });
  // What is not committed counts as what is; what git ignores does not.
  addFiles(dir, { 'core/untracked.py': "n = 'new'\n", 'core/x.log': "'\n" });
  const before = git(dir, 'status', '--porcelain');
  const up = await parity(['up', 'tests'], { cwd: dir, env });
  expect(up.code).toBe(0);
  const warm = await containerIdsOf(engine, dir);

  const shown = await fix(dir);
  expect({ code: shown.code, stdout: shown.stdout }).toEqual({
    code: 1,
    stdout: `format: python3 tools/format.py core
  modified   core/a.py           +1 -1
  modified   core/my tools/ü.py  +1 -1
  modified   core/untracked.py   +1 -1

names: git mv -f core/old.py core/new.py 2>/dev/null || true; chmod +x core/tool.sh
  added      core/new.py   +1 -0
  deleted    core/old.py   +0 -1
  modified   core/tool.sh  +0 -0  mode 100644 → 100755

diff --git a/core/a.py b/core/a.py
--- a/core/a.py
+++ b/core/a.py
@@ -1 +1 @@
-x = 'a'
+x = "a"
diff --git a/core/my tools/ü.py b/core/my tools/ü.py
--- a/core/my tools/ü.py\t
+++ b/core/my tools/ü.py\t
@@ -1,2 +1,2 @@
-y = 'b'
+y = "b"
 z = 1
diff --git a/core/new.py b/core/new.py
new file mode 100644
--- /dev/null
+++ b/core/new.py
@@ -0,0 +1 @@
+old = 1
diff --git a/core/old.py b/core/old.py
deleted file mode 100644
--- a/core/old.py
+++ /dev/null
@@ -1 +0,0 @@
-old = 1
diff --git a/core/tool.sh b/core/tool.sh
old mode 100644
new mode 100755
diff --git a/core/untracked.py b/core/untracked.py
--- a/core/untracked.py
+++ b/core/untracked.py
@@ -1 +1 @@
-n = 'new'
+n = "new"

6 files would change; nothing is written
no fix command: tests
next: parity fix --yes
`,
  });
  expect(git(dir, 'status', '--porcelain')).toBe(before);
  // The containers that steps run in stay warm.
  expect(await containerIdsOf(engine, dir)).toEqual(expect.arrayContaining([...warm]));

  const json = await fix(dir, 'format', '--check', '--reporter', 'json');
  expect(json.code).toBe(1);
  const report = JSON.parse(json.stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, never>;
  expect(report).toMatchObject({
    type: 'fix',
    outcome: 'proposed',
    summary: { files: 3, written: 0, failedSteps: 0 },
    withoutFix: [],
  });

  const written = await fix(dir, '--yes', '--quiet');
  expect({ code: written.code, stdout: written.stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/\n6 files written\nno fix command: tests\n$/),
  });
  expect(text(dir, 'core/my tools/ü.py')).toBe('y = "b"\r\nz = 1\r\n');
  expect(text(dir, 'core/untracked.py')).toBe('n = "new"\n');
  expect(text(dir, 'core/x.log')).toBe("'\n");
  expect([existsSync(join(dir, 'core/old.py')), text(dir, 'core/new.py')]).toEqual([false, 'old = 1\n']);
  expect(statSync(join(dir, 'core/tool.sh')).mode & 0o111).toBe(0o111);
  // The index is the user's own.
  expect(git(dir, 'diff', '--cached', '--name-only')).toBe('');

  const again = await fix(dir);
  expect({ code: again.code, end: again.stdout.slice(again.stdout.indexOf('nothing to')) }).toEqual({
    code: 0,
    end: 'nothing to fix\nno fix command: tests\n',
  });
});

test('files that somebody is in the middle of are left by --yes, and written by --in-progress; a failing command is told', async () => {
  const dir = await project({ 'core/a.py': 'a = 1\n', 'core/b.py': 'b = 1\n', 'core/c.py': 'c = 1\n' });
  git(dir, 'switch', '--quiet', '--create', 'other');
  addFiles(dir, { 'core/c.py': "c = 'theirs'\n" });
  git(dir, 'commit', '--quiet', '--all', '--message', 'theirs');
  git(dir, 'switch', '--quiet', 'main');
  addFiles(dir, { 'core/c.py': "c = 'ours'\n" });
  git(dir, 'commit', '--quiet', '--all', '--message', 'ours');
  expect(() => git(dir, 'merge', '--quiet', 'other')).toThrow();
  addFiles(dir, { 'core/a.py': "a = 'staged'\n", 'core/b.py': "b = 'edited'\n" });
  git(dir, 'add', 'core/a.py');
  addFiles(dir, { 'core/a.py': "a = 'edited'\n" });

  const first = await fix(dir, 'format', '--yes');
  expect(first.code).toBe(1);
  expect(first.stdout).toContain('format: python3 tools/format.py core   exit code 123\n');
  expect(first.stdout).toContain('  | cannot format core/c.py\n');
  expect(first.stdout).toContain('core/a.py  +1 -1  (staged, and changed again since)\n');
  expect(first.stdout.slice(first.stdout.indexOf('1 file written'))).toBe(
    `1 file written; format failed
left as it is: core/a.py (staged, and changed again since)
next: parity fix format --yes --in-progress   (with files that you are in the middle of)
`,
  );
  expect([text(dir, 'core/a.py'), text(dir, 'core/b.py')]).toEqual(["a = 'edited'\n", 'b = "edited"\n']);

  // Resolved in the file, and not yet for git.
  addFiles(dir, { 'core/c.py': "c = 'both'\n" });
  const second = await fix(dir, 'format', '--yes', '--in-progress');
  expect({ code: second.code, end: second.stdout.trimEnd().split('\n').at(-1) }).toEqual({
    code: 0,
    end: '2 files written',
  });
  expect([text(dir, 'core/a.py'), text(dir, 'core/c.py')]).toEqual(['a = "edited"\n', 'c = "both"\n']);
  expect(git(dir, 'show', ':core/a.py')).toBe("a = 'staged'\n");
});

test('a file that is saved here while its fix runs stays as it was saved', async () => {
  // The command waits for a sign that is not in the workspace; a folder of the steps' own cache is shared by all their containers.
  const waits =
    'touch /parity/cache/begun; until [ -e /parity/cache/go ]; do sleep 0.05; done; python3 tools/format.py core';
  const dir = await project(
    { 'core/a.py': "a = 'x'\n", 'core/b.py': "b = 'x'\n" },
    `  - { name: format, run: "true", fix: "${waits}" }\n`,
  );
  const run = startParity(['fix', '--yes'], { cwd: dir, env });
  const inside = (script: string): Promise<Ended> => parity(['run', '--', 'sh', '-c', script], { cwd: dir, env });
  await until(
    () => inside('test -e /parity/cache/begun'),
    ({ code }) => code === 0,
    60_000,
  );
  writeFileSync(join(dir, 'core/a.py'), "a = 'saved'\n");
  await inside('touch /parity/cache/go');
  const { code, stdout } = await run.ended;
  expect({ code, end: stdout.slice(stdout.indexOf('1 file written')) }).toEqual({
    code: 1,
    end: '1 file written\nleft as it is: core/a.py (changed here meanwhile)\nnext: parity fix   (on the files as they are now)\n',
  });
  expect([text(dir, 'core/a.py'), text(dir, 'core/b.py')]).toEqual(["a = 'saved'\n", 'b = "x"\n']);
});

test('at a terminal it asks: no writes nothing, yes writes, and what is in progress is asked for by itself; Ctrl-C is 130', async () => {
  const dir = await project({ 'core/a.py': "a = 'x'\n", 'core/b.py': 'b = 1\n' });
  addFiles(dir, { 'core/b.py': "b = 'staged'\n" });
  git(dir, 'add', '.');
  addFiles(dir, { 'core/b.py': "b = 'edited'\n" });
  const at = (): ReturnType<typeof startAtTerminal> => startAtTerminal('fix format', { cwd: dir, env });

  const declined = at();
  await declined.sees('write 1 file? [y/N] ');
  declined.type('\r');
  await declined.sees('write also core/b.py, staged and changed again since, or in conflict? [y/N] ');
  declined.type('n\r');
  expect((await declined.ended).code).toBe(1);
  const stopped = at();
  await stopped.sees('write 1 file? [y/N] ');
  stopped.type('\x03');
  expect((await stopped.ended).code).toBe(130);
  expect([text(dir, 'core/a.py'), text(dir, 'core/b.py')]).toEqual(["a = 'x'\n", "b = 'edited'\n"]);

  const taken = at();
  await taken.sees('write 1 file? [y/N] ');
  taken.type('y\r');
  await taken.sees('[y/N] ');
  taken.type('\r');
  expect((await taken.ended).code).toBe(1);
  expect([text(dir, 'core/a.py'), text(dir, 'core/b.py')]).toEqual(['a = "x"\n', "b = 'edited'\n"]);
});

test('says which steps there are to fix, without an engine', async () => {
  const dir = await project({ 'core/a.py': 'a\n' });
  const nowhere = { DOCKER_HOST: 'unix:///nonexistent/engine.sock' };
  const asked = async (...args: readonly string[]): Promise<readonly [number | null, string]> => {
    const { code, stderr } = await parity(['fix', ...args], { cwd: dir, env: nowhere });
    return [code, stderr];
  };
  expect(await asked('tests')).toEqual([2, expect.stringContaining('the step tests has no fix command')]);
  expect(await asked('fromat')).toEqual([2, expect.stringContaining('format')]);
  expect(await asked('--yes', '--check')).toEqual([2, expect.stringContaining('--check and --yes do not go together')]);
  expect((await asked('format'))[0]).toBe(3);
});
