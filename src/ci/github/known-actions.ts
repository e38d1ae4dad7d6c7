import type { CiStep } from '../model.ts';
import type { ActionCommand, InputOf } from './action-command.ts';
import { ruffCommand } from './ruff-action.ts';
import { toolLine } from './tool-line.ts';

/** What a well-known action is to a pipeline. */
export type KnownAction =
  /** No part of a pipeline: it fetches, caches, sets up or reports. `what` says it in a word or two. */
  | { readonly kind: 'aside'; readonly what: string }
  /** It sets up a Python, a Node, or a tool that installs packages. */
  | { readonly kind: 'setup'; readonly what: string }
  /** It stands for a command. */
  | {
      readonly kind: 'command';
      readonly command: (input: InputOf, ref: string, readText: (path: string) => string | undefined) => ActionCommand;
    }
  /** It can't be carried over, for this reason. */
  | { readonly kind: 'left-out'; readonly why: string };

const aside = (what: string): KnownAction => ({ kind: 'aside', what });
const setup = (what: string): KnownAction => ({ kind: 'setup', what });
const leftOut = (why: string): KnownAction => ({ kind: 'left-out', why });

/** It builds a package, checks what came of it, and says which Pythons the package supports. */
export const buildAndInspect = 'hynek/build-and-inspect-python-package';

