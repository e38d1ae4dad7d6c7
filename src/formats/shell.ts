import type {
  Assignment,
  AndOr,
  Command,
  CompoundCommand,
  Pipeline,
  Redirected,
  Statement,
  Word,
  WordPart,
} from 'unbash';
import { shellSyntax } from './shell-syntax.ts';

/** A simple command of a shell script, at its place. */
export interface ShellCommand {
  /** Its words, quotes and escapes taken away, variables as written; assignments before it left out. */
  readonly words: readonly ShellWord[];
  /** Offsets into the script. */
  readonly start: number;
  readonly end: number;
  /** `|| true` and its like: the script goes on when it fails. */
  readonly ignored?: string;
  /** The program that its output goes to: without pipefail its own failure counts for nothing. */
  readonly pipedTo?: string;
}

/** A word and where it stands. */
export interface ShellWord {
  readonly text: string;
  /** Offsets of the characters between its quotes, if it is quoted as a whole. */
  readonly start: number;
  readonly end: number;
  /** True when what is written is not what is meant: a variable, a substitution. */
  readonly dynamic: boolean;
}

const wayOut = /^(?:true|:|exit 0|echo\b.*)$/;

/**
 * Splits a script (POSIX sh and bash as CI files have them) into its simple commands, in order, those of loops, conditions, functions and groups
 * with them: here-documents left out, and `sudo`, `env X=y`, `exec` and assignments before a command taken away. A substitution's own commands
 * count where a variable is set by it. What is broken it reads as far as it goes; it never throws.
 */
export function shellCommands(script: string): readonly ShellCommand[] {
  const before = known.get(script);
  if (before !== undefined) return before;
  const commands = readCommands(script);
  knownCharacters += script.length;
  if (knownCharacters > mostKnownCharacters) {
    known.clear();
    knownCharacters = script.length;
  }
  known.set(script, commands);
  return commands;
}

// An import asks for the commands of each statement many times: what it is, whether it is refused, what it makes.
const known = new Map<string, readonly ShellCommand[]>();
const mostKnownCharacters = 1_000_000;
let knownCharacters = 0;

function readCommands(script: string): readonly ShellCommand[] {
  const found: ShellCommand[] = [];
  new CommandCollector(found).statements(shellSyntax(script).commands, {});
  // What is broken in its last character may end beyond it.
  return found.filter(({ end }) => end <= script.length);
}

/** What stands around a command. */
type Around = Pick<ShellCommand, 'ignored' | 'pipedTo'>;
type Node = Statement['command'] | Command | CompoundCommand | Redirected;

/** Goes over a syntax tree and keeps its simple commands. */
class CommandCollector {
  readonly #found: ShellCommand[];

  constructor(found: ShellCommand[]) {
    this.#found = found;
  }

  statements(statements: readonly Statement[], around: Around): void {
    for (const { command } of statements) this.#node(command, around);
  }

  #node(node: Node, around: Around): void {
    switch (node.type) {
      case 'Command':
        return this.#command(node, around);
      case 'AndOr':
        return this.#chain(node, around);
      case 'Pipeline':
        return this.#pipeline(node, around);
      case 'Redirected':
        return this.#node(node.command, around);
      case 'TestCommand':
        return this.#add(testWords(node), around);
      case 'Function':
      case 'Coproc':
        return node.body.type === 'CompoundList' ? this.statements(node.body.commands, {}) : this.#node(node.body, {});
      case 'ArithmeticCommand':
        return;
      default:
        for (const list of listsOf(node)) this.statements(list, around);
    }
  }

  /** In `a && b || true` neither failure counts. */
  #chain({ commands, operators }: AndOr, around: Around): void {
    const isWayOut = commands.map((each, at) => operators[at - 1] === '||' && wayOut.test(textOf(each)));
    for (const [at, each] of commands.entries()) {
      if (isWayOut[at] === true) continue;
      const way = isWayOut.indexOf(true, at + 1);
      const out = commands[way];
      this.#node(each, out === undefined ? around : { ...around, ignored: `|| ${textOf(out)}` });
    }
  }

  #pipeline({ commands }: Pipeline, around: Around): void {
    for (const [at, each] of commands.entries()) {
      const next = commands[at + 1];
      const program = next === undefined ? around.pipedTo : firstProgram(next);
      const { pipedTo: _, ...rest } = around;
      this.#node(each, { ...rest, ...(program === undefined ? {} : { pipedTo: program }) });
    }
  }

  #command({ name, prefix, args }: Command, around: Around): void {
    if (name !== undefined) return this.#add(withoutPrefix([name, ...args].map(wordOf)), around);
    for (const each of prefix)
      if (each.type === 'Assignment' && each.value.type === 'Word')
        for (const part of each.value.parts ?? []) this.#substitution(part, around);
  }

  #substitution(part: WordPart, around: Around): void {
    if (part.type === 'DoubleQuoted') for (const inner of part.parts) this.#substitution(inner, around);
    // A script between escaped backticks has places of its own.
    if (part.type === 'CommandExpansion' && part.script !== undefined && part.script.source === undefined)
      this.statements(part.script.commands, around);
  }

  #add(words: readonly ShellWord[], around: Around): void {
    const [first] = words;
    if (first !== undefined) this.#found.push({ words, start: first.start, end: words.at(-1)?.end ?? 0, ...around });
  }
}

