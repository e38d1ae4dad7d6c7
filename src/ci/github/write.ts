import { shortDigest, sha256 } from '../../core/digest.ts';
import { imageFiles, type CiSettings } from '../settings.ts';
import { flow, indented, member, scalar } from '../yaml-text.ts';
import { uses } from './actions.ts';

/** The reports that `parity up` writes in CI, by kind and file name. */
const reports = { receipt: 'receipt.json', junit: 'junit.xml', sarif: 'findings.sarif', html: 'report.html' } as const;

/** The kinds of `--report` that a generated CI file asks for, with their file names. */
export const ciReports: readonly (readonly [kind: string, file: string])[] = Object.entries(reports);

// Below the workspace, since a cache is known by its path as well as by its key, and other folders are elsewhere on another machine.
const archiveOf = (toolchain: string): string => `parity-image${toolchain}.tar`;
const reportFolder = '${{ runner.temp }}/parity';

/** The text of the GitHub workflow that runs the pipeline in the lock's image; a function of its settings alone. */
export function githubWorkflow(settings: CiSettings): string {
  const jobs = settings.shards === 1 ? [wholeJob(settings)] : shardedJobs(settings);
  return `${[...head(settings), 'jobs:', ...jobs.flatMap((job, index) => [...(index === 0 ? [] : ['']), ...indented(job)])].join('\n')}\n`;
}

/** The words that the first line of every generated workflow begins with. */
export const githubHeader = '# Made by `parity ci github`';

function head(settings: CiSettings): string[] {
  const { name, branches = ['main', 'master'], project } = settings;
  const from = project === '.' ? 'parity.yaml' : `${project}/parity.yaml`;
  return [
    `${githubHeader} from ${from}: change that file, then run it again.`,
    '# `parity ci github --check` exits 1 when this file is not what it would write. The image is not named here: the',
    '# lock names it by digest, so that a new lock needs no new workflow.',
    `name: ${scalar(name)}`,
    '',
    'on:',
    '  push:',
    `    branches: ${flow(branches)}`,
    '  pull_request:',
    '  merge_group:',
    '  workflow_dispatch:',
    '',
    'permissions:',
    '  contents: read',
    '',
    '# A newer push to a pull request ends the run of the older one; every commit of a branch gets its own answer.',
    'concurrency:',
    '  group: ${{ github.workflow }}-${{ github.event.pull_request.number || github.sha }}',
    '  cancel-in-progress: true',
    '',
    'defaults:',
    '  run:',
    '    shell: bash',
    ...(project === '.' ? [] : [`    working-directory: ${scalar(project)}`]),
    '',
  ];
}

function wholeJob(settings: CiSettings): string[] {
  return job(settings, 'parity', {
    permissions: permissions(settings, { image: true, findings: true }),
    steps: [...getReady(settings), ...image(settings), up(settings, ''), upload(settings, ''), ...scan(settings, '')],
  });
}

/** The image is made once, the shards run side by side, and one job says how all of them ended: that is the one to require. */
function shardedJobs(settings: CiSettings): string[][] {
  const shard = '${{ matrix.shard }}';
  const numbers = Array.from({ length: settings.shards }, (_, index) => String(index + 1));
  const cached = settings.repository === undefined;
  const first = job(settings, 'image', {
    permissions: permissions(settings, { image: true, findings: false }),
    steps: [checkout(settings), ...image(settings, true)],
  });
  const sharded = job(settings, 'shard', {
    name: `shard ${shard}/${settings.shards}`,
    ...(cached ? { needs: ['image'] } : {}),
    permissions: permissions(settings, { image: true, findings: true }),
    more: ['strategy:', '  fail-fast: false', '  matrix:', `    shard: ${flow(numbers)}`],
    steps: [
      ...getReady(settings),
      ...image(settings),
      up(settings, ` --shard "${shard}/${settings.shards}"`),
      upload(settings, `-shard-${shard}`),
      ...scan(settings, `-shard-${shard}`),
    ],
  });
  const needs = cached ? ['image', 'shard'] : ['shard'];
  const last = job(settings, 'parity', {
    // A job that is left out because another failed counts as passed where it is required: this one always runs.
    condition: '${{ always() }}',
    needs,
    steps: [...getReady(settings), ...merge(settings), allPassed(needs)],
  });
  return cached ? [first, sharded, last] : [sharded, last];
}

interface Job {
  readonly name?: string;
  readonly needs?: readonly string[];
  readonly condition?: string;
  readonly permissions?: readonly string[];
  readonly more?: readonly string[];
  readonly steps: readonly (readonly string[])[];
}

