import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parity, scratchFolder, type Ended } from '../support/parity.ts';

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
  execFileSync('git', ['init', '-q', scratch.dir]);
  write('.gitignore', '.parity-cache\n.home\n');
});
afterEach(() => {
  scratch.remove();
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(scratch.dir, path)), { recursive: true });
  writeFileSync(join(scratch.dir, path), text);
}

function read(path: string): string {
  return readFileSync(join(scratch.dir, path), 'utf8');
}

async function doctor(...args: readonly string[]): Promise<Ended> {
  return await parity(['doctor', '--offline', ...args], { cwd: scratch.dir });
}

const hooks =
  'repos:\r\n  - repo: https://github.com/psf/black\r\n    rev: "24.1.0"  # keep with CI\r\n    hooks: [{ id: black }]\r\n';

const project =
  'version: 1\ntoolchain: { tools: [black==25.1.0] }\npipeline: [{ name: format, run: black --check . }]\n';
const say = 'say in parity.yaml which is right (parity init writes one): parity doctor --fix then rewrites the others';

function driftedRepository(): void {
  write('.pre-commit-config.yaml', hooks);
  write('requirements-dev.txt', 'black==25.1.0\nmypy==1.18.2\n');
  write('dienst ä/requirements-dev.txt', 'black==25.1.0  # "pinned"\n');
}

describe('parity doctor in a repository without any file of parity', () => {
  it('holds the places against the pin that most of them share, and says so', async () => {
    driftedRepository();
    const { code, stdout, stderr } = await doctor();
    expect(stdout).toBe(`black  held to 25.1.0 by requirements-dev.txt:1 (no lock has it)
  error    .pre-commit-config.yaml:3:11: rev of psf/black pins 24.1.0, requirements-dev.txt:1 has 25.1.0 PD001
  error    requirements-dev.txt:1:6: ==25.1.0 here, but 24.1.0 at .pre-commit-config.yaml:3 PD003
  → ${say}

not looked at: the image, the engine and this machine (--offline)

2 errors; 3 declaring files read
next: parity doctor --list-rules   says what each rule finds
`);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  });

  it('leaves out folders that parity.yaml excludes, unless the user stands in one', async () => {
    write('parity.yaml', project.replace('version: 1', 'version: 1\nexclude: ["samples/*", corpus]'));
    write('requirements-dev.txt', 'black==25.1.0\n');
    write('corpus/a/requirements.txt', 'black==24.1.0\n');
    write('samples/one/pyproject.toml', '[project]\nname = "one"\nversion = "1"\ndependencies = ["black==23.1.0"]\n');
    write('samples/one/requirements.txt', 'black==22.1.0\n');
    const { code, stdout } = await doctor();
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('2 declaring files read') });
    const inside = await parity(['doctor', '--offline'], { cwd: join(scratch.dir, 'samples/one') });
    expect(inside.stdout).toContain('4 declaring files read');
  });

  it('rewrites nothing that it chose only by counting', async () => {
    driftedRepository();
    const fixed = await doctor('--fix');
    expect({ code: fixed.code, stderr: fixed.stderr }).toEqual({
      code: 1,
      stderr: 'nothing that parity can rewrite for certain\n',
    });
    expect(read('.pre-commit-config.yaml')).toBe(hooks);
  });

  it('asks only the rules that are named, lists them all, and knows no others', async () => {
    driftedRepository();
    const one = await doctor('--rule', 'PD003', '--reporter', 'json');
    expect((JSON.parse(one.stdout) as { findings: { rule: string }[] }).findings.map(({ rule }) => rule)).toEqual([
      'PD003',
    ]);
    const listed = await doctor('--list-rules', '--reporter', 'json');
    const { rules } = JSON.parse(listed.stdout) as { rules: { id: string; severity: string; sentence: string }[] };
    expect(rules.map(({ id }) => id)).toEqual(rules.map(({ id }) => id).toSorted());
    expect(rules.every(({ sentence }) => /^[A-Z].*\.$/.test(sentence))).toBe(true);
    const unknown = await doctor('--rule', 'PD999');
    expect({ code: unknown.code, stderr: unknown.stderr }).toEqual({
      code: 2,
      stderr: 'error: there is no rule PD999\nnext: parity doctor --list-rules\n',
    });
  });

  it('writes SARIF beside the text, and GitHub annotations', async () => {
    driftedRepository();
    const { code } = await doctor('--report', 'sarif=out/doctor.sarif');
    expect(code).toBe(1);
    const { runs } = JSON.parse(read('out/doctor.sarif')) as { runs: { results: { ruleId: string }[] }[] };
    expect(runs[0]?.results.map(({ ruleId }) => ruleId)).toEqual(['PD001', 'PD003']);
    const github = await doctor('--reporter', 'github');
    expect(github.stdout.split('\n')[0]).toBe(
      `::error title=parity doctor PD001,file=.pre-commit-config.yaml,line=3,endLine=3,col=11,endColumn=17::rev of psf/black pins 24.1.0, requirements-dev.txt:1 has 25.1.0%0A${say}`,
    );
  });

  it('counts warnings for the exit code only with --strict', async () => {
    write('.github/workflows/ci.yml', 'on: push\njobs:\n  a:\n    steps:\n      - run: pip install black\n');
    expect((await doctor()).code).toBe(0);
    expect((await doctor('--strict')).code).toBe(1);
  });
});