/** Actions by name, without what follows `@`; the first pattern that fits counts. */
const actions: readonly (readonly [pattern: RegExp, known: KnownAction])[] = [
  [/^actions\/checkout$/, aside('checkout')],
  [
    /^actions\/cache(?:\/(?:restore|save))?$|^(?:swatinem\/rust-cache|tespkg\/actions-cache|buildjet\/cache)$/,
    aside('caching'),
  ],
  [/^actions\/(?:upload|download)-artifact(?:\/merge)?$/, aside('artifacts')],
  [
    /^(?:codecov\/|coverallsapp\/|codacy\/|paambaati\/codeclimate|qltysh\/|py-cov-action\/|mishakav\/pytest-coverage|5monkeys\/cobertura|irongut\/|orgoro\/coverage|pyth0n1c\/|sonarsource\/)/,
    aside('coverage uploads'),
  ],
  [
    /^(?:enricomi\/publish-unit-test-result-action|mikepenz\/action-junit-report|dorny\/test-reporter|pmeier\/pytest-results-action|test-summary\/action)/,
    aside('test reports'),
  ],
  [
    /^(?:step-security\/harden-runner|styfle\/cancel-workflow-action|re-actors\/alls-green|jlumbroso\/free-disk-space|actions\/labeler|easimon\/maximize-build-space|ilammy\/msvc-dev-cmd)/,
    aside("the runner's own care"),
  ],
  [/^(?:dorny\/paths-filter|tj-actions\/changed-files)/, aside('which files changed (here: all of them)')],
  [
    /^(?:actions\/setup-python|actions\/setup-node|deadsnakes\/action|actions\/setup-uv|astral-sh\/setup-uv|yezz123\/setup-uv|hynek\/setup-cached-uv)$/,
    setup(''),
  ],
  [
    /^(?:snok\/install-poetry|abatilo\/actions-poetry|gr1n\/setup-poetry|pdm-project\/setup-pdm|pnpm\/action-setup|oven-sh\/setup-bun|extractions\/setup-just|moneymeets\/action-setup-python-poetry|packetcoders\/action-setup-cache-python-poetry|install-pinned\/\w+|bahmutov\/npm-install)$/,
    setup(''),
  ],
  [/^(?:jdx\/mise-action|jupyterlab\/maintainer-tools\/\.github\/actions\/base-setup)$/, setup('')],
  [/^jupyterlab\/maintainer-tools\/\.github\/actions\/(?:upload|report)-coverage$/, aside('coverage uploads')],
  [/^jupyterlab\/maintainer-tools\/\.github\/actions\/check-links$/, leftOut('it asks other sites for the links')],
  [
    /^jupyterlab\/maintainer-tools\/\.github\/actions\/(?:enforce-label|binder-link|update-snapshots(?:-checkout)?|inline-playwright-report|pr-script)$/,
    leftOut("it looks after GitHub's pages of the repository"),
  ],
  [
    /^jupyterlab\/maintainer-tools\/\.github\/actions\/pre-commit$/,
    { kind: 'command', command: () => ({ script: 'pre-commit run --all-files', tools: ['pre-commit'] }) },
  ],
  [
    /^psf\/black$/,
    {
      kind: 'command',
      command: (input, ref) => {
        const version = input('version') ?? (/^\d+\.[\w.]+$/.test(ref) ? ref : undefined);
        const options = input('options') ?? '--check --diff';
        return { script: `black ${options} ${input('src') ?? '.'}`, tools: [toolLine('black', version)] };
      },
    },
  ],
  [
    /^(?:astral-sh\/ruff-action|chartboost\/ruff-action)$/,
    {
      kind: 'command',
      command: (input, _, readText) => ruffCommand(input, readText),
    },
  ],
  [
    /^isort\/isort-action$/,
    {
      kind: 'command',
      command: (input) => ({
        script: `isort ${input('configuration') ?? '--check-only --diff'} ${input('sort-paths') ?? '.'}`,
        tools: [toolLine('isort', input('isort-version'))],
      }),
    },
  ],
  [
    /^pre-commit\/action$|^tox-dev\/action-pre-commit-uv$/,
    {
      kind: 'command',
      command: (input) => ({ script: `pre-commit run ${input('extra_args') ?? '--all-files'}`, tools: ['pre-commit'] }),
    },
  ],
  [
    /^py-actions\/py-dependency-install$/,
    {
      kind: 'command',
      command: (input) => ({ script: `python -m pip install -r ${input('path') ?? 'requirements.txt'}`, tools: [] }),
    },
  ],
  [
    /^jakebailey\/pyright-action$/,
    {
      kind: 'command',
      command: (input) => ({
        script: ['pyright', input('extra-args') ?? ''].join(' ').trim(),
        tools: [toolLine('pyright', input('version'))],
      }),
    },
  ],
  [
    new RegExp(`^${buildAndInspect}$`),
    {
      kind: 'command',
      command: (input) => {
        const only = input('skip-wheel') === 'true' ? ' --sdist' : '';
        const checks = ['twine check --strict dist/*', ...(only === '' ? ['check-wheel-contents dist/*.whl'] : [])];
        const script = [`python -m build${only} --outdir dist ${input('path') ?? ''}`.trim(), ...checks].join('\n');
        return { script, tools: ['build', 'twine', 'check-wheel-contents'] };
      },
    },
  ],
  [
    /^(?:pypa\/gh-action-pypi-publish|softprops\/action-gh-release|ncipollo\/release-action|actions\/create-release|actions\/upload-release-asset|peaceiris\/actions-gh-pages|jamesives\/github-pages-deploy-action|actions\/deploy-pages|actions\/upload-pages-artifact|actions\/configure-pages|googleapis\/release-please-action|google-github-actions\/release-please-action|release-drafter\/release-drafter|python-semantic-release\/|changesets\/action|goreleaser\/goreleaser-action)/,
    leftOut('it publishes'),
  ],
  [
    /^(?:docker\/|aws-actions\/|azure\/|google-github-actions\/|hashicorp\/)/,
    leftOut('it needs a container engine or a cloud, which steps do not have'),
  ],
  [/^github\/codeql-action\//, leftOut("it is GitHub's own code scanning")],
  [
    /^(?:conda-incubator\/setup-miniconda|mamba-org\/|s-weigand\/setup-conda)/,
    leftOut('conda environments are not read: list what the steps need in toolchain.tools and toolchain.system'),
  ],
  [
    /^(?:actions\/setup-(?:go|java|dotnet|ruby)|ruby\/setup-ruby|dtolnay\/rust-toolchain|actions-rs\/|actions-rust-lang\/|subosito\/flutter-action|shivammathur\/setup-php|denoland\/setup-deno|maxim-lobanov\/setup-xcode)/,
    leftOut("the image has Python and Node: other languages' tools come from Debian packages in toolchain.system"),
  ],
];

/** What a well-known action is; undefined for any other. `name` is lower case and has no `@ref`. */
export function knownAction(name: string): KnownAction | undefined {
  return actions.find(([pattern]) => pattern.test(name))?.[1];
}

/** Variables that an action sets for all later steps of its job. */
export function setByAction(step: CiStep): Readonly<Record<string, string>> {
  if (step.kind !== 'use') return {};
  // https://github.com/snok/install-poetry: what activates the environment.
  return /^snok\/install-poetry@/i.test(step.uses.value.text ?? '') ? { VENV: '.venv/bin/activate' } : {};
}

/** True for actions whose outputs say which files changed. */
export function detectsChanges(name: string): boolean {
  return /^(?:dorny\/paths-filter|tj-actions\/changed-files)/.test(name);
}
