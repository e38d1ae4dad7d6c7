import type { Remedy } from '../remedy.ts';

// npx asks the registry for a program that no step before has installed.
const offline =
  'Install in a step before that has `network: full`; if it must be this one, in parity.yaml, step "{step}": network: full';

// A registry of the machine itself (Verdaccio) is reached without a network, when it runs.
const ownMachine = /request to https?:\/\/(?:localhost|127(?:\.\d+){3}|\[::1\])[:/]/;

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
    id: 'npm/lock-of-one-platform',
    title: 'package-lock.json has the optional packages of one platform only',
    meaning:
      'Programs with native code come as optional packages, one for each platform. npm writes them all into the lock file, but only those that are in node_modules when it makes the file anew from there (npm/cli#4828): on another platform the program has no code then.',
    remedy: 'Make both anew, and commit the lock file: rm -rf node_modules package-lock.json && npm install',
    before: 'npm install',
    after: 'rm -rf node_modules package-lock.json\nnpm install\ngit add package-lock.json',
    links: ['https://docs.npmjs.com/cli/configuring-npm/package-lock-json'],
    matchers: [
      { pattern: /npm has a bug related to optional dependencies/ },
      {
        pattern:
          /Cannot find (?:module|package) '?(?<name>(?:@[\w.-]+\/)?[\w.-]*\b(?:linux|darwin|win32|freebsd|android)-(?:x64|arm64|arm|ia32|ppc64|riscv64|s390x)[\w-]*)/,
        remedy: 'It lacks {name}: rm -rf node_modules package-lock.json && npm install, and commit package-lock.json',
      },
      {
        pattern:
          /The package "(?<name>@esbuild\/[\w-]+)" could not be found, and is needed by esbuild|You installed esbuild for another platform/,
      },
      { pattern: /Could not load the "sharp" module using the [\w-]+ runtime/ },
      {
        // What napi-rs makes asks for a file beside it, after the package of its platform: lightningcss, older @swc/core, oxc.
        pattern:
          /Cannot find module '[^'\n]*?(?<name>[\w-]+\.(?:linux|darwin|win32|freebsd|android)-(?:x64|arm64|arm|ia32|ppc64|riscv64|s390x)[\w-]*\.node)'/,
        remedy: 'It lacks {name}: rm -rf node_modules package-lock.json && npm install, and commit package-lock.json',
      },
      {
        pattern: /Attempted to load (?<name>@next\/swc-[\w-]+), but it was not installed/,
        remedy: 'It lacks {name}: rm -rf node_modules package-lock.json && npm install, and commit package-lock.json',
      },
      {
        pattern: /No prebuild or local build of @parcel\/watcher found\. Tried (?<name>@parcel\/watcher-[\w-]+)/,
        remedy: 'It lacks {name}: rm -rf node_modules package-lock.json && npm install, and commit package-lock.json',
      },
      {
        pattern:
          /Turborepo did not find the correct binary for your platform|Embedded Dart Sass couldn't find the embedded compiler executable/,
      },
      {
        pattern:
          /Missing: (?<name>(?:@[\w.-]+\/)?[\w.-]*\b(?:linux|darwin|win32|freebsd|openbsd|netbsd|android|aix|sunos|openharmony)(?:32|64)?-(?:x64|arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x)[\w-]*)@\S* from lock file/,
        isDecisive: true,
        remedy: 'It lacks {name} and others: rm -rf node_modules package-lock.json && npm install, and commit it',
      },
    ],
    kind: 'cause',
    covers: ['npm/lock-out-of-sync', 'tsc/module-not-found'],
  },
  {
    id: 'npm/lock-names-other-registry',
    title: 'A lock file takes packages from a registry that is not in reach',
    meaning:
      'npm writes into `resolved` where each package came from: on a machine with a registry of its own (a cache, Verdaccio, a company proxy) that is its address, and every other machine is sent there.',
    remedy: 'Put the registry that CI uses in its place in package-lock.json (npm config get registry), and commit it',
    before: '"resolved": "http://localhost:4873/ms/-/ms-2.1.3.tgz"',
    after: '"resolved": "https://npm.acme.example/ms/-/ms-2.1.3.tgz"',
    links: [
      'https://docs.npmjs.com/cli/configuring-npm/package-lock-json#packages',
      'https://docs.npmjs.com/cli/using-npm/config#replace-registry-host',
    ],
    matchers: [
      ...['npm', 'yarn', 'pnpm'].map((tool) => ({
        tool,
        pattern: /\n(?<lock>[^\n:]+) takes (?<name>[^\n]+) from (?<host>https?:\/\/[^\n]+)$/,
        isDecisive: true,
        remedy:
          'In {lock} put the registry that CI uses (npm config get registry) in the place of {host}, and commit it',
      })),
      {
        // Without a look into the lock file: nobody's package.json asks for an address of the machine itself.
        tool: 'npm',
        pattern:
          /(?:request to |Refusing to fetch "[^"\s]+@)(?<host>https?:\/\/(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?)\/[^\s"]+\.tgz/,
        isDecisive: true,
        remedy:
          'In package-lock.json put the registry that CI uses (npm config get registry) in the place of {host}, and commit it',
      },
    ],
    kind: 'cause',
    covers: ['npm/network', 'infrastructure/name-resolution', 'infrastructure/connection-refused'],
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
        except: ownMachine,
        offline,
      },
      {
        except: ownMachine,
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
