import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import pkg from '../../package.json' with { type: 'json' };
import { parity, parityBin, scratchFolder, scrubbedEnv, type Ended } from '../support/parity.ts';

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
  mkdirSync(join(scratch.dir, '.git'));
});
afterEach(() => {
  scratch.remove();
});

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  parity(args, { cwd: scratch.dir, env });
const noEngine = { DOCKER_HOST: 'unix:///nonexistent/engine.sock' };

describe('the command line', () => {
  it('prints its version and its help on stdout, with an example for every command', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, signal: null, stdout: `${pkg.version}\n`, stderr: '' });
    const help = await run(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('parity run -- mypy --version');
    const commands = [...help.stdout.matchAll(/^ {2}([a-z]+)\b(?= .*)/gm)]
      .map(([, name]) => name ?? '')
      .filter((name) => name !== 'parity');
    expect(commands).toContain('up');
    for (const command of commands) {
      const { code, stdout } = await run([command, '--help']);
      expect([command, code]).toEqual([command, 0]);
      expect(stdout).toContain(`Example:\n  parity ${command}`);
    }
  });

  it.each([
    ['an unknown command', ['upp'], "error: unknown command 'upp'\n(Did you mean up?)\n"],
    ['an unknown option', ['up', '--jbos', '2'], "error: unknown option '--jbos'\n(Did you mean --jobs?)\n"],
    ['a bad number', ['up', '--jobs', 'many'], "argument 'many' is invalid. It must be a whole number from 1."],
    ['a bad reporter', ['up', '--reporter', 'loud'], 'Allowed choices are auto, live, plain, json, github.'],
    ['a report without a file', ['up', '--report', 'junit'], 'Write it as KIND=FILE.'],
    ['a report that this command cannot write', ['run', '--report', 'junit=x.xml', 'true'], 'writes no junit report'],
    ['a report of an unknown kind', ['up', '--report', 'pdf=x'], 'it writes junit, sarif, html, receipt'],
    [
      'a kind of report given twice',
      ['up', '--report', 'html=a', '--report', 'html=b'],
      '--report html= is given twice',
    ],
    [
      'two reports in one file',
      ['up', '--report', 'html=a', '--report', 'junit=./a'],
      'two reports would be written to',
    ],
    ['a report in place of a folder', ['up', '--report', 'html=.'], "can't be written: it is a folder"],
    ['a report in place of a device', ['up', '--report', 'html=/dev/stdout'], 'it is no ordinary file'],
    ['a live reporter without a terminal', ['up', '--reporter', 'live'], '--reporter live needs a terminal'],
    ['watching a cold run', ['up', '--watch', '--cold'], '--watch and --cold do not go together'],
    ['watching a shard', ['up', '--watch', '--shard', '1/2'], '--watch and --shard do not go together'],
    ['repeating a watch', ['up', '--watch', '--repeat', '3'], '--watch and --repeat do not go together'],
    ['repeating a shard', ['up', '--repeat', '3', '--shard', '1/2'], '--repeat and --shard do not go together'],
    ['no repetition', ['up', '--repeat', '0'], 'It must be a whole number from 1 to 1000.'],
    ['reports of what never ends', ['up', '--watch', '--report', 'junit=x'], '--watch and --report do not go together'],
    ['a folder that is not there', ['up', '--cwd', 'nowhere'], 'nowhere does not exist'],
  ])('exits 2 for %s and says what would be right', async (_, args, told) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(told);
  });

  it('shows the help and exits 2 when nothing is asked', async () => {
    const { code, stdout, stderr } = await run([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: parity');
  });
});

