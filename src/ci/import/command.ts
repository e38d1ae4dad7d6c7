import type { ShellCommand } from '../../formats/shell.ts';

/** What a command is to an import. */
export type CommandKind =
  /** It puts Python packages into the environment: that is the image's. */
  | 'python-install'
  /** It installs Debian packages. */
  | 'system-install'
  /** It fills a node_modules. */
  | 'node-install'
  /** It only prepares or prints: environments, caches, versions. */
  | 'aside'
  /** It hands something to the world. */
  | 'publish'
  /** It needs what steps do not have. */
  | 'foreign'
  /** It looks and changes nothing. */
  | 'check'
  | 'test'
  /** It makes files from the sources alone. */
  | 'build'
  /** It says nothing by itself: `cd`, `echo`, `set`. */
  | 'neutral'
  | 'other';

/** A command's words, without a folder of programs before its own (`.venv/bin/`) and without `python -m`. */
export function plainWords({ words }: Pick<ShellCommand, 'words'>): readonly string[] {
  const texts = words.map(({ text }) => text);
  const [program = ''] = texts;
  const name = program.replace(/^(?:.*\/)?bin\//, '');
  // JupyterLab's own Yarn.
  if (name === 'jlpm') return ['yarn', ...texts.slice(1)];
  const called = /^python[\d.]*$/.test(name) ? moduleWords(texts.slice(1)) : undefined;
  return called ?? [name, ...texts.slice(1)];
}

/** Modules whose programs have another name. */
const modulePrograms: Readonly<Record<string, string | undefined>> = {
  pre_commit: 'pre-commit',
  pip_audit: 'pip-audit',
  check_manifest: 'check-manifest',
  check_wheel_contents: 'check-wheel-contents',
};

/** The module and its words after Python's own options (`-Im build`, `-X dev -m pytest`); undefined when no module is run. */
function moduleWords(words: readonly string[]): readonly string[] | undefined {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const [, attached] = /^-[bBdEiIOPqsSuvx]*m(.*)$/.exec(word) ?? [];
    if (attached !== undefined) {
      const [module, ...rest] = attached === '' ? words.slice(at + 1) : [attached, ...words.slice(at + 1)];
      return module === undefined ? undefined : [modulePrograms[module] ?? module, ...rest];
    }
    if (/^-[WX]$/.test(word)) at += 1;
    else if (!/^-(?:[bBdEiIOPqsSuvx]+|[WX].+)$/.test(word)) return undefined;
  }
  return undefined;
}