describe('parity doctor and parity.yaml', () => {
  it('rewrites with --fix what it can, shows the diff, and finds nothing the second time', async () => {
    driftedRepository();
    write('parity.yaml', project);
    chmodSync(join(scratch.dir, '.pre-commit-config.yaml'), 0o640);
    const dry = await doctor('--fix', '--dry-run');
    expect(read('.pre-commit-config.yaml')).toBe(hooks);
    expect(dry.code).toBe(1);
    const fixed = await doctor('--fix');
    expect(fixed.stderr).toBe(`--- a/.pre-commit-config.yaml
+++ b/.pre-commit-config.yaml
@@ -2,3 +2,3 @@
   - repo: https://github.com/psf/black\r
-    rev: "24.1.0"  # keep with CI\r
+    rev: "25.1.0"  # keep with CI\r
     hooks: [{ id: black }]
1 pin rewritten
`);
    expect(fixed.stdout).toBe(`not looked at: the image, the engine and this machine (--offline)

nothing drifts; 4 declaring files read
`);
    expect(fixed.code).toBe(0);
    expect(read('.pre-commit-config.yaml')).toBe(hooks.replace('24.1.0', '25.1.0'));
    expect(statSync(join(scratch.dir, '.pre-commit-config.yaml')).mode & 0o777).toBe(0o640);
    const again = await doctor('--fix');
    expect({ code: again.code, stderr: again.stderr }).toEqual({
      code: 0,
      stderr: 'nothing that parity can rewrite for certain\n',
    });
  });

  it('leaves out what is ignored for a reason, counts it, and gives findings to the nearest project', async () => {
    driftedRepository();
    write(
      'parity.yaml',
      `version: 1
pipeline: [{ name: format, run: black --check . }]
doctor:
  ignore:
    - { rule: PD001, path: .pre-commit-config.yaml, reason: moves next week }
`,
    );
    write('api/parity.yaml', 'version: 1\npipeline: [{ name: format, run: black --check . }]\n');
    write('api/requirements.txt', 'black==22.1.0\n');
    write('api/sub/requirements.txt', 'black==25.9.0\n');
    const { stdout } = await doctor();
    expect(stdout).toContain('1 ignored by parity.yaml');
    const { stdout: json } = await doctor('--reporter', 'json');
    const { findings } = JSON.parse(json) as {
      findings: { project: string; rule: string; location: { file: string } }[];
    };
    expect(findings.map(({ project, rule, location }) => [project, rule, location.file])).toEqual([
      ['.', 'PD003', 'requirements-dev.txt'],
      ['api', 'PD003', 'api/requirements.txt'],
      ['api', 'PD001', 'api/sub/requirements.txt'],
    ]);
  });

  it('says where parity.yaml itself is wrong', async () => {
    write('parity.yaml', 'version: 1\ndoctor:\n  ignore:\n    - rule: PD001\n');
    const { code, stderr } = await doctor();
    expect(code).toBe(2);
    expect(stderr).toContain('parity.yaml:4:7: error: this item has no `reason`');
  });
});

