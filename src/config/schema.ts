import * as z from 'zod';
import { builtInChecks, type BuiltInCheck } from './built-in-checks.ts';

/** A version may be written without quotes: the document keeps `3.10` as it was written. */
const version = z.union([z.string(), z.number()]);

/** What people write as the value of an environment variable. */
const variable = z.union([z.string(), z.number(), z.boolean()]);

const duration = z.union([z.string().regex(/^\d+(s|m|h)$/), z.number().positive()]);

const text = z.string().regex(/\S/);

const build = z.strictObject({
  network: z.enum(['none', 'full']).optional().describe('What their builds may reach. Default: none.'),
  projects: z
    .array(text)
    .optional()
    .describe('Folders of the packages that are installed; [] for none. Default: the project, if it is a package.'),
  wheels: z
    .array(text)
    .optional()
    .describe(
      'Folders of those packages that are installed as their wheels, as `pip install .` does it: what runs sees the copy, not the tree. The others are editable, unless a requirements or lock file installs them without -e.',
    ),
});

const toolchain = z.strictObject({
  python: version
    .optional()
    .describe('Python of the image: "3.11" or an exact "3.11.9". Default: what the repo declares.'),
  node: version
    .optional()
    .describe(
      'Node.js of the image: "24", "24.9.0" or a semver range. Default: what the UI folders declare; none without them.',
    ),
  npm: version
    .optional()
    .describe(
      'npm of the image: a version or a range. Default: what package.json says, else the one that Node brings.',
    ),
  pnpm: version
    .optional()
    .describe(
      'pnpm of the image: a version or a range. Default: what package.json says, else what pnpm-lock.yaml needs.',
    ),
  yarn: version
    .optional()
    .describe('Yarn of the image: a version or a range. Default: what package.json says, else what yarn.lock needs.'),
  bun: version
    .optional()
    .describe(
      'Bun of the image: a version or a range. Default: what package.json or .bun-version says, else the newest, where there is a lock file of bun.',
    ),
  uv: version
    .optional()
    .describe("uv in the image, for steps and scripts that call it: a version or a range. Default: none, or CI's."),
  poetry: version
    .optional()
    .describe("poetry in the image, for steps and scripts that call it: a version or a range. Default: none, or CI's."),
  tools: z
    .array(text)
    .optional()
    .describe('Python tools as requirement lines, e.g. black==25.9.0. Default: what the repo uses, at its own pins.'),
  requirements: z
    .array(text)
    .optional()
    .describe(
      'Requirements files, pyproject.toml, pyproject.toml[extra] or pyproject.toml:group; or a lock file, whose versions then decide, with the options by which its tool chooses what to install: uv.lock --extra cli, poetry.lock --with docs, pdm.lock -G test, Pipfile.lock --dev, pylock.toml; -c constraints.txt limits versions only. Default: those found.',
    ),
  system: z.array(text).optional().describe('Debian packages, locked by version and hash.'),
  build: build
    .optional()
    .describe(
      "How the repository's own packages are built and installed, as `pip install`, with -e or without, would.",
    ),
});

const image = z.strictObject({
  base: text.optional().describe('auto (default), registry, debian, or an image reference.'),
  repository: text.optional().describe('Where laptops and CI share the image: registry/repository, without tag.'),
  dockerfile: text.optional().describe("The project's own Dockerfile.parity, to own the image's recipe."),
});

const service = z.strictObject({
  image: text.describe('Image reference, e.g. postgres:16.'),
  env: z.record(z.string(), variable).optional().describe("The service's environment variables."),
  entrypoint: z.array(z.string()).min(1).optional().describe("What starts the service, in place of its image's own."),
  command: z.array(z.string()).min(1).optional().describe("The service's command, in place of its image's own."),
  ready: text.optional().describe('Shell command run in the service until it exits 0; steps wait for it.'),
  readyTimeout: duration.optional().describe('How long to wait for `ready`: seconds, or 90s, 2m. Default 60s.'),
  ports: z.array(z.int().min(1).max(65535)).optional().describe('Ports it listens on.'),
});