const patterns: readonly (readonly [pattern: RegExp, kind: CommandKind])[] = [
  [
    /^(?:cd|echo|printf|set|export|true|:|test|\[|\[\[|mkdir|sleep|exit|pwd|ls|cat|env|date|for|case|in|which|shopt|unset|trap|wait|return|local|read|break|printenv|whoami|uname|nproc)(?: |$)/,
    'neutral',
  ],
  [
    /^uv (?:pip )?(?:venv|cache|python|self|lock|--version|version|pip list|pip freeze|pip check|pip tree|tree|pip show)\b/,
    'aside',
  ],
  [/^(?:uv )?pip[\d.]* (?:cache|list|freeze|--version|config|debug|show|-V|help)\b/, 'aside'],
  [/^(?:venv|virtualenv|ensurepip|deactivate)(?: |$)/, 'aside'],
  [/^(?:source|\.) \S*(?:bin\/activate|poetry\/env)\b/, 'aside'],
  [
    /^(?:poetry|pdm|pipenv|hatch|rye) (?:config|env|self|--version|show|check|lock|use|info|about|cache|python|version|-V|--venv)\b/,
    'aside',
  ],
  // `-v` is the version of what runs on Node, and more words of all others: `pytest -v` runs the tests.
  [
    /^(?:python[\d.]*|black|ruff|flake8|mypy|pytest|git|pip[\d.]*|uv|poetry|tox|nox)(?: (?:--version|-V+))+$|^(?:node|npm|npx|yarn|pnpm|bun)(?: (?:--version|-v))+$/,
    'aside',
  ],
  [/^(?:apt-get|apt) (?:.* )?(?:update|upgrade|clean|autoremove|autoclean|dist-upgrade|purge|remove)\b/, 'aside'],
  [
    /^(?:add-apt-repository|locale-gen|dpkg-reconfigure|ldconfig|update-locale|update-alternatives|corepack|nvm|fnm|volta|df|free|lscpu)(?: |$)/,
    'aside',
  ],
  [
    /^npm (?:config|cache|set)\b|^(?:yarn|pnpm) (?:config|cache|store|set)\b|^bun (?:pm (?:cache|ls|bin)|upgrade)\b/,
    'aside',
  ],
  [/^git (?:config|log|status|rev-parse|show|version)\b/, 'aside'],
  [/^(?:uv )?pip[\d.]* (?:\S+ )*?(?:install|sync)\b/, 'python-install'],
  [/^uv (?:\S+ )*?sync\b/, 'python-install'],
  [/^uv (?:tool install|add)\b|^pipx (?:install|inject|ensurepath)\b/, 'python-install'],
  [/^(?:poetry|pdm|pipenv|rye) (?:\S+ )*?(?:install|sync|add)\b|^hatch env create\b/, 'python-install'],
  [/^flit install\b|^python[\d.]* setup\.py (?:develop|install)\b/, 'python-install'],
  [/^curl .*install\.python-poetry\.org|^curl .*astral\.sh\/uv|^wget .*astral\.sh\/uv/, 'python-install'],
  [/^(?:apt-get|apt) (?:.* )?install\b/, 'system-install'],
  [/^(?:conda|mamba|micromamba) /, 'foreign'],
  [
    /^npm (?:ci|clean-install|install|i)(?: (?!-g\b|--global\b)\S+)*$|^(?:npx (?:-\S+ )*)?(?:yarn|pnpm|@yarnpkg\/cli-dist)(?:@\S+)?(?: (?:--cwd|--dir|-C|--filter|-F) \S+| install| i| ci| -\S+)*$|^bun (?:install|i|ci)(?: (?!-g\b|--global\b)-\S+)*$/,
    'node-install',
  ],
  [
    /^npm (?:install|i|add)(?=.* (?:-g|--global)(?: |$))(?: (?:-\S+|(?:yarn|pnpm|npm|bun|corepack)(?:@\S+)?))+$/,
    'aside',
  ],
  [/^(?:npm|pnpm|yarn) (?:.* )?(?:-g|--global|global)\b|^bun (?:add|install|i) (?:.* )?(?:-g|--global)\b/, 'foreign'],
  [
    /^(?:twine upload|npm publish|pnpm publish|bun publish|yarn (?:npm )?publish|poetry publish|uv publish|pdm publish|hatch publish|flit publish|gh |git (?:push|tag|commit)|semantic-release|mkdocs gh-deploy|mike deploy|aws |az |gcloud |netlify |vercel |wrangler |firebase |fly(?:ctl)? |heroku |ghp-import|docker push|docker login|cargo publish)/,
    'publish',
  ],
  [/^codecov(?:cli)?(?: |$)|^coveralls(?: |$)|^codacy\b/, 'aside'],
  [
    /^(?:docker|docker-compose|podman|buildah|kubectl|helm|kind|minikube|terraform|tofu|pulumi|ansible-playbook|systemctl|service|brew|choco|pwsh|powershell|snap|modprobe|sysctl|act|useradd|adduser|groupadd|usermod|su|chown|chgrp|dpkg|apt-key|mount|umount|ufw|iptables|apk|dnf|microdnf|yum|zypper|pacman)(?: |$)/,
    'foreign',
  ],
  [
    /^(?:cargo|rustup|rustc|go|golangci-lint|mvn|gradle|\.?gradlew|dotnet|java|javac|bundle|gem|rake|ruby|php|composer|swift|xcodebuild|flutter|dart|deno|elixir|mix|zig)(?: |$)/,
    'foreign',
  ],
  [
    /^black\b(?=.* (?:--check|--diff))|^isort\b(?=.* (?:--check|--check-only|-c|--diff)\b)|^ruff format\b(?=.* (?:--check|--diff))/,
    'check',
  ],
  [/^ruff(?: check)?\b(?!.* (?:--fix|format)\b)/, 'check'],
  [
    /^(?:flake8|mypy|dmypy|pylint|pyright|basedpyright|pytype|bandit|pydocstyle|pycodestyle|pyflakes|codespell|vulture|interrogate|deptry|doc8|yamllint|shellcheck|hadolint|typos|pip-audit|safety|radon|xenon|compileall|refurb|pyroma|check-manifest|validate-pyproject|rstcheck|djlint|curlylint|sqlfluff lint|detect-secrets|gitlint|reuse lint|actionlint|zizmor|import-linter|lint-imports|slotscheck|blacken-docs|darglint|pydoclint|ty check|pyrefly check|check-jsonschema|pip-licenses|liccheck|twine check|pyproject-build --check)\b/,
    'check',
  ],
  [/^pre-commit(?:-uv)? (?:install|install-hooks|uninstall|gc|clean)\b/, 'aside'],
  [/^pre-commit(?:-uv)? run\b/, 'other'],
  [
    /^(?:npx (?:-\S+ )*)?(?:eslint|stylelint|tsc|vue-tsc|svelte-check|prettier|biome|oxlint|knip|madge|depcruise|markdownlint\S*|cspell|publint)\b(?=.*(?:--noEmit|--check|--list-different|-c\b|lint|check|--max-warnings|eslint|knip|publint|madge|depcruise))(?!.*--(?:fix|write)\b)/,
    'check',
  ],
  [
    /^(?:npm run|npm run-script|pnpm run|yarn run|yarn|pnpm|bun run) (?:--\S+ )*(?:lint|typecheck|type-check|check-types|types|check|tsc|format:check|format-check|prettier:check|lint:\S+|check:\S+|fmt:check|knip|eslint)(?: |$)/,
    'check',
  ],
  [
    /^(?:npm|pnpm|yarn) (?:(?:--filter|-F|--cwd|--dir|-C|--prefix) \S+ |-\S+ |workspace \S+ )*(?:run )?(?:test|t|test:\S+|vitest|jest|e2e|coverage)(?: |$)|^bun (?:-\S+ )*(?:run )?(?:test|test:\S+|vitest|jest|e2e|coverage)(?: |$)|^(?:npx|bunx) (?:-\S+ )*(?:vitest|jest|mocha|ava|playwright test|cypress run)\b/,
    'test',
  ],
  [/^(?:pytest|py\.test|unittest|nose2|nosetests|stestr|trial|behave|doctest|robot|ward)\b(?!.*--cov-append)/, 'test'],
  [/^python[\d.]* \S*manage\.py (?:test|check|makemigrations --check)\b/, 'test'],
  [/^make (?:\S+ )*(?:lint|check|typecheck|mypy|format-check|flake8|style)(?: |$)/, 'check'],
  [/^make (?:\S+ )*(?:test|tests|unittest|pytest)(?: |$)/, 'test'],
  [
    /^(?:npm run|pnpm run|yarn run|yarn|pnpm|bun run) (?:--\S+ )*build(?::\S+)?(?: |$)|^bun build\b|^(?:npx (?:-\S+ )*)?(?:tsc|vite build|webpack|rollup|next build|ng build)\b/,
    'build',
  ],
  [
    /^(?:build|mkdocs build|sphinx-build|uv build|poetry build|hatch build|flit build|pdm build|pyproject-build|python[\d.]* setup\.py (?:sdist|bdist_wheel))(?: |$)/,
    'build',
  ],
];

/** What a command is to an import, by its words; commands that start others (`poetry run`) are looked through first. */
export function commandKind(command: Pick<ShellCommand, 'words'>): CommandKind {
  const before = kinds.get(command.words);
  if (before !== undefined) return before;
  const text = plainWords(command).join(' ');
  const kind = patterns.find(([pattern]) => pattern.test(text))?.[1] ?? 'other';
  kinds.set(command.words, kind);
  return kind;
}

// Asked many times of each command, and 50 patterns each.
const kinds = new WeakMap<ShellCommand['words'], CommandKind>();

/** The package that brings a program, where steps call it by another name. */
const packages: Readonly<Record<string, string>> = {
  'sphinx-build': 'sphinx',
  'sphinx-apidoc': 'sphinx',
  'py.test': 'pytest',
  'lint-imports': 'import-linter',
  'pyproject-build': 'build',
  coverage: 'coverage',
};

const knownTools = new Set(
  'black isort ruff flake8 mypy pylint pyright basedpyright bandit pydocstyle pycodestyle pyflakes codespell vulture interrogate deptry doc8 yamllint pip-audit safety radon xenon refurb check-manifest validate-pyproject djlint sqlfluff pytest tox nox pre-commit coverage mkdocs twine build hatch sphinx import-linter pytype nose2 zizmor detect-secrets reuse'.split(
    ' ',
  ),
);

/** The Python package whose program a command runs; undefined for programs that are nobody's. */
export function toolOf(command: Pick<ShellCommand, 'words'>): string | undefined {
  const [program = ''] = plainWords(command);
  const name = packages[program] ?? program;
  return knownTools.has(name) ? name : undefined;
}

/** Programs that a CI's machine has and a slim image lacks, with the Debian package that brings each. */
const systemPackages: Readonly<Record<string, string>> = {
  make: 'make',
  curl: 'curl',
  wget: 'wget',
  jq: 'jq',
  gcc: 'gcc',
  cc: 'gcc',
  'g++': 'g++',
  cmake: 'cmake',
  zip: 'zip',
  unzip: 'unzip',
  rsync: 'rsync',
  'xvfb-run': 'xvfb',
  msgfmt: 'gettext',
  xgettext: 'gettext',
  envsubst: 'gettext-base',
  shellcheck: 'shellcheck',
  sqlite3: 'sqlite3',
  psql: 'postgresql-client',
  mysql: 'default-mysql-client',
  mysqladmin: 'default-mysql-client',
  'redis-cli': 'redis-tools',
  dot: 'graphviz',
  pandoc: 'pandoc',
  patch: 'patch',
  bc: 'bc',
  file: 'file',
  tree: 'tree',
  xmllint: 'libxml2-utils',
  parallel: 'parallel',
  time: 'time',
};

/** The Debian package that brings a command's program, where the image does not have it; undefined for all others. */
export function systemPackageOf(command: Pick<ShellCommand, 'words'>): string | undefined {
  const program = command.words[0]?.text ?? '';
  return Object.hasOwn(systemPackages, program) ? systemPackages[program] : undefined;
}