describe('parity doctor in a repository with a lock file of another tool', () => {
  it('says at the line of pyproject.toml what uv.lock does not have, and nothing once it is there', async () => {
    const entry = (more: string): string =>
      `version = 1\nrequires-python = "==3.11.*"\n\n[[package]]\nname = "quay"\nversion = "1.0.0"\nsource = { editable = "." }\n\n[package.metadata]\nrequires-dist = [\n    { name = "attrs", specifier = "==25.3.0" },\n${more}]\n`;
    write(
      'pyproject.toml',
      '[project]\nname = "quay"\nversion = "1.0.0"\nrequires-python = ">=3.11,<3.12"\ndependencies = ["attrs==25.3.0", "tomli-w==1.2.0"]\n',
    );
    write('uv.lock', entry(''));
    const { code, stdout } = await doctor();
    expect(stdout).toBe(`files
  error    pyproject.toml:5:34: uv.lock is out of step with pyproject.toml: it does not have tomli-w PD014
  → uv lock, and commit uv.lock

not looked at: the image, the engine and this machine (--offline)

1 error; 2 declaring files read
next: parity doctor --list-rules   says what each rule finds
`);
    expect(code).toBe(1);
    write('uv.lock', entry('    { name = "tomli-w", specifier = "==1.2.0" },\n'));
    expect((await doctor()).code).toBe(0);
  });
});

describe('parity doctor in a repository with a UI', () => {
  it('names a lock file out of step, imports that CI will not find, and types that no step checks', async () => {
    write('parity.yaml', 'version: 1\npipeline: [{ name: ui-build, cwd: ui, run: npx vite build }]\n');
    write('ui/package.json', '{ "dependencies": { "react": "^19.0.0" } }\n');
    write('ui/package-lock.json', '{ "lockfileVersion": 3, "packages": { "": {} } }\n');
    write('ui/tsconfig.json', '{}\n');
    write('ui/App.tsx', "import { Table } from './table';\nimport { Row } from './Row';\n");
    write('ui/Table.tsx', '');
    execFileSync('git', ['add', '-A'], { cwd: scratch.dir });
    write('ui/Row.tsx', '');
    const { code, stdout } = await doctor('--rule', 'PD014', 'PD015', 'PD016', 'PD025');
    expect(stdout).toBe(`files
  error    ui/App.tsx:1:24: ./table is ui/Table.tsx in git: CI tells capital letters from small ones PD016
  error    ui/package.json:1:31: ui/package-lock.json is out of step with ui/package.json: it has no react PD014
  warning  ui/App.tsx:2:22: ./Row is ui/Row.tsx, which exists here but is not committed PD015
  warning  ui/tsconfig.json:1:1: ui/tsconfig.json is there, and no step runs tsc PD025
  → write the name as git has it, or rename the file: git mv
  → cd ui && npm install --package-lock-only, and commit package-lock.json
  → git add ui/Row.tsx
  → add to parity.yaml, after the step that installs: - { name: ui-types, cwd: "ui", run: npx tsc --noEmit }

2 errors, 2 warnings; 3 declaring files read
next: parity doctor --list-rules   says what each rule finds
`);
    expect(code).toBe(1);
  });
});