describe('what stops a run before it starts', () => {
  const config = (text: string): void => writeFileSync(join(scratch.dir, 'parity.yaml'), text);

  it('shows every mistake of parity.yaml with its place, and exits 2', async () => {
    config('version: 1\npipeline:\n  - name: lint\n    rnu: flake8\n    run: flake8\n    needs: [lnit]\n');
    const { code, stdout, stderr } = await run(['up'], noEngine);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(`parity.yaml:4:5: error: a step has no key \`rnu\`
 4 |     rnu: flake8
   |     ^^^
   = \`run\` is there already; known here: name, run, uses, fix, onFailure, cwd, env, passEnv, secrets, job, toolchain, needs, inputs, volumes, network, cache, split, timeout, always, allowFailure

parity.yaml:6:13: error: no step is called \`lnit\`
 6 |     needs: [lnit]
   |             ^^^^
   = there is no other step

error: parity.yaml has 2 mistakes
`);
  });

  it('names the steps that there are when one is unknown', async () => {
    config('version: 1\npipeline:\n  - name: lint\n    run: "true"\n');
    const { code, stderr } = await run(['up', 'lnt'], noEngine);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'error: no step is called `lnt` (did you mean `lint`?)\n  the steps are: lint\nnext: parity up lint\n',
    );
  });

  it('exits 3 without an engine, naming the socket and what to do', async () => {
    config('version: 1\npipeline:\n  - name: lint\n    run: "true"\n');
    const { code, stdout, stderr } = await run(['up'], noEngine);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('/nonexistent/engine.sock');
    expect(stderr).toMatch(/^next: /m);
  });

  it('writes the reports even so, in place of what an earlier run left', async () => {
    config('version: 1\npipeline:\n  - name: lint\n    rnu: flake8\n');
    writeFileSync(join(scratch.dir, 'receipt.json'), 'of yesterday');
    const reports = ['--report', 'junit=out/new/junit.xml', '--report', 'html=out/run.html'];
    const { code, stderr } = await run(['up', ...reports, '--report', 'receipt=receipt.json'], noEngine);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^warning: there is no receipt to write to .*receipt\.json: the run ended before it had one$/m,
    );
    expect(existsSync(join(scratch.dir, 'receipt.json'))).toBe(false);
    const junit = readFileSync(join(scratch.dir, 'out/new/junit.xml'), 'utf8');
    expect(junit).toContain('<error message="parity.yaml has 2 mistakes" type="config-invalid">');
    expect(junit).toContain('parity.yaml:4:5: a step has no key `rnu`');
    expect(readFileSync(join(scratch.dir, 'out/run.html'), 'utf8')).toContain('Why it could not go on');
  });

  it('says before the run that a report can’t be written', async () => {
    config('version: 1\npipeline:\n  - name: lint\n    run: "true"\n');
    writeFileSync(join(scratch.dir, 'file'), '');
    const { code, stdout, stderr } = await run(['up', '--report', 'junit=file/junit.xml'], noEngine);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^error: the junit report .*file\/junit\.xml can't be written: ENOTDIR/);
  });

  it('speaks to GitHub’s runner where it is: the mistake stands at its line of the repository', async () => {
    mkdirSync(join(scratch.dir, 'shop'));
    writeFileSync(join(scratch.dir, 'shop', 'parity.yaml'), 'version: 1\npipeline:\n  - name: lint\n    rnu: flake8\n');
    const summary = join(scratch.dir, 'summary.md');
    const runner = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: scratch.dir, GITHUB_STEP_SUMMARY: summary };
    const { code, stdout } = await run(['up', '--cwd', 'shop'], { ...noEngine, ...runner });
    expect(code).toBe(2);
    expect(stdout).toBe(
      '::error title=parity missing-key,file=shop/parity.yaml,line=3,endLine=3,col=5,endColumn=15::this step has no `run`%0Aadd `run: pytest -q`\n' +
        '::error title=parity unknown-key,file=shop/parity.yaml,line=4,endLine=4,col=5,endColumn=8::a step has no key `rnu`%0Adid you mean `run`?\n',
    );
    expect(readFileSync(summary, 'utf8')).toMatch(/^## ❌ parity: could not go on\nparity\.yaml has /);
    const plain = await run(['up', '--cwd', 'shop', '--reporter', 'plain'], { ...noEngine, ...runner });
    expect(plain.stdout).toBe('');
  });

  it('ends a json stream with run-finished whatever went wrong', async () => {
    config('version: 1\npipeline:\n  - name: lint\n    run: "true"\n');
    const { code, stdout, stderr } = await run(['up', '--reporter', 'json'], noEngine);
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; outcome?: string; failure?: { reason: string } });
    expect(events.at(-1)).toMatchObject({ type: 'run-finished', outcome: 'failed' });
    expect(events.at(-1)?.failure?.reason).toMatch(/^engine-/);
  });
});

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }[];
}

describe('the process', () => {
  it('survives a reader that goes away', () => {
    const shell = `node "$BIN" --help | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', shell], {
      cwd: scratch.dir,
      env: { ...scrubbedEnv({ cwd: scratch.dir }), BIN: parityBin },
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).toEqual({ stdout: 'Usage: parity [options] [command]\n0\n', stderr: '' });
  });

  it.each([['--help'], ['--version'], ['up', '--help']])(
    'loads no engine, parser or spinner for %s',
    async (...args) => {
      // What of a file has run, V8 itself tells. A package's module is a function with the module's name.
      const coverage = join(scratch.dir, 'coverage');
      rmSync(coverage, { recursive: true, force: true });
      const { code } = await parity(args, { cwd: scratch.dir, env: { NODE_V8_COVERAGE: coverage } });
      expect(code).toBe(0);
      const [file = ''] = readdirSync(coverage);
      const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as Coverage;
      const functions = result.find(({ url }) => url.endsWith('/dist/main.cjs'))?.functions ?? [];
      const runs = (name: string): readonly boolean[] =>
        functions
          .filter(({ functionName }) => functionName.startsWith(`node_modules/${name}/`))
          .map(({ ranges }) => (ranges[0]?.count ?? 0) > 0);
      expect(runs('commander')).toContain(true);
      expect(new Set(runs('ora'))).toEqual(new Set([false]));
      // Everything that does something is in the other files.
      expect(result.filter(({ url }) => /\/dist\/(?:run|commands)\.cjs$/.test(url))).toEqual([]);
      const commands = readFileSync(join(dirname(parityBin), '../dist/commands.cjs'), 'utf8');
      for (const name of ['dockerode', 'docker-modem', 'yaml', 'zod'])
        expect(commands).toContain(`node_modules/${name}/`);
    },
  );
});
