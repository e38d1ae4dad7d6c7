import { posix } from 'node:path';
import { readJson } from '../../core/json.ts';
import { shellCommands } from '../../formats/shell.ts';
import { tableAt, textsOf } from '../../formats/table.ts';
import { tomlTable } from '../../formats/toml.ts';
import { justfileRecipes, makefileRecipes, type Recipe } from './recipes.ts';

/** A command that another one starts, and the folder it runs in, relative to the repository's top. */
export interface CalledCommand {
  /** As a shell reads it. */
  readonly text: string;
  readonly words: readonly string[];
  readonly cwd: string;
}

/** Scripts within scripts, deeper than anybody goes. */
const depthLimit = 6;

/** More commands than a person writes; a guard against files made to multiply. */
const countLimit = 500;

type ReadText = (path: string) => string | undefined;

/**
 * The commands that a command starts through files of the repository, in order: a Makefile's or justfile's recipes, a shell script, the scripts of
 * package.json, the tasks of poe, hatch and pdm. Variables that those files set are filled in. Empty for any other command.
 */
export function calledCommands(words: readonly string[], cwd: string, readText: ReadText): readonly CalledCommand[] {
  const found: CalledCommand[] = [];
  follow(words, cwd, readText, { found, trail: [] });
  return found;
}

