// (r) An import: a script of 8,000 lines in one step, a workflow of 3,000 lines in 100 jobs, beside the start alone.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitAll, must, race } from './measure.mjs';
import { parityBin } from './shop.mjs';

/** Four lines of what CI's scripts are made of: a variable, a condition, a loop with a pipe, a file for later steps. */
const fourLines = (n) => [
  `export V${n}="a $X b"`,
  `if [ -n "$V${n}" ]; then echo "pkg${n} is set"; fi`,
  `for f in a b; do python -m pytest "tests/$f/test_${n}.py" | tee log${n}.txt; done`,
  `echo "DONE_${n}=1" >> "$GITHUB_ENV"`,
];

const oneScript = () => {
  const lines = Array.from({ length: 2000 }, (_, n) => fourLines(n)).flat();
  const script = lines.map((line) => `          ${line}\n`).join('');
  return `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: |\n${script}`;
};

const manyJobs = () => {
  const step = (job, n) =>
    `      - name: step ${n}\n        run: |\n          pip install pytest\n          pytest tests/${job}/${n} > log.txt\n`;
  const jobs = Array.from({ length: 100 }, (_, job) => {
    const steps = Array.from({ length: 6 }, (__, n) => step(job, n)).join('');
    return `  job${job}:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - uses: actions/setup-python@v5\n        with:\n          python-version: "3.11"\n${steps}`;
  });
  return `on: push\njobs:\n${jobs.join('')}`;
};

/** What `parity init --from` takes for each. */
export function importing(scratch, rounds) {
  const run = (folder, ...args) => must(process.execPath, [parityBin, ...args], { cwd: folder });
  const contenders = [
    ['8,000 lines of script', oneScript()],
    ['3,000 lines of workflow', manyJobs()],
  ].map(([what, text], index) => {
    const folder = join(scratch, `imported-${index}`);
    mkdirSync(join(folder, '.github/workflows'), { recursive: true });
    writeFileSync(join(folder, '.github/workflows/ci.yml'), text);
    commitAll(folder);
    return {
      name: `parity init --from, ${what}`,
      run: () => run(folder, 'init', '--force', '--from', '.github/workflows/ci.yml'),
    };
  });
  for (const { run: once } of contenders) once();
  return race([{ name: 'parity --version', run: () => run(scratch, '--version') }, ...contenders], rounds);
}
