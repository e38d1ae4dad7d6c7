/** A program that tests name, the Debian package that brings it, and the first file that names it. */
export interface TestedProgram {
  readonly program: string;
  readonly package: string;
  /** Relative to the project. */
  readonly file: string;
}

const languages: readonly (readonly [source: RegExp, program: string, packages: readonly string[]])[] = [
  [/\.(?:c|pyx)$/, 'a C compiler', ['gcc', 'libc6-dev', 'python3-dev']],
  [/\.(?:cc|cpp|cxx)$/, 'a C++ compiler', ['g++', 'python3-dev']],
];

/**
 * What compiles the small projects that tests build: sources of C or C++ among the tests, below a folder of theirs that a build backend or make
 * can build.
 */
export function compilersIn(files: readonly string[]): readonly TestedProgram[] {
  const built = files
    .map(
      (file) => /^(.*(?:^|\/)tests?\/.+\/)(?:setup\.py|pyproject\.toml|meson\.build|CMakeLists\.txt)$/.exec(file)?.[1],
    )
    .filter((folder) => folder !== undefined);
  return languages.flatMap(([source, program, names]) => {
    const file = files.find((each) => source.test(each) && built.some((folder) => each.startsWith(folder)));
    return file === undefined ? [] : names.map((name) => ({ program, package: name, file }));
  });
}

/** npm packages that end what they have started, with all that this has started: on Linux they ask `ps` for it. */
const ending = /"(start-server-and-test|concurrently|npm-run-all2?|lerna|nx|tree-kill|ps-tree|pidtree)"\s*:/;

/** What brings `ps`, where a package.json of the repository has a package that starts it. Pure but for `readText`. */
export function processLists(
  files: readonly string[],
  readText: (path: string) => string | undefined,
): readonly TestedProgram[] {
  const manifests = files.filter((file) => /(?:^|\/)package\.json$/.test(file) && !file.includes('node_modules/'));
  for (const file of manifests.slice(0, 100)) {
    const name = ending.exec(readText(file) ?? '')?.[1];
    if (name !== undefined) return [{ program: `a list of processes (ps) for ${name}`, package: 'procps', file }];
  }
  return [];
}

/** What GitHub's Linux machines have and a slim image lacks, by program; big ones are for whoever names them in toolchain.system. */
const packages: Readonly<Record<string, string>> = {
  less: 'less',
  ps: 'procps',
  pgrep: 'procps',
  killall: 'psmisc',
  file: 'file',
  unzip: 'unzip',
  zip: 'zip',
  xz: 'xz-utils',
  zstd: 'zstd',
  jq: 'jq',
  curl: 'curl',
  wget: 'wget',
  rsync: 'rsync',
  make: 'make',
  cmake: 'cmake',
  'pkg-config': 'pkg-config',
  gcc: 'gcc',
  cc: 'gcc',
  'g++': 'g++',
  sqlite3: 'sqlite3',
  psql: 'postgresql-client',
  gpg: 'gnupg',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  hg: 'mercurial',
  svn: 'subversion',
  patch: 'patch',
  bc: 'bc',
  tree: 'tree',
  lsof: 'lsof',
  ip: 'iproute2',
  ping: 'iputils-ping',
  shellcheck: 'shellcheck',
};

const names = Object.keys(packages)
  .map((name) => name.replace(/[+]/g, '\\$&'))
  .join('|');

// subprocess.run(["hg", "init"]) · shutil.which('make') · pexpect.spawn("ps aux")
const called = new RegExp(
  `\\b(?:which|run|call|check_call|check_output|Popen|popen|spawn|system|getoutput|getstatusoutput|create_subprocess_exec|create_subprocess_shell)\\(\\s*[[(]?\\s*f?["'](${names})(?=["'\\s])`,
  'g',
);

// Words that mean nothing else, wherever a text holds only them: PAGER is "less".
const alone = /(["'])\s*(less|hg|svn)(?:\s+-[^"'\n]*)?\s*\1/g;

/** The programs that a test's text starts or looks for, each once, in their order. */
export function programsIn(text: string): readonly string[] {
  const matches = [
    ...[...text.matchAll(called)].map(({ 1: program = '', index }) => ({ program, index })),
    ...[...text.matchAll(alone)].map(({ 2: program = '', index }) => ({ program, index })),
  ];
  return [...new Set(matches.sort((a, b) => a.index - b.index).map(({ program }) => program))];
}

/** True for a Python file that holds tests, or what these share. */
export function isTestFile(path: string): boolean {
  return /(?:^|\/)(?:tests?|testing)\/(?:.*\/)?[^/]+\.py$|(?:^|\/)(?:test_[^/]*|[^/]*_test|conftest)\.py$/.test(path);
}

/** The Debian package of a program that `programsIn` gives. */
export function packageOf(program: string): string {
  return packages[program] ?? program;
}