function follow(
  words: readonly string[],
  cwd: string,
  readText: ReadText,
  { found, trail }: { readonly found: CalledCommand[]; readonly trail: readonly string[] },
): void {
  const called = scriptOf(words, cwd, readText);
  const key = `${cwd}\n${words.join(' ')}`;
  if (called === undefined || trail.length >= depthLimit || trail.includes(key)) return;
  let folder = called.cwd;
  for (const command of shellCommands(called.script)) {
    if (found.length >= countLimit) return;
    const texts = command.words.map(({ text }) => text);
    if (texts[0] === 'cd' && texts[1] !== undefined && !/[$`~]/.test(texts[1])) {
      folder = posix.join(folder, texts[1]).replace(/\/$/, '') || '.';
      continue;
    }
    found.push({ text: called.script.slice(command.start, command.end), words: texts, cwd: folder });
    follow(texts, folder, readText, { found, trail: [...trail, key] });
  }
}

interface Called {
  readonly script: string;
  readonly cwd: string;
}

function scriptOf(words: readonly string[], cwd: string, readText: ReadText): Called | undefined {
  const [program = '', ...rest] = words;
  const name = program.replace(/^.*\//, '');
  if (name === 'make' || name === 'gmake') return makeScript(rest, cwd, readText);
  if (name === 'just') return justScript(rest, cwd, readText);
  // `bun test` is bun's own test runner, whatever script has that name.
  if (/^(?:npm|pnpm|yarn)$/.test(name) || (name === 'bun' && rest.includes('run')))
    return packageScript(rest, cwd, readText);
  if (name === 'poe') return taskScript(rest, cwd, readText, ['tool', 'poe', 'tasks']);
  if (name === 'pdm' && rest[0] === 'run') return taskScript(rest.slice(1), cwd, readText, ['tool', 'pdm', 'scripts']);
  if (name === 'hatch' && rest[0] === 'run') return hatchScript(rest[1] ?? '', cwd, readText);
  const file = /^(?:ba|da)?sh$/.test(name) ? rest.find((word) => !word.startsWith('-')) : program;
  return file?.includes('/') === true || file !== program ? shellScript(file ?? '', cwd, readText) : undefined;
}

/** A shell script of the repository, with the variables that it sets. */
function shellScript(file: string, cwd: string, readText: ReadText): Called | undefined {
  if (/[$`*]/.test(file) || file.startsWith('/')) return undefined;
  const text = readText(posix.join(cwd, file));
  if (text === undefined) return undefined;
  const isShell = /^#!.*\b(?:ba|da)?sh\b/.test(text) || (file.endsWith('.sh') && !text.startsWith('#!'));
  if (!isShell) return undefined;
  const set = new Map<string, string>();
  for (const [, variable = '', value = ''] of text.matchAll(
    /(?:^|[;&|])[ \t]*(?:export[ \t]+|readonly[ \t]+|local[ \t]+)?([A-Za-z_]\w*)=("[^"\n]*"|'[^'\n]*'|[^\s;&|]*)[ \t]*(?=$|[;&|#])/gm,
  ))
    set.set(variable, value.replace(/^(["'])(.*)\1$/, '$2'));
  return { cwd, script: filledIn(text, set) };
}

/** `$NAME` and `${NAME:-other}` by what is known of NAME. */
function filledIn(text: string, set: ReadonlyMap<string, string>, depth = 0): string {
  if (depth > 4) return text;
  return text.replace(
    /\$(?:\{([A-Za-z_]\w*)(?::?-([^}]*))?\}|([A-Za-z_]\w*))/g,
    (whole, braced?: string, other?: string, plain?: string) => {
      const value = set.get(braced ?? plain ?? '') ?? other;
      return value === undefined ? whole : filledIn(value, set, depth + 1);
    },
  );
}

function makeScript(rest: readonly string[], cwd: string, readText: ReadText): Called | undefined {
  let folder = cwd;
  let file: string | undefined;
  const targets: string[] = [];
  const variables = new Map<string, string>();
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? '';
    const assigned = /^([A-Za-z_]\w*)=(.*)$/s.exec(word);
    if (word === '-C' || word === '--directory') folder = posix.join(folder, rest[(at += 1)] ?? '.');
    else if (word === '-f' || word === '--file') file = rest[(at += 1)];
    else if (/^-[jlo]$/.test(word)) at += /^\d+$/.test(rest[at + 1] ?? '') ? 1 : 0;
    else if (assigned?.[1] !== undefined) variables.set(assigned[1], assigned[2] ?? '');
    else if (!word.startsWith('-')) targets.push(word);
  }
  const names = file === undefined ? ['GNUmakefile', 'makefile', 'Makefile'] : [file];
  const text = names.map((each) => readText(posix.join(folder, each))).find((each) => each !== undefined);
  return text === undefined
    ? undefined
    : { cwd: folder, script: recipeScript(makefileRecipes(text, variables), targets) };
}

function justScript(rest: readonly string[], cwd: string, readText: ReadText): Called | undefined {
  const text = ['justfile', 'Justfile', '.justfile']
    .map((each) => readText(posix.join(cwd, each)))
    .find((each) => each !== undefined);
  const variables = new Map<string, string>();
  const args: string[] = [];
  for (let at = 0; at < rest.length; at += 1) {
    const [word = '', value] = rest.slice(at, at + 2);
    const assigned = /^([A-Za-z_][\w-]*)=(.*)$/s.exec(word);
    if (args.length > 0) args.push(word);
    else if (word === '--set') {
      variables.set(value ?? '', rest[at + 2] ?? '');
      at += 2;
    } else if (assigned?.[1] !== undefined) variables.set(assigned[1], assigned[2] ?? '');
    else if (!word.startsWith('-')) args.push(word);
  }
  if (text === undefined) return undefined;
  return { cwd, script: recipeScript(justfileRecipes(text, variables, args), args.slice(0, 1)) };
}

/** The recipes of some targets, the first one's when none is named, each after those that it needs. */
function recipeScript(recipes: ReadonlyMap<string, Recipe>, targets: readonly string[]): string {
  const done = new Set<string>();
  const lines: string[] = [];
  const visit = (name: string): void => {
    const recipe = recipes.get(name);
    if (recipe === undefined || done.has(name)) return;
    done.add(name);
    for (const need of recipe.needs) visit(need);
    lines.push(...recipe.lines);
  };
  for (const target of targets.length > 0 ? targets : [...recipes.keys()].slice(0, 1)) visit(target);
  return lines.join('\n');
}

/** `npm run lint`, `yarn lint`, `npm test`: the script of package.json, with those before and after it. */
function packageScript(rest: readonly string[], cwd: string, readText: ReadText): Called | undefined {
  const at = rest.findIndex((word) => /^(?:--prefix|--cwd|--dir|-C)$/.test(word));
  const folder = at < 0 ? cwd : posix.join(cwd, rest[at + 1] ?? '.');
  const plain = rest.filter((word, index) => !word.startsWith('-') && (at < 0 || index !== at + 1));
  const name = plain[0] === 'run' || plain[0] === 'run-script' ? plain[1] : plain[0] === 't' ? 'test' : plain[0];
  const scripts = tableAt(readJson(readText(posix.join(folder, 'package.json')) ?? '', tableAt), 'scripts');
  if (name === undefined || typeof scripts?.[name] !== 'string') return undefined;
  const all = [`pre${name}`, name, `post${name}`].map((each) => scripts[each]);
  return { cwd: folder, script: all.filter((each) => typeof each === 'string').join('\n') };
}

/** A task of pyproject.toml: a command, a list of them or of other tasks, or a map with one of those. */
function taskScript(
  rest: readonly string[],
  cwd: string,
  readText: ReadText,
  path: readonly string[],
): Called | undefined {
  const name = rest.find((word) => !word.startsWith('-'));
  const tasks = tableAt(tomlTable(readText(posix.join(cwd, 'pyproject.toml'))), ...path);
  if (tasks === undefined || name === undefined) return undefined;
  const lines = (task: unknown, depth = 0): readonly string[] => {
    if (depth > depthLimit) return [];
    if (typeof task === 'string') return [task];
    if (Array.isArray(task))
      return task.flatMap((each: unknown) =>
        lines(typeof each === 'string' && tasks[each] !== undefined ? tasks[each] : each, depth + 1),
      );
    const table = tableAt(task);
    return ['cmd', 'shell', 'sequence', 'composite', 'ref'].flatMap((key) => lines(table?.[key], depth + 1));
  };
  const script = lines(tasks[name]).join('\n');
  return script === '' ? undefined : { cwd, script };
}

/** `hatch run lint:check`: the script of an environment of hatch. */
function hatchScript(said: string, cwd: string, readText: ReadText): Called | undefined {
  const [first = '', second] = said.split(':');
  const [environment, name] = second === undefined ? ['default', first] : [first, second];
  const table = tomlTable(readText(posix.join(cwd, 'pyproject.toml')));
  const script = tableAt(table, 'tool', 'hatch', 'envs', environment ?? '', 'scripts')?.[name ?? ''];
  const lines = typeof script === 'string' ? [script] : textsOf(script);
  return lines.length === 0 ? undefined : { cwd, script: lines.join('\n') };
}