const step = z.strictObject({
  name: text.describe('How the step is called in `needs`, reports and `parity up NAME`.'),
  run: text.optional().describe('Command line for bash (-euo pipefail). Every step has this, or `uses`.'),
  uses: z
    .enum(Object.keys(builtInChecks) as [BuiltInCheck, ...BuiltInCheck[]])
    .optional()
    .describe(
      'A check that parity brings, in place of `run`. parity/import-check: what modules do when they are imported.',
    ),
  fix: text.optional().describe('The command that mends what the step complains of; `parity fix` runs it.'),
  onFailure: text.optional().describe('Printed when the step fails. Default: `Run: <fix>`.'),
  cwd: text.optional().describe("Folder the command runs in, relative to this file's. Default: this file's."),
  env: z.record(z.string(), variable).optional().describe('Environment variables.'),
  passEnv: z.array(text).optional().describe("Names taken from the caller's environment when set there."),
  secrets: z
    .array(text)
    .optional()
    .describe('Like passEnv; values are masked everywhere, and a missing one is an error.'),
  job: text
    .optional()
    .describe(
      'Steps with one job share a machine: /tmp, HOME, processes, variables; steps of other jobs see none of it. Default: one machine for all steps without it.',
    ),
  toolchain: text
    .optional()
    .describe('The toolchain of `toolchains` in whose image the step runs. Default: `toolchain`.'),
  needs: z.array(text).optional().describe('Steps that must pass first. Default: none; in a job, the step before it.'),
  inputs: z.array(text).optional().describe('Globs relative to cwd. Default: every file that git does not ignore.'),
  volumes: z.array(text).optional().describe('Folders relative to cwd kept in engine volumes, never in the tree.'),
  network: z
    .enum(['none', 'services', 'full'])
    .optional()
    .describe('Default: services when any are declared, else none.'),
  cache: z
    .union([z.boolean(), duration])
    .optional()
    .describe(
      'Whether a pass may be reused, or for how long: 90s, 10m, 24h. Default: true, but false with network: full.',
    ),
  split: z
    .union([z.literal('auto'), z.int().min(2).max(64)])
    .optional()
    .describe(
      'Runs the tests of the pytest in `run` in several processes, divided by file: a number, or auto (at most as many as --jobs). Default: one.',
    ),
  timeout: duration.optional().describe('The step is stopped after this long: seconds, or 90s, 10m, 1h.'),
  always: z
    .union([z.boolean(), z.literal('started')])
    .optional()
    .describe(
      'true: it waits for what it needs and runs also when that failed. started: not when nothing that its needs name has begun. Default: false.',
    ),
  allowFailure: z
    .union([z.boolean(), z.literal('job')])
    .optional()
    .describe(
      'true: its failure fails neither the run nor what needs it. job: nor the run, but the steps of its job that need it are skipped. Default: false.',
    ),
});

const ignored = z.strictObject({
  rule: z
    .string()
    .regex(/^PD\d{3}$/, 'must be the id of a rule, e.g. PD004 (parity doctor --list-rules)')
    .describe('The id of the rule, e.g. PD004.'),
  path: text.optional().describe('Only in these files: a pattern as in .gitignore. Default: everywhere.'),
  reason: text.describe('Why it is meant to be so.'),
});

const doctor = z.strictObject({
  ignore: z.array(ignored).optional().describe('Findings that are known and meant; they are counted, not shown.'),
});

const registryLogin = z.strictObject({
  username: text.describe("Name of the CI secret or variable with the registry's user name."),
  password: text.describe('Name of the CI secret or variable with its password or token.'),
});

const github = z.strictObject({
  runner: z
    .union([text, z.array(text).min(1)])
    .optional()
    .describe('The label of the machines, or all the labels that one must have. Default: ubuntu-latest.'),
  codeScanning: z
    .boolean()
    .optional()
    .describe('Whether findings go to code scanning, too; it needs `security-events: write`. Default: false.'),
});

const gitlab = z.strictObject({
  executor: z
    .enum(['docker', 'shell'])
    .optional()
    .describe(
      'docker (default): a job in a container, with an engine of its own (docker:dind) beside it. shell: a machine.',
    ),
  image: text
    .optional()
    .describe('With docker, what the job runs in: Node 20.19 or newer, and git. Default: node:24-bookworm.'),
  engine: text.optional().describe('With docker, the image of the engine. Default: docker:29-dind.'),
  tags: z.array(text).min(1).optional().describe('The tags that a runner must have. Default: none.'),
});

const ci = z.strictObject({
  install: text
    .optional()
    .describe(
      "Shell command, run in this file's folder, that puts `parity` into PATH on a CI machine. Default: npm ci, when package.json has parity.",
    ),
  variables: z
    .enum(['github', 'gitlab'])
    .optional()
    .describe(
      'The CI system whose documented variables the steps find (GITHUB_ACTIONS, GITHUB_SHA … or GITLAB_CI, CI_COMMIT_SHA …), as for a push of this commit. Default: none but CI.',
    ),
  checkout: z
    .enum(['clean'])
    .optional()
    .describe(
      'clean: steps see a checkout as CI makes it, without files that git ignores, and what they change there stays there. Default: the work tree itself; steps of a `job` always have a checkout of their own.',
    ),
  shards: z.int().min(1).max(100).optional().describe('Over how many machines the pipeline is divided. Default: 1.'),
  branches: z.array(text).min(1).optional().describe('Branches whose pushes are checked. Default: main and master.'),
  depth: z.int().min(0).optional().describe('How many commits of history CI fetches; 0 (default) is all of it.'),
  timeout: duration.optional().describe('A job is stopped after this long: seconds, or 90s, 10m, 1h. Default: 1h.'),
  registry: registryLogin
    .optional()
    .describe(
      "How CI logs in to image.repository's registry. Default: CI's own token for ghcr.io and for GitLab's registry, else none.",
    ),
  github: github.optional().describe('What only GitHub has.'),
  gitlab: gitlab.optional().describe('What only GitLab has.'),
});

