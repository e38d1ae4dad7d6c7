import { ciReports } from '../github/write.ts';
import { imageFiles, type CiSettings } from '../settings.ts';
import { flow, indented, member, scalar } from '../yaml-text.ts';

/** The words that the first line of every generated GitLab file begins with. */
export const gitlabHeader = '# Made by `parity ci gitlab`';

/** The text of the GitLab file with the jobs that run the pipeline in the lock's image; a function of its settings alone. */
export function gitlabJobs(settings: CiSettings): string {
  const jobs = [pipelineJob(settings), ...(settings.shards === 1 ? [] : [mergeJob(settings)])];
  return `${[...head(settings), ...jobs.flatMap((job, index) => [...(index === 0 ? [] : ['']), ...job])].join('\n')}\n`;
}

function head({ project, gitlab, shards, repository }: CiSettings): string[] {
  const from = project === '.' ? 'parity.yaml' : `${project}/parity.yaml`;
  return [
    `${gitlabHeader} from ${from}: change that file, then run it again.`,
    '# `parity ci gitlab --check` exits 1 when this file is not what it would write. The image is not named here: the lock',
    '# names it by digest, so that a new lock needs no new file.',
    ...(gitlab.executor === 'docker'
      ? [
          '#',
          '# The job runs in one container and its engine (docker:dind) in another, on a runner that is `privileged` and has the',
          '# volume /certs/client, as those of GitLab.com are. Both see the builds folder, at the same place, and nothing else of',
          "# each other's files: so parity's own files are in there, too, in .parity, which git is told to ignore.",
        ]
      : [
          '#',
          "# The runner's user needs an engine (the group docker, or a rootless one), git, and Node 20.19 or newer. The engine keeps",
          '# the image from job to job; --cold gives each run fresh containers and empty caches nevertheless.',
        ]),
    ...(shards === 1 || gitlab.executor === 'shell' || repository !== undefined
      ? []
      : ['# After a change of the lock each shard makes the image for itself, once.']),
    '',
  ];
}

function pipelineJob(settings: CiSettings): string[] {
  const { name, gitlab, shards, project, repository } = settings;
  const docker = gitlab.executor === 'docker';
  const at = inProject(project);
  const folder = reportFolder(settings);
  const cached = docker && repository === undefined;
  return [
    `${name}:`,
    ...indented([
      'stage: test',
      ...(docker ? [`image: ${scalar(gitlab.image)}`, `services: ${flow([gitlab.engine])}`] : []),
      ...(gitlab.tags.length === 0 ? [] : [`tags: ${flow(gitlab.tags)}`]),
      `timeout: ${Math.max(1, Math.ceil(settings.timeoutSeconds / 60))} minutes`,
      'interruptible: true',
      ...rules(settings),
      ...(shards === 1 ? [] : [`parallel: ${shards}`]),
      'variables:',
      ...indented([...fetching(settings), ...(docker ? engineVariables(project) : [])]),
      ...(cached
        ? [
            'cache:',
            '  key:',
            `    files: ${flow([at('parity.lock.json')])}`,
            `    prefix: ${name}-image`,
            `  paths: ${flow(imageFiles(settings, archiveOf).files.map(at))}`,
            '  # A red pipeline built the same image.',
            '  when: always',
          ]
        : []),
      'before_script:',
      ...list([...enter(project), hideFolder, `mkdir -p ${folder}`, ...installLines(settings)]),
      'script:',
      ...list([...(docker ? [waitForEngine] : []), ...imageLines(settings), upLines(settings)]),
      'artifacts:',
      '  when: always',
      '  expire_in: 30 days',
      `  paths: ${flow([at('.parity/reports/')])}`,
      '  reports:',
      `    junit: ${scalar(at(`.parity/reports/${shards === 1 ? '' : '*/'}junit.xml`))}`,
    ]),
  ];
}

/** The shards' receipts as one; GitLab's pipeline is green only when all shards were. */
function mergeJob(settings: CiSettings): string[] {
  const { name, gitlab, project } = settings;
  const at = inProject(project);
  return [
    `${name}-receipt:`,
    ...indented([
      'stage: test',
      `needs: ${flow([name])}`,
      ...(gitlab.executor === 'docker' ? [`image: ${scalar(gitlab.image)}`] : []),
      ...(gitlab.tags.length === 0 ? [] : [`tags: ${flow(gitlab.tags)}`]),
      'timeout: 15 minutes',
      'interruptible: true',
      ...rules(settings, 'always'),
      'before_script:',
      ...list([...enter(project), hideFolder, ...installLines(settings)]),
      'script:',
      ...list(['parity receipt merge .parity/reports/*/receipt.json --output .parity/reports/receipt.json']),
      'artifacts:',
      '  when: always',
      '  expire_in: 30 days',
      `  paths: ${flow([at('.parity/reports/receipt.json')])}`,
    ]),
  ];
}

/** For merge requests, and for pushes to the branches; never for both of one push. */
function rules({ branches }: CiSettings, when = ''): string[] {
  const conditions = [
    '$CI_PIPELINE_SOURCE == "merge_request_event"',
    ...(branches === undefined
      ? ['$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH']
      : branches.map((branch) => `$CI_COMMIT_BRANCH == ${JSON.stringify(branch)}`)),
  ];
  return [
    'rules:',
    ...conditions.flatMap((condition) => [
      `  - if: ${scalar(condition)}`,
      ...(when === '' ? [] : [`    when: ${when}`]),
    ]),
  ];
}