function job(settings: CiSettings, id: string, parts: Job): string[] {
  const { runner } = settings.github;
  const own = parts.permissions ?? [];
  return [
    `${id}:`,
    ...indented([
      ...(parts.name === undefined ? [] : [`name: ${scalar(parts.name)}`]),
      ...(parts.needs === undefined ? [] : [`needs: ${flow(parts.needs)}`]),
      ...(parts.condition === undefined ? [] : [`if: ${parts.condition}`]),
      `runs-on: ${typeof runner === 'string' ? scalar(runner) : flow(runner)}`,
      `timeout-minutes: ${Math.max(1, Math.ceil(settings.timeoutSeconds / 60))}`,
      ...(own.length === 0 ? [] : ['permissions:', ...indented(['contents: read', ...own])]),
      ...(parts.more ?? []),
      'steps:',
      ...parts.steps.flatMap(item),
    ]),
  ];
}

/** A step as an item of the list; its comments stand above it. */
function item(step: readonly string[]): string[] {
  const comments = step.filter((line) => line.startsWith('# '));
  const rest = step.slice(comments.length);
  return [
    ...indented(comments),
    ...rest.map((line, at) => (line === '' ? '' : `${at === 0 ? '  - ' : '    '}${line}`)),
  ];
}

function permissions(settings: CiSettings, uses: { readonly image: boolean; readonly findings: boolean }): string[] {
  const findings = uses.findings && settings.github.codeScanning;
  return [
    ...(uses.image && usesOwnToken(settings) ? ['packages: read'] : []),
    // To a private repository, code scanning also asks about the run that it comes from.
    ...(findings ? ['actions: read', 'security-events: write'] : []),
  ];
}

/** ghcr.io takes the workflow's own token. */
function usesOwnToken({ repository, registryLogin }: CiSettings): boolean {
  return repository?.registry === 'ghcr.io' && registryLogin === undefined;
}

function getReady(settings: CiSettings): string[][] {
  return [checkout(settings), install(settings)];
}

function checkout({ depth, submodules, lfs }: CiSettings): string[] {
  return [
    'name: Check out the commit',
    `uses: ${uses('actions/checkout')}`,
    'with:',
    ...indented([
      ...(depth === 0 ? ['# All of the history, as a developer has it.'] : []),
      `fetch-depth: ${depth}`,
      ...(submodules ? ['submodules: recursive'] : []),
      ...(lfs ? ['lfs: true'] : []),
      'persist-credentials: false',
    ]),
  ];
}

function install({ install }: CiSettings): string[] {
  const command =
    install.kind === 'command'
      ? install.command
      : 'npm ci --no-audit --no-fund\necho "$PWD/node_modules/.bin" >> "$GITHUB_PATH"';
  return ['name: Install parity', ...member('run', command)];
}

/** Has the lock's images in the engine: from the registry by digest, or from an archive that is cached under the lock's digest. */
function image(settings: CiSettings, onlyMake = false): string[][] {
  if (settings.repository !== undefined)
    return [
      ...login(settings),
      [
        '# The registry has it under the digest that the lock names; before the first `parity image push` it is built.',
        'name: Fetch the image',
        'run: parity build --frozen',
      ],
    ];
  const missed = "if: steps.image.outputs.cache-hit != 'true'";
  const { load: loading, save: saving } = imageFiles(settings, (toolchain) => inWorkspace(archiveOf(toolchain)));
  const paths = imageFiles(settings, archiveOf).files.join('\n');
  const cached = ['with:', ...indented([...member('path', paths), `key: ${cacheKey(settings)}`])];
  const restore = [
    'name: Restore the image',
    'id: image',
    `uses: ${uses('actions/cache', 'restore')}`,
    ...cached,
    ...(onlyMake ? ['  lookup-only: true'] : []),
  ];
  const load = [
    '# What is not the very image that the lock names is refused; then it is built.',
    'name: Load the image',
    "if: steps.image.outputs.cache-hit == 'true'",
    `run: ${loading.includes(' && ') ? `if ! { ${loading}; }; then parity build --frozen; fi` : `${loading} || parity build --frozen`}`,
  ];
  const build = ['name: Build the image', missed, ...member('run', ['parity build --frozen', ...saving].join('\n'))];
  const save = ['name: Keep the image', missed, `uses: ${uses('actions/cache', 'save')}`, ...cached];
  if (onlyMake)
    return [restore, [...install(settings).slice(0, 1), missed, ...install(settings).slice(1)], build, save];
  return [restore, load, build, save];
}

function inWorkspace(file: string): string {
  return `"$GITHUB_WORKSPACE/${file}"`;
}

