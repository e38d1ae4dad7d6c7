// The rooms of src: what each holds, and which rooms it may import. dependency-cruiser enforces the imports (.dependency-cruiser.cjs);
// scripts/rooms-table.mjs prints the table in ARCHITECTURE.md. A room stands below all rooms that it imports.
const rooms = {
  core: {
    is: 'the vocabulary that every room shares: result, failure, span, diagnostic, digest, platform, signing, writing a file safely',
    imports: [],
  },
  git: {
    is: 'runs git, which no other room does: the repository of the user, and the repositories that parity keeps in its cache',
    imports: ['core'],
  },
  formats: {
    is: 'one reader for each format, which keeps the position of every character: YAML, INI, TOML, requirements, shell commands, pytest command lines',
    imports: ['core'],
  },
  engine: {
    is: 'the engine contract, the search for an engine, and its implementations: `docker/` (only here: dockerode) and `fake/` (scripted, for tests)',
    imports: ['core'],
  },
  config: {
    is: '`parity.yaml` → `Config`: parse, check, plan; detection for what the file leaves out; `parity init`',
    imports: ['core', 'git', 'formats'],
  },
  ci: {
    is: 'CI files of GitHub and GitLab, read and written: one neutral model, a folder for each system, the import',
    imports: ['core', 'config', 'git', 'formats'],
  },
  base: {
    is: 'the base image: a registry image, or a Debian system made from locked packages; the image that has uv',
    imports: ['core', 'engine'],
  },
  lock: {
    is: '`parity.lock.json`: schema, read, write, resolve (asks uv, npm and the base), verify',
    imports: ['core', 'config', 'git', 'engine', 'base', 'formats'],
  },
  image: {
    is: 'lock → image: recipe, parts, canonical archive, push and pull, bills of materials',
    imports: ['core', 'config', 'git', 'engine', 'base', 'lock', 'formats'],
  },
  workspace: {
    is: 'how a repository reaches a container and who owns its files: mount, copy, clean checkout; the digest of every file; file watching',
    imports: ['core', 'config', 'git', 'engine', 'formats'],
  },
  environment: {
    is: 'the warm containers of one project: start, find again, run commands in them, end, clean; services and volumes',
    imports: ['core', 'config', 'engine', 'base', 'workspace'],
  },
  remedies: {
    is: 'output of tools → diagnostics → remedies: a parser for each tool, and the catalogue',
    imports: ['core'],
  },
  pipeline: {
    is: 'plan × environment → events: schedule, fingerprint, pass cache, shards, the step and the run',
    imports: ['core', 'config', 'engine', 'environment', 'remedies', 'formats'],
  },
  doctor: {
    is: 'readers → survey → rules → findings: which declared version or command disagrees with the lock; probes; fixes',
    imports: ['core', 'config', 'git', 'engine', 'lock', 'ci', 'formats'],
  },
  records: {
    is: 'what parity keeps of runs: the run history, the logs of steps, the contents of a support bundle',
    imports: ['core', 'formats'],
  },
  receipt: {
    is: 'the record of one run: write, keep, read, merge; compare two of them; what earlier runs took',
    imports: ['core', 'config', 'workspace', 'pipeline'],
  },
  fix: {
    is: 'what fix commands changed on a draft: the proposal, its diff, and writing it',
    imports: ['core', 'formats', 'workspace'],
  },
  report: {
    is: 'events → text: the reporters (live, plain, json, github), the report files (junit, sarif, html), secret masking',
    imports: ['core', 'engine', 'environment', 'remedies', 'pipeline', 'doctor', 'records', 'receipt', 'fix'],
  },
};

// The product may use every room; its two faces may use the product, and not each other.
const every = Object.keys(rooms);
exports.rooms = {
  ...rooms,
  app: {
    is: 'what parity does, a folder for each use case: open a project, run, replay, doctor, watch, fix, preflight, bundle …',
    imports: every,
  },
  api: {
    is: 'the programmatic use of the package: `up`, `lock`, `doctor` with typed results',
    imports: [...every, 'app'],
  },
  cli: {
    is: 'the command line: parse it, choose a reporter, run the command, give the exit code',
    imports: [...every, 'app'],
  },
};
