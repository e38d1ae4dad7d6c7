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
      { pattern: /(?:env: |bad interpreter)[^\n]*(?:\\r|\^M)/ },
    ],
    kind: 'cause',
    covers: ['shell/command-not-found'],
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
