import type { Remedy } from '../remedy.ts';

// npx asks the registry for a program that no step before has installed.
const offline =
  'Install in a step before that has `network: full`; if it must be this one, in parity.yaml, step "{step}": network: full';

/** What npm says. */
export const npm: readonly Remedy[] = [
  {
    id: 'npm/lock-out-of-sync',
    title: 'package-lock.json is not of this package.json',
    meaning:
      'npm ci installs exactly what the lock file says, and refuses when package.json asks for something else: somebody changed one and not the other.',
    remedy: 'Run npm install in that folder and commit package-lock.json',
    before: 'npm ci',
    after: 'npm install\ngit add package.json package-lock.json',
    links: ['https://docs.npmjs.com/cli/commands/npm-ci'],
    matchers: [
      {
        pattern:
          /package\.json and\s+(?:npm (?:error|ERR!) +)?package-lock\.json(?: or npm-shrinkwrap\.json)?\s+are\s+(?:not\s+)?in\s+sync/,
      },
    ],
    kind: 'cause',
  },
  {
    id: 'npm/no-lock',
    title: 'npm ci needs a package-lock.json, and there is none',
    meaning: 'It was never made, is ignored by git, or lies in another folder than the one that the step runs in.',
    remedy: "Run npm install there and commit package-lock.json; or set the step's cwd",
    links: ['https://docs.npmjs.com/cli/commands/npm-ci'],
    matchers: [
      { pattern: /`npm ci` command can only install with an existing\s+(?:npm (?:error|ERR!) +)?package-lock\.json/ },
    ],
    kind: 'cause',
  },
  {
    id: 'npm/missing-script',
    title: 'package.json has no such script',
    meaning: 'The name is misspelt, or the step runs in another folder than the package.json that has it.',
    remedy: "Correct the name, or the step's cwd: npm run lists what there is",
    links: ['https://docs.npmjs.com/cli/commands/npm-run'],
    matchers: [
      {
        pattern: /Missing script: "(?<name>[^"]+)"/,
        remedy: "There is no script `{name}`: npm run lists what there is; or set the step's cwd",
      },
    ],
  },
  {
    id: 'npm/peer-conflict',
    title: 'Two packages want different versions of a third',
    meaning: 'A peer dependency names a range that the installed version is not in. --legacy-peer-deps only hides it.',
    remedy: 'Move the two packages to versions that agree; npm explain <name> shows who wants what',
    links: ['https://docs.npmjs.com/cli/using-npm/config#legacy-peer-deps'],
    matchers: [{ tool: 'npm', codes: ['ERESOLVE'] }, { pattern: /^npm (?:error|ERR!) code ERESOLVE/m }],
    kind: 'cause',
  },
  {
    id: 'npm/network',
    title: 'npm could not reach the registry',
    meaning: 'The step has no network, or the network, its proxy or the registry is out of order.',
    remedy: 'Install in a step with network: full; if it has it, look at the proxy settings and try again later',
    before: '- { name: ui-install, run: npm ci, cwd: ui }',
    after: '- { name: ui-install, run: npm ci, cwd: ui, network: full, volumes: [node_modules] }',
    links: ['https://docs.npmjs.com/cli/using-npm/config'],
    matchers: [
      {
        tool: 'npm',
        codes: [
          'EAI_AGAIN',
          'ENOTFOUND',
          'ECONNREFUSED',
          'ECONNRESET',
          'ETIMEDOUT',
          'ENETUNREACH',
          'ERR_SOCKET_TIMEOUT',
        ],
        isDecisive: true,
        offline,
      },
      {
        pattern:
          /^npm (?:error|ERR!) (?:network |code (?:EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b)/m,
        offline,
      },
    ],
    kind: 'cause',
    escalates: true,
    covers: ['infrastructure/name-resolution', 'infrastructure/connection-refused'],
  },
  {
    id: 'npm/not-installed',
    title: "A package's program is not installed",
    meaning:
      'npm puts programs into node_modules/.bin. They are there once npm ci has run, in a step that this one needs and in the same volume.',
    remedy: 'Run npm ci in a step before, give both `volumes: [node_modules]`, and name it in `needs`',
    links: ['https://docs.npmjs.com/cli/commands/npm-exec'],
    matchers: [
      {
        pattern:
          /^(?:sh|bash|\/bin\/sh): (?:line )?\d+: (?<name>tsc|vite|eslint|prettier|vitest|jest|playwright|next|webpack): (?:command )?not found/m,
      },
    ],
    kind: 'cause',
    covers: ['shell/command-not-found'],
  },
];