/** The lists of commands that a compound command holds, in order. */
function listsOf(
  node: Exclude<CompoundCommand, { readonly type: 'TestCommand' | 'ArithmeticCommand' }>,
): readonly (readonly Statement[])[] {
  switch (node.type) {
    case 'If':
      return [
        node.clause,
        node.then,
        ...node.elif.flatMap(({ clause, then }) => [clause, then]),
        ...(node.else === undefined ? [] : [node.else]),
      ].map(({ commands }) => commands);
    case 'While':
      return [node.clause.commands, node.body.commands];
    case 'Case':
      return node.items.map(({ body }) => body.commands);
    default:
      return [node.body.commands];
  }
}

/** A simple command's words as text; empty for anything else. */
function textOf(node: Node): string {
  if (node.type !== 'Command' || node.name === undefined) return '';
  return [node.name, ...node.args].map((each) => wordOf(each).text).join(' ');
}

function firstProgram(node: Node): string | undefined {
  const found: ShellCommand[] = [];
  new CommandCollector(found).statements(
    [{ type: 'Statement', pos: 0, end: 0, command: node, background: undefined }],
    {},
  );
  return found[0]?.words[0]?.text;
}

function testWords({ pos, end }: { readonly pos: number; readonly end: number }): readonly ShellWord[] {
  const bracket = (text: string, start: number): ShellWord => ({ text, start, end: start + 2, dynamic: false });
  return [bracket('[[', pos), bracket(']]', Math.max(pos, end - 2))];
}

function wordOf(node: Word | Assignment): ShellWord {
  if (node.type === 'Assignment') {
    const { name, append, value, pos, end, text } = node;
    const isWord = value.type === 'Word';
    const joint = append === true ? '+=' : '=';
    return {
      text: isWord && node.index === undefined ? `${name}${joint}${value.value}` : text,
      start: pos,
      end,
      dynamic: isWord ? isDynamic(value.parts) : /[$`]/.test(text),
    };
  }
  const [only, second] = node.parts ?? [];
  const isQuoted =
    second === undefined &&
    (only?.type === 'SingleQuoted' || only?.type === 'DoubleQuoted') &&
    node.end - node.pos >= 2 &&
    node.text.endsWith(node.text[0] ?? '');
  const quote = isQuoted ? 1 : 0;
  return { text: node.value, start: node.pos + quote, end: node.end - quote, dynamic: isDynamic(node.parts) };
}

function isDynamic(parts: readonly WordPart[] = []): boolean {
  return parts.some((part) =>
    part.type === 'DoubleQuoted'
      ? isDynamic(part.parts)
      : /Expansion$|^ProcessSubstitution$/.test(part.type) && part.type !== 'BraceExpansion',
  );
}

const assignment = /^[A-Za-z_]\w*\+?=/;

/** Programs that run the command after them in its own right, with the options of theirs that take the next word. */
const prefixes: Readonly<Record<string, RegExp>> = {
  sudo: /^-[ughpCDRTU]$/,
  exec: /^-a$/,
  env: /^(?:-u|--unset)$/,
  command: /^$/,
  builtin: /^$/,
  nohup: /^$/,
  time: /^-[fo]$/,
};

/** The words from the command on that sudo and its like run. */
function withoutPrefix(words: readonly ShellWord[]): readonly ShellWord[] {
  const [first, ...rest] = words;
  if (first === undefined || !Object.hasOwn(prefixes, first.text)) return words;
  let at = 0;
  for (; at < rest.length; at += 1) {
    const { text } = rest[at] as ShellWord;
    // They ask for something else: `command -v uv`, `env -i pytest`, `sudo -l`.
    if (/^(?:-[vVil]|--ignore-environment|-)$/.test(text)) return words;
    if (prefixes[first.text]?.test(text) === true) at += 1;
    else if (!text.startsWith('-') && !assignment.test(text)) break;
  }
  return at < rest.length ? withoutPrefix(rest.slice(at)) : words;
}

/** Whether a script has switched `pipefail` on (true) or off (false) before a character of it; undefined when it says nothing. */
export function pipefailBefore(script: string, offset: number): boolean | undefined {
  const last = [...script.slice(0, offset).matchAll(/(?:^|[\s;&])set\s+(?:[-+]\w+\s+)*?([-+])\w*o\s+pipefail\b/g)].at(
    -1,
  );
  return last === undefined ? undefined : last[1] === '-';
}
