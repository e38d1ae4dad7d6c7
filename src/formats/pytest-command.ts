/** Programs that run the command after them, and those of their options that take the next word. */
const launchers: Readonly<Record<string, { readonly verb?: string; readonly valued: RegExp }>> = {
  env: { valued: /^-(?:u|C|-unset|-chdir)$/ },
  nice: { valued: /^-n$/ },
  nohup: { valued: /^$/ },
  'xvfb-run': { valued: /^-(?:n|s|e|f|p|w)$/ },
  timeout: { valued: /^-(?:k|s)$/ },
  uv: {
    verb: 'run',
    valued:
      /^-(?:p|-(?:with|with-editable|with-requirements|extra|group|only-group|no-group|package|python|project|directory|env-file|index|index-url))$/,
  },
  poetry: { verb: 'run', valued: /^-(?:C|P|-directory|-project)$/ },
  pdm: { verb: 'run', valued: /^-(?:p|-project)$/ },
  pipenv: { verb: 'run', valued: /^$/ },
  rye: { verb: 'run', valued: /^$/ },
  hatch: { verb: 'run', valued: /^$/ },
};

/**
 * How the words of a simple command run pytest: `plain` is by name, as a module, or through a launcher, `coverage` is under `coverage run`;
 * undefined when they do not.
 */
export function pytestCommand(words: readonly string[]): 'plain' | 'coverage' | undefined {
  const [first = '', ...rest] = words;
  const program = first.replace(/^.*\//, '');
  if (program === 'pytest' || program === 'py.test') return 'plain';
  if (/^(?:python|pypy)[\d.]*$/.test(program)) {
    const module = moduleOf(rest, /^-(?:W|X|Q)$/);
    return module === undefined ? undefined : pytestCommand(module);
  }
  if (program === 'coverage' && rest[0] === 'run') {
    const module = moduleOf(rest.slice(1), /^--(?:rcfile|source|include|omit|data-file|context|concurrency)$/);
    return module?.[0] === 'pytest' ? 'coverage' : undefined;
  }
  const launcher = Object.hasOwn(launchers, program) ? launchers[program] : undefined;
  if (launcher === undefined) return undefined;
  const after = launcher.verb === undefined ? 0 : rest.indexOf(launcher.verb) + 1;
  if (launcher.verb !== undefined && after === 0) return undefined;
  let at = after + optionCount(rest.slice(after), launcher.valued);
  if (program === 'env') while (/^[A-Za-z_]\w*=/.test(rest[at] ?? '')) at += 1;
  // timeout's first word is how long.
  if (program === 'timeout') at += 1;
  return at < rest.length ? pytestCommand(rest.slice(at)) : undefined;
}

/** The words from the module on that `-m` names among a program's options; undefined when a script or nothing comes first. */
function moduleOf(words: readonly string[], valued: RegExp): readonly string[] | undefined {
  const options = words.findIndex((word) => word === '-m');
  if (options < 0 || optionCount(words.slice(0, options), valued) < options) return undefined;
  return words.slice(options + 1);
}

/** How many of the words are options, with the values that they take. */
function optionCount(words: readonly string[], valued: RegExp): number {
  let at = 0;
  while (/^-./.test(words[at] ?? '')) {
    if (words[at] === '--') return at + 1;
    at += valued.test(words[at] ?? '') ? 2 : 1;
  }
  return Math.min(at, words.length);
}
