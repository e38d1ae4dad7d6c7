// (j) The static audit, beside what greps for the same names: how much of it is more than finding the lines.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commitAll, must, race } from './measure.mjs';
import { parityBin } from './shop.mjs';

const declaring = {
  'pyproject.toml':
    '[project]\nname = "part"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["sqlalchemy>=2", "httpx"]\n[project.optional-dependencies]\ndev = ["black==25.9.0", "mypy>=1.10"]\n[tool.black]\ntarget-version = ["py311"]\n',
  'requirements.txt':
    'black==25.9.0  # as CI\nflake8==7.3.0\nmypy==1.18.2 ; python_version >= "3.9"\n-r ../common.txt\n',
  '.pre-commit-config.yaml':
    'repos:\n  - repo: https://github.com/psf/black\n    rev: 25.9.0\n    hooks: [{ id: black }]\n  - repo: https://github.com/pycqa/flake8\n    rev: 7.3.0\n    hooks: [{ id: flake8, additional_dependencies: [flake8-bugbear==24.1.0] }]\n',
  'action.yml':
    'name: a\nruns:\n  using: composite\n  steps:\n    - uses: actions/setup-python@v5\n      with: { python-version: "3.11" }\n    - run: |\n        pip install black==25.9.0 \\\n          mypy==1.18.2\n      shell: bash\n',
  Dockerfile: 'ARG V=3.11\nFROM python:${V}-slim AS base\nRUN pip install black==25.9.0 && apt-get update\n',
  'package.json':
    '{ "engines": { "node": ">=24" }, "devDependencies": { "typescript": "5.9.2" }, "scripts": { "build": "tsc" } }\n',
  'tox.ini': '[tox]\nenvlist = py{310,311}, lint\n[testenv:lint]\ndeps = black==25.9.0\ncommands = black --check .\n',
  Makefile: 'lint:\n\tblack --check .\n\tflake8\n',
  '.python-version': '3.11\n',
  'docker-compose.yml': 'services:\n  db: { image: "postgres:16" }\n  web: { image: "node:24" }\n',
};

/** 25 parts of 8 declaring files each, and 4,800 files of code. */
export function staticAudit(scratch, rounds) {
  const folder = join(scratch, 'audited');
  const write = (path, text) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const kinds = Object.entries(declaring);
  for (let n = 0; n < 200; n += 1) {
    const [name, text] = kinds[n % kinds.length];
    write(`parts/part${Math.floor(n / kinds.length)}/${name}`, text);
  }
  for (let n = 0; n < 4800; n += 1) write(`src/m${Math.floor(n / 100)}/f${n}.py`, `value = ${n}\n`);
  commitAll(folder);
  const pattern = 'black|flake8|mypy|python|node|typescript';
  const contenders = [
    { name: 'git grep for six names', run: () => must('git', ['grep', '-nE', pattern], { cwd: folder }) },
    {
      name: 'parity doctor --offline',
      run: () => must(process.execPath, [parityBin, 'doctor', '--offline'], { cwd: folder }),
    },
  ];
  for (const contender of contenders) contender.run();
  return race(contenders, rounds);
}
