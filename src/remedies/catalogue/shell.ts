import type { Remedy } from '../remedy.ts';

/**
 * What is said of a program that is not in PATH: by a shell, by make (which starts simple commands itself), by nox, by Node, and by Python's subprocess, whose
 * words alone could be about a file.
 */
function missing(names: string): readonly RegExp[] {
  const name = `(?<name>${names})`;
  return [
    new RegExp(`^\\S*sh: (?:line )?\\d+: ${name}: (?:command )?not found$`, 'm'),
    new RegExp(`^g?make(?:\\[\\d+\\])?: ${name}: No such file or directory$`, 'm'),
    new RegExp(`^nox > Program ${name} not found`, 'm'),
    new RegExp(`\\bspawn(?:Sync)? ${name} ENOENT\\b`),
    new RegExp(
      `in _execute_child\\n(?:.*\\n){0,6}?.*FileNotFoundError: \\[Errno 2\\] No such file or directory: '${name}'$`,
      'm',
    ),
    new RegExp(
      `^E +FileNotFoundError: \\[Errno 2\\] No such file or directory: '${name}'\\n+.*\\bsubprocess\\.py:\\d+: FileNotFoundError$`,
      'm',
    ),
  ];
}

/** What the shell says of a step's command line. */
export const shell: readonly Remedy[] = [
  {
    id: 'shell/command-not-found',
    title: 'A command is not in the image',
    meaning:
      'It is installed on your machine, and the image has only what the lock names: Python tools, the requirements, Node, Debian packages.',
    remedy: 'Add it in parity.yaml to toolchain.tools (Python) or toolchain.system (Debian), then: parity lock',
    before: 'toolchain:\n  tools: [black==25.9.0]',
    after: 'toolchain:\n  tools: [black==25.9.0, ruff]\n  system: [jq]',
    links: ['https://www.gnu.org/software/bash/manual/html_node/Exit-Status.html'],
    matchers: missing(String.raw`[\w./+-]+`).map((pattern) => ({
      pattern,
      remedy:
        'Add what has `{name}` to toolchain.tools (Python) or toolchain.system (Debian) in parity.yaml, then: parity lock',
    })),
    kind: 'cause',
  },
  {
    id: 'shell/package-manager-not-found',
    title: 'A package manager is called that the image does not have',
    meaning:
      'On your machine it is installed for all projects. The image has the package managers that the project names: its version decides what is installed, so it has to be said.',
    remedy:
      'Name it and its version: "packageManager" in package.json (Node), toolchain.tools (Python); then: parity lock',
    before: '{ "name": "shop" }',
    after: '{ "name": "shop", "packageManager": "pnpm@9.15.4" }',
    links: ['https://nodejs.org/api/packages.html#packagemanager'],
    matchers: [
      ...missing('pnpm|yarn|bun').map((pattern) => ({
        pattern,
        remedy:
          'Name it in package.json ("packageManager": "{name}@VERSION") or parity.yaml (toolchain.{name}), then: parity lock',
      })),
      ...missing('deno').map((pattern) => ({
        pattern,
        remedy:
          'Images have npm, pnpm, Yarn and bun: put `{name}` into devDependencies and call it by npx, or let npm run the script',
      })),
      ...missing('uv|poetry').map((pattern) => ({
        pattern,
        remedy:
          'Name it in parity.yaml, in the version that CI has (toolchain: { {name}: "VERSION" }), then: parity lock',
      })),
      ...missing('uvx|pdm|pipenv|hatch|rye|pipx|tox|nox').map((pattern) => ({
        pattern,
        remedy: '`{name}` is a Python tool: add {name}==VERSION to toolchain.tools in parity.yaml, then: parity lock',
      })),
    ],
    kind: 'cause',
    covers: ['shell/command-not-found'],
  },
  {
    id: 'shell/not-executable',
    title: 'A script may not be executed',
    meaning:
      'Its mode has no x. Git keeps that bit: on a checkout elsewhere the file is as it was committed, whatever chmod did here since.',
    remedy: 'chmod +x it and commit the mode: git update-index --chmod=+x <path>',
    before: '- { name: check, run: ./check.sh }',
    after: 'chmod +x check.sh\ngit update-index --chmod=+x check.sh',
    links: ['https://git-scm.com/docs/git-update-index'],
    matchers: [
      {
        pattern: /^\S*sh: (?:line )?\d+: (?<path>\S+): Permission denied$/m,
        remedy: 'chmod +x {path}, and commit the mode: git update-index --chmod=+x {path}',
      },
    ],
    kind: 'cause',
  },
  {
    id: 'shell/carriage-return',
    title: 'A script has Windows line ends',
    meaning:
      "The carriage return at the end of its first line is taken for a part of the interpreter's name, or of a command.",
    remedy: 'Convert it to LF and keep it so: `*.sh text eol=lf` in .gitattributes',
    before: '*.sh text=auto',
    after: '*.sh text eol=lf',
    links: ['https://git-scm.com/docs/gitattributes#_end_of_line_conversion'],
    matchers: [
      { pattern: /\$'[^'\n]*\\r': command not found|syntax error near unexpected token [`']\$'[^'\n]*\\r'/ },
      {
        pattern:
          /\\r: (?:invalid option|command not found|No such file or directory|numeric argument required)|: Illegal option -\\r$/m,
      },
      { pattern: /(?:env: |bad interpreter)[^\n]*(?:\\r|\^M)|\^M: bad interpreter/ },
      {
        pattern: /\nthe (?:first line|lines) of (?<path>.+) ends? with a carriage return$/,
        isDecisive: true,
        remedy: 'Convert {path} to LF and keep it so: `*.sh text eol=lf` in .gitattributes',
      },
    ],
    kind: 'cause',
    covers: ['shell/command-not-found', 'shell/interpreter-missing'],
  },
  {
    id: 'shell/interpreter-missing',
    title: 'A script is there, and the program that its first line names is not',
    meaning:
      'Linux starts what stands behind `#!`. That program is not in the image, is elsewhere there, or is a name with a carriage return at its end (Windows line ends).',
    remedy: 'Write #!/usr/bin/env and the program, and add it to toolchain.system; see the line ends with: file <path>',
    before: '#!/bin/zsh',
    after: '#!/usr/bin/env bash',
    links: ['https://www.gnu.org/software/bash/manual/html_node/Shell-Scripts.html'],
    matchers: [
      {
        pattern: /\nthe first line of (?<path>.+) names (?<program>.+)$/,
        isDecisive: true,
        remedy:
          '`{path}` names {program}, which is not in the image: add it to toolchain.system, or write #!/usr/bin/env bash',
      },
      {
        pattern: /^\S*sh: (?:(?:line )?\d+: )?(?:\S+: )+(?:cannot execute: required file not found|bad interpreter: )/m,
      },
      {
        pattern: /^env: ['‘]?(?<name>[\w.+-]+)['’]?: No such file or directory$/m,
        remedy: 'Add what has `{name}` to toolchain.tools (Python) or toolchain.system (Debian), then: parity lock',
      },
    ],
    kind: 'cause',
    covers: ['shell/command-not-found'],
  },
  {
    id: 'shell/locale-missing',
    title: 'A locale is asked for that is not in the image',
    meaning:
      'GitHub’s ubuntu runners have en_US.UTF-8 and some others; a Debian image has C.UTF-8 alone. The package locales-all has them all.',
    remedy: 'Add locales-all to toolchain.system in parity.yaml, then: parity lock',
    before: 'toolchain:\n  system: []',
    after: 'toolchain:\n  system: [locales-all]',
    links: ['https://docs.python.org/3/library/locale.html#locale.setlocale'],
    matchers: [
      { pattern: /locale\.Error: unsupported locale setting/ },
      {
        pattern:
          /cannot change locale \((?<name>[\w.@-]+)\)|perl: warning: Setting locale failed|locale::facet::_S_create_c_locale name not valid|locale: Cannot set LC_\w+ to default locale/,
      },
    ],
  },
  {
    id: 'shell/unbound-variable',
    title: 'A variable is used that is not set',
    meaning:
      "Steps run with bash -u and with the variables that parity.yaml gives them, never with your shell's: a name that is not set there is an error.",
    remedy: 'Give the step the variable: env, passEnv or secrets; or write ${NAME:-default}',
    before: 'run: echo "$REGION"',
    after: 'env: { REGION: eu-west-1 }\nrun: echo "$REGION"',
    links: ['https://www.gnu.org/software/bash/manual/html_node/The-Set-Builtin.html'],
    matchers: [
      {
        pattern: /^\S*sh: (?:line )?\d+: (?<name>\w+): (?:unbound variable|parameter not set)$/m,
        remedy: 'Give the step `{name}`: env, passEnv or secrets in parity.yaml; or write a default for it',
      },
    ],
    kind: 'cause',
  },
];
