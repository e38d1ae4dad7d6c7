import type { Remedy } from '../remedy.ts';

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
    matchers: [
      {
        pattern: /^\S*sh: (?:line )?\d+: (?<name>[\w./+-]+): (?:command )?not found$/m,
        remedy:
          'Add what has `{name}` to toolchain.tools (Python) or toolchain.system (Debian) in parity.yaml, then: parity lock',
      },
    ],
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
      {
        pattern: /^\S*sh: (?:line )?\d+: (?<name>pnpm|yarn|bun): (?:command )?not found$/m,
        remedy:
          'Name it in package.json ("packageManager": "{name}@VERSION") or parity.yaml (toolchain.{name}), then: parity lock',
      },
      {
        pattern: /^\S*sh: (?:line )?\d+: (?<name>deno): (?:command )?not found$/m,
        remedy:
          'Images have npm, pnpm, Yarn and bun: put `{name}` into devDependencies and call it by npx, or let npm run the script',
      },
      {
        pattern:
          /^\S*sh: (?:line )?\d+: (?<name>uv|uvx|poetry|pdm|pipenv|hatch|rye|pipx|tox|nox): (?:command )?not found$/m,
        remedy: '`{name}` is a Python tool: add {name}==VERSION to toolchain.tools in parity.yaml, then: parity lock',
      },
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
      { pattern: /\$'[^'\n]*\\r': command not found/ },
      { pattern: /(?:env: |bad interpreter)[^\n]*(?:\\r|\^M)|\^M: bad interpreter/ },
      {
        pattern: /\nthe first line of (?<path>.+) ends with a carriage return$/,
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