/** The lock decides the image, with the recipe: the project's own, or that of the parity that is installed. */
function cacheKey({ project, dockerfile, install }: CiSettings): string {
  const file = (name: string): string => `'${(project === '.' ? name : `${project}/${name}`).replaceAll("'", "''")}'`;
  const files = [
    'parity.lock.json',
    ...(dockerfile === undefined ? [] : [dockerfile]),
    ...(install.kind === 'npm' ? ['package-lock.json'] : []),
  ];
  const hash = `\${{ hashFiles(${files.map(file).join(', ')}) }}`;
  const installed = install.kind === 'npm' ? '' : `-${shortDigest(sha256(install.command))}`;
  return scalar(`parity-image-\${{ runner.os }}-\${{ runner.arch }}${installed}-${hash}`);
}

function login(settings: CiSettings): string[][] {
  const { repository, registryLogin } = settings;
  if (registryLogin === undefined && !usesOwnToken(settings)) return [];
  const registry = repository?.registry;
  const [username, password] =
    registryLogin === undefined
      ? ['${{ github.actor }}', '${{ secrets.GITHUB_TOKEN }}']
      : [`\${{ secrets.${registryLogin.username} }}`, `\${{ secrets.${registryLogin.password} }}`];
  return [
    [
      'name: Log in to the registry',
      `uses: ${uses('docker/login-action')}`,
      'with:',
      ...indented([
        ...(registry === undefined ? [] : [`registry: ${scalar(registry)}`]),
        `username: ${username}`,
        `password: ${password}`,
      ]),
    ],
  ];
}

function up(settings: CiSettings, shard: string): string[] {
  const { secrets, variables, github } = settings;
  const hosted = [github.runner].flat().some((label) => /^(?:ubuntu|windows|macos)-/.test(label));
  const env = [
    ...secrets.map((name) => `${name}: \${{ secrets.${name} }}`),
    ...variables.map((name) => `${name}: \${{ vars.${name} }}`),
  ];
  const lines = [
    // GitHub gives a variable that nobody has set as an empty one.
    ...variables.map((name) => `[ -n "$${name}" ] || unset ${name}`),
    ...(settings.repository === undefined
      ? [
          '# The steps see the commit, and nothing beside it.',
          `rm -f ${imageFiles(settings, (toolchain) => inWorkspace(archiveOf(toolchain))).files.join(' ')}`,
        ]
      : []),
    'mkdir -p "$RUNNER_TEMP/parity"',
    // A machine of one's own keeps containers and caches from run to run; a fresh one has none.
    `parity up --frozen${hosted ? '' : ' --cold'} --reporter github${shard} \\`,
    ...ciReports.map(
      ([kind, file], index) =>
        `  --report "${kind}=$RUNNER_TEMP/parity/${file}"${index === ciReports.length - 1 ? '' : ' \\'}`,
    ),
  ];
  return [
    'name: Run the pipeline',
    ...(env.length === 0 ? [] : ['env:', ...indented(env)]),
    ...member('run', lines.join('\n')),
  ];
}

function upload({ name }: CiSettings, suffix: string): string[] {
  return [
    'name: Keep the reports',
    'if: ${{ !cancelled() }}',
    `uses: ${uses('actions/upload-artifact')}`,
    'with:',
    `  name: ${name}${suffix}`,
    `  path: ${reportFolder}/`,
    '  if-no-files-found: ignore',
  ];
}

function scan({ github, name }: CiSettings, suffix: string): string[][] {
  if (!github.codeScanning) return [];
  const sarif = `${reportFolder}/${reports.sarif}`;
  return [
    [
      '# A pull request from a fork has no right to write there.',
      'name: Send the findings to code scanning',
      "if: ${{ !cancelled() && (github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository) }}",
      `uses: ${uses('github/codeql-action', 'upload-sarif')}`,
      'with:',
      `  sarif_file: ${sarif}`,
      `  category: ${name}${suffix}`,
    ],
  ];
}

function merge(settings: CiSettings): string[][] {
  const { name } = settings;
  return [
    [
      'name: Fetch the reports of all shards',
      `uses: ${uses('actions/download-artifact')}`,
      'with:',
      `  pattern: ${name}-shard-*`,
      '  path: ${{ runner.temp }}/shards',
    ],
    [
      'name: Merge the receipts',
      ...member(
        'run',
        `mkdir -p "$RUNNER_TEMP/parity"\nparity receipt merge "$RUNNER_TEMP"/shards/*/${reports.receipt} --output "$RUNNER_TEMP/parity/${reports.receipt}"`,
      ),
    ],
    upload(settings, ''),
  ];
}

function allPassed(needs: readonly string[]): string[] {
  const results = needs.map((need) => `${need.toUpperCase()}: \${{ needs.${need}.result }}`);
  const tests = needs.map((need) => `test "$${need.toUpperCase()}" = success`);
  return [
    'name: All shards passed',
    'if: ${{ always() }}',
    'env:',
    ...indented(results),
    ...member('run', tests.join('\n')),
  ];
}
