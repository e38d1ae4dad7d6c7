// (l) A run in which nothing changed, (m) one in which one file did, and (n) the start alone.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitAll, must, race } from './measure.mjs';
import { peer } from './peers.mjs';
import { parity, parityBin } from './shop.mjs';

const steps = ['one', 'two', 'three', 'four', 'five', 'six'];
const command = 'test -f README.md';

/** The no-change re-run of six steps in a repository of so many files. */
export function unchanged(files) {
  return (scratch, rounds) => {
    const folder = repository(scratch, files);
    const contenders = [
      { name: 'git status', run: () => must('git', ['status'], { cwd: folder }) },
      { name: 'node -e 0', run: () => must(process.execPath, ['-e', '0']) },
      ...peersOf(folder, files),
      { name: 'parity up', run: () => parity(folder, ['up']) },
    ];
    try {
      // Untimed: the first run runs the steps, the second finds all of them cached, the third knows that nothing changed. Git takes files as
      // settled a second after it has written its index.
      for (const contender of [...contenders, ...contenders]) contender.run();
      must('sleep', ['2']);
      for (const contender of [...contenders, ...contenders]) contender.run();
      return race(contenders, rounds);
    } finally {
      parity(folder, ['down']);
    }
  };
}

/** One file of ten thousand is another: what git takes to see it, and what parity takes to see it, run the six steps and record them. */
export function oneChanged(scratch, rounds) {
  const folder = repository(scratch, 10_000);
  const edit = (round) => writeFileSync(join(folder, 'pkg', '3', '7', 'file_3350.py'), `x = ${round}\n`);
  try {
    parity(folder, ['up']);
    return race(
      [
        { name: 'git status', prepare: edit, run: () => must('git', ['status'], { cwd: folder }) },
        { name: 'parity up', prepare: (round) => edit(round + 1000), run: () => parity(folder, ['up']) },
      ],
      rounds,
    );
  } finally {
    parity(folder, ['down']);
  }
}

/** What every command waits for. */
export function start(scratch, rounds) {
  const contenders = [
    ['-e', '0'],
    [parityBin, '--version'],
    [parityBin, '--help'],
  ].map((args) => ({
    name: args[0] === '-e' ? 'node -e 0' : `parity ${args[1]}`,
    run: () => must(process.execPath, args, { cwd: scratch }),
  }));
  for (const contender of contenders) contender.run();
  return race(contenders, rounds);
}

function repository(scratch, files) {
  const folder = join(scratch, `files-${files}`);
  const names = Array.from({ length: files - 1 }, (_, n) => n);
  for (const n of names) {
    const dir = join(folder, 'pkg', String(Math.floor(n / 1000)), String(Math.floor((n % 1000) / 50)));
    if (n % 50 === 0) mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, `file_${n}.py`), `x = ${n}\n`.repeat(10));
  }
  const pipeline = steps.map((name) => `  - { name: ${name}, run: ${command} }\n`).join('');
  const scripts = Object.fromEntries(steps.map((name) => [name, command]));
  const inputs = ['pkg/**', 'README.md'];
  const wireit = Object.fromEntries(steps.map((name) => [name, { command, files: inputs, output: [] }]));
  for (const [name, text] of Object.entries({
    'README.md': 'Six steps.\n',
    '.gitignore': '.turbo\n.task\n.wireit\n.moon/cache\nnode_modules\n',
    'parity.yaml': `version: 1\ntoolchain:\n  python: "3.11"\n  tools: []\n  requirements: []\npipeline:\n${pipeline}`,
    'package.json': JSON.stringify({ name: 'bench', private: true, packageManager: 'npm@11.0.0', scripts }),
    'package-lock.json': JSON.stringify({ name: 'bench', lockfileVersion: 3, packages: { '': { name: 'bench' } } }),
    'turbo.json': JSON.stringify({ tasks: Object.fromEntries(steps.map((name) => [name, {}])) }),
    'Taskfile.yml': JSON.stringify({
      version: '3',
      tasks: {
        all: { deps: steps },
        ...Object.fromEntries(steps.map((name) => [name, { cmds: [command], sources: inputs }])),
      },
    }),
    'wireit/package.json': JSON.stringify({
      name: 'bench-wireit',
      scripts: Object.fromEntries(['all', ...steps].map((name) => [name, 'wireit'])),
      wireit: {
        all: { dependencies: steps },
        ...Object.fromEntries(
          Object.entries(wireit).map(([name, one]) => [
            name,
            { ...one, command: 'test -f ../README.md', files: ['../pkg/**'] },
          ]),
        ),
      },
    }),
  })) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  parity(folder, ['lock']);
  commitAll(folder);
  return folder;
}

function peersOf(folder, files) {
  const [turbo, task] = ['turbo', 'task'].map(peer);
  // At 100,000 files it takes a minute and more each time.
  const wireit = files > 10_000 ? undefined : peer('wireit');
  const quiet = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
  const calls = [
    ['turbo (native)', turbo, ['run', ...steps], {}],
    ['task', task, ['all'], {}],
    [
      'wireit',
      wireit,
      [],
      {
        cwd: join(folder, 'wireit'),
        env: {
          ...quiet,
          npm_lifecycle_event: 'all',
          npm_package_json: join(folder, 'wireit', 'package.json'),
          npm_config_user_agent: 'npm/11.0.0',
        },
      },
    ],
  ];
  return calls
    .filter(([, program]) => program !== undefined)
    .map(([name, program, args, options]) => ({
      name,
      run: () => must(program, args, { cwd: folder, env: quiet, ...options }),
    }));
}