function fetching({ depth, submodules }: CiSettings): string[] {
  return [
    ...(depth === 0 ? ['# All of the history, as a developer has it.'] : []),
    `GIT_DEPTH: "${depth}"`,
    ...(submodules ? ['GIT_SUBMODULE_STRATEGY: recursive'] : []),
  ];
}

function engineVariables(project: string): string[] {
  const folder = project === '.' ? '$CI_PROJECT_DIR' : `$CI_PROJECT_DIR/${project}`;
  return [
    'DOCKER_HOST: tcp://docker:2376',
    'DOCKER_TLS_CERTDIR: /certs',
    'DOCKER_TLS_VERIFY: "1"',
    'DOCKER_CERT_PATH: /certs/client',
    '# The engine has another host name, but the same builds folder.',
    'PARITY_SHARED_FILES: "1"',
    `PARITY_CACHE_DIR: ${scalar(`${folder}/.parity/cache`)}`,
  ];
}

// The file may be missing, and a job may run again in the same folder.
const hideFolder =
  'exclude="$(git rev-parse --git-path info/exclude)"; mkdir -p "$(dirname "$exclude")"; grep -qxF .parity/ "$exclude" 2>/dev/null || echo .parity/ >> "$exclude"';

const archiveOf = (toolchain: string): string => `.parity/image${toolchain}.tar`;

// It is started with the job and takes a few seconds.
const waitForEngine = "timeout 90 sh -c 'until parity status >/dev/null 2>&1; do sleep 1; done' || parity status";

function installLines({ install }: CiSettings): string[] {
  return install.kind === 'command'
    ? [install.command]
    : ['npm ci --no-audit --no-fund', 'export PATH="$PWD/node_modules/.bin:$PATH"'];
}

/** Has the lock's image in the engine: from the registry by digest, from the cached archive, or, on a machine of one's own, from before. */
function imageLines(settings: CiSettings): string[] {
  const { repository, gitlab } = settings;
  if (repository !== undefined) return [...loginLines(settings), 'parity build --frozen'];
  if (gitlab.executor === 'shell') return ['parity build --frozen'];
  const { files, load, save } = imageFiles(settings, archiveOf);
  const isThere = files.map((file) => `[ -f ${file} ]`).join(' && ');
  return [
    `if ${isThere} && ${load}; then echo "the image was cached"; else parity build --frozen && ${save.join(' && ')}; fi`,
  ];
}

/** GitLab gives every job a login for its own registry; it goes where parity looks for docker's credentials, for this job alone. */
function loginLines({ repository, registryLogin }: CiSettings): string[] {
  const registry = repository?.registry;
  // The registry that references need not name: the engine says under which address its credentials are filed.
  const ask = `registry="$(parity status --reporter json | node -p 'JSON.parse(fs.readFileSync(0)).engine.defaultRegistry')"; `;
  const [asked, host] = registry === undefined ? [ask, '"$registry"'] : ['', JSON.stringify(registry)];
  const [username, password] =
    registryLogin === undefined
      ? ['CI_REGISTRY_USER', 'CI_REGISTRY_PASSWORD']
      : [registryLogin.username, registryLogin.password];
  const write = [
    // Not in the builds folder, where the steps would see it.
    'export DOCKER_CONFIG="$(mktemp -d)"',
    `printf '{"auths":{"%s":{"auth":"%s"}}}' ${host} "$(printf '%s:%s' "$${username}" "$${password}" | base64 | tr -d '\\n')" > "$DOCKER_CONFIG/config.json"`,
  ].join('; ');
  if (registryLogin !== undefined) return [`${asked}${write}`];
  return [`${asked}if [ "\${CI_REGISTRY:-}" = ${host} ]; then ${write}; fi`];
}

function upLines(settings: CiSettings): string {
  const { gitlab, shards } = settings;
  const folder = reportFolder(settings);
  return [
    'parity up --frozen',
    ...(gitlab.executor === 'shell' ? ['--cold'] : []),
    ...(shards === 1 ? [] : ['--shard "$CI_NODE_INDEX/$CI_NODE_TOTAL"']),
    ...ciReports.map(([kind, file]) => `--report "${kind}=${folder.replaceAll('"', '')}/${file}"`),
  ].join(' ');
}

function reportFolder({ shards }: CiSettings): string {
  return shards === 1 ? '.parity/reports' : '".parity/reports/$CI_NODE_INDEX"';
}

function enter(project: string): string[] {
  return project === '.' ? [] : [`cd '${project.replaceAll("'", `'\\''`)}'`];
}

/** GitLab's paths start at the top of the repository. */
function inProject(project: string): (path: string) => string {
  return (path) => (project === '.' ? path : `${project}/${path}`);
}

function list(commands: readonly string[]): string[] {
  return indented(
    commands.flatMap((command) => {
      const [first = '', ...rest] = member('x', command);
      return [`- ${first.slice('x: '.length)}`, ...rest];
    }),
  );
}
