import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DecidedStep } from '../decided-pipeline.ts';
import { splitScript } from './split-script.ts';

const place = { file: 'ci.yml', span: { line: 1, column: 1, endLine: 1, endColumn: 2 } };

function pieces(script: string): readonly string[] {
  const step: DecidedStep = {
    place,
    job: 'a',
    script,
    env: {},
    passEnv: [],
    secrets: [],
    cwd: '.',
    pipefail: true,
    tools: [],
    always: false,
  };
  return splitScript(step, { files: [], readText: () => undefined, usedOutputs: new Set() }).pieces.map(
    (piece) => piece.script,
  );
}

/** The first of the scripts that bash can't read; undefined when it can read each. One bash reads them all. */
function broken(scripts: readonly string[]): string | undefined {
  const read = spawnSync(
    'bash',
    ['-c', 'while IFS= read -r -d "" s; do bash -nc "$s" 2>/dev/null || printf "%s\\0" "$s"; done'],
    {
      input: scripts.map((script) => `${script}\0`).join(''),
      encoding: 'utf8',
    },
  );
  if (read.error !== undefined) throw read.error;
  return read.stdout === '' ? undefined : read.stdout.split('\0')[0];
}

const command = fc.constantFrom(
  'pytest -q',
  'pip install -e ".[dev]"',
  'uv sync',
  'python -m pip install x',
  'echo "a; b && c"',
  'cd src',
  'npm ci',
  'sudo -H apt-get install -y jq',
  'env X=y make',
  'X=1',
  'X="$(git describe | tail -1)"',
  'FLAGS=(-a "b c")',
  '[[ -f x && $Y == *.py ]]',
  '[ -n "$X" ]',
  '(( N++ ))',
  'cat <<EOF > x\none; `two` $(three) "\nEOF\n',
  "cat <<-'E'\n\tif x; then\n\tE\n",
  'poetry run mypy "${X:-a b}"',
  'tee <<< "$X"',
  'echo "a=b" >> "$GITHUB_OUTPUT"',
  'diff <(a) <(b)',
  ': # only words',
  'echo ${{ matrix.x }}',
);
/** A list of commands ends with a line break, since a here-document may be its last. */
const script = fc.letrec<{ readonly list: string; readonly statement: string; readonly chain: string }>((tie) => ({
  chain: fc
    .array(fc.tuple(command, fc.constantFrom(' && ', ' || ', ' | ')), { minLength: 1, maxLength: 3 })
    .map((all) => {
      // What ends with lines of its own ends the chain.
      const until = all.findIndex(([text]) => /[\n#]/.test(text));
      const used = until < 0 ? all : all.slice(0, until + 1);
      return used.map(([text, joint], at) => (at === used.length - 1 ? text : `${text}${joint}`)).join('');
    }),
  statement: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('chain'),
    tie('list').map((body) => `if [ -f x ]; then\n  ${body}fi`),
    tie('list').map((body) => `for f in *.py; do\n${body}done`),
    tie('list').map((body) => `case "$X" in\n  a|b)\n${body}    ;;\n  *) : ;;\nesac`),
    tie('list').map((body) => `run() {\n${body}}`),
    tie('list').map((body) => `(\n${body})`),
    tie('list').map((body) => `{\n${body}} | tee out`),
    tie('chain').map((body) => (/[\n#]/.test(body) ? body : `${body} &`)),
  ),
  list: fc.array(tie('statement'), { minLength: 1, maxLength: 3 }).map((all) => `:\n${all.join('\n')}\n`),
})).list;

it('gives scripts that bash reads, where bash reads the whole', () => {
  const scripts = fc.sample(script, { numRuns: 500, seed: 20 });
  expect(broken(scripts)).toBeUndefined();
  const made = scripts.flatMap(pieces);
  expect(made.length).toBeGreaterThan(100);
  expect(broken(made)).toBeUndefined();
});