const cache = z.strictObject({
  audit: z
    .union([z.string().regex(/^(?:100|\d{1,2}(?:\.\d+)?)%$/, 'must be a share such as 2%'), z.literal(0)])
    .optional()
    .describe(
      'The share of cached steps that are run all the same, by chance, to see whether they still pass. Default: 2% in runs in which something else has to run.',
    ),
  remote: text
    .optional()
    .describe(
      'Where machines share passes: a folder (/mnt/share/parity, ~/share, or relative to this file) or a registry repository (oci://localhost:5000/team/cache). Default: nowhere.',
    ),
  write: z
    .enum(['ci', 'always', 'never'])
    .optional()
    .describe('Who shares what passed: ci (where CI=true), always or never. Default: ci.'),
  trust: z
    .array(text)
    .optional()
    .describe('Whose passes are believed: public keys that `parity cache key` makes, ed25519:…'),
});

const remedy = z.strictObject({
  id: text.describe(
    "What `parity explain` calls it, e.g. team/vpn. One with the id of parity's own stands in its place.",
  ),
  title: text.describe('What it is, in one line.'),
  remedy: text.describe('What to do, in one line. `{name}` stands for what the group `(?<name>…)` of `match` found.'),
  link: text.optional().describe('Where more is written about it: https://…'),
  tool: text.optional().describe('Only what this tool says: mypy, flake8, pytest, tsc …'),
  code: text.optional().describe("Only the tool's own code, e.g. assignment or F401; needs `tool`."),
  match: text
    .optional()
    .describe(
      "A regular expression (JavaScript's, maybe with (?i) in front): over the tool's message where `tool` is given, else over each line of a failing step's output.",
    ),
});

/** The form of parity.yaml; what is between several values (names, folders, pins) is checked by config/check. */
export const configSchema = z
  .strictObject({
    version: z.literal(1).describe('The format of this file.'),
    toolchain: toolchain.optional().describe('What the image holds. Whatever is left out is detected.'),
    toolchains: z
      .record(z.string(), toolchain)
      .optional()
      .describe(
        'Toolchains by name, each with an image of its own, for steps that say `toolchain: NAME`. They hold what they name and nothing else; python: default that of `toolchain`.',
      ),
    image: image.optional().describe('How the image is made and shared.'),
    services: z.record(z.string(), service).optional().describe('Databases and the like, started before the steps.'),
    exclude: z
      .array(text)
      .optional()
      .describe(
        'Folders below that are projects of their own, as in .gitignore: there, parity does not use this file.',
      ),
    cache: cache.optional().describe('How passes of earlier runs are used.'),
    doctor: doctor.optional().describe('What `parity doctor` leaves out.'),
    remedies: z
      .array(remedy)
      .optional()
      .describe("The team's own remedies: told under a failing step before parity's, and by `parity explain`."),
    ci: ci.optional().describe('What `parity ci github` and `parity ci gitlab` write, and what steps find of CI.'),
    pipeline: z.array(step).min(1).optional().describe('The steps, in order. Default: detected from the repo.'),
  })
  .describe('parity.yaml: what passes here passes in CI');

/** parity.yaml as its schema gives it, before defaults. */
export type ConfigFile = z.infer<typeof configSchema>;

/** The keys that each kind of map may have, for did-you-mean. */
export const knownKeys = {
  top: Object.keys(configSchema.shape),
  toolchain: Object.keys(toolchain.shape),
  build: Object.keys(build.shape),
  image: Object.keys(image.shape),
  service: Object.keys(service.shape),
  step: Object.keys(step.shape),
  cache: Object.keys(cache.shape),
  doctor: Object.keys(doctor.shape),
  ignored: Object.keys(ignored.shape),
  remedy: Object.keys(remedy.shape),
  ci: Object.keys(ci.shape),
  registry: Object.keys(registryLogin.shape),
  github: Object.keys(github.shape),
  gitlab: Object.keys(gitlab.shape),
} as const;

/** The JSON Schema of parity.yaml for editors (draft 2020-12); `scripts/schema.mjs` writes it to schema/. */
export function configJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(configSchema, { io: 'input' }), title: 'parity.yaml' };
}
