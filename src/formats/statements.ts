import { shellTokens } from './shell.ts';

/** One statement of a script: what a shell reads before it runs it. */
export interface ShellStatement {
  /** As written, with the comments and here-documents that follow it; a `;` at its end left out. */
  readonly text: string;
  /** A loop, a condition, a function, a group: anything whose parts do not simply follow one another. */
  readonly isCompound: boolean;
  /** Its commands as written, with what joins each to the next (`''` after the last). */
  readonly parts: readonly { readonly text: string; readonly joint: '&&' | '||' | '|' | '&' | '' }[];
  /** It changes the shell that later statements run in: a folder, a variable, an option, a function. */
  readonly changesShell: boolean;
}

const opening = new Set(['if', 'for', 'while', 'until', 'case', 'select', '{', '[[', 'function']);
const closing = new Set(['fi', 'done', 'esac', '}', ']]']);
const shellWords =
  /^(?:cd|pushd|popd|export|unset|set|shopt|source|\.|alias|declare|local|readonly|trap|umask|eval|exec|ulimit|hash)$/;

/** Splits a script into its top-level statements, in order. Never throws; what it can't follow is one compound statement. */
export function shellStatements(script: string): readonly ShellStatement[] {
  return new StatementSplitter(script).split();
}

type Token = ReturnType<typeof shellTokens> extends Iterable<infer Each> ? Each : never;

interface Joint {
  readonly at: number;
  readonly length: number;
  readonly joint: '&&' | '||' | '|' | '&';
}

/** Goes over the tokens of a script once; what it knows of the statement that is open stands in its fields. */
class StatementSplitter {
  readonly #script: string;
  readonly #tokens: readonly Token[];
  readonly #found: ShellStatement[] = [];
  /** Where the open statement begins; undefined between two. */
  #start: number | undefined;
  /** How many loops, conditions, groups and brackets are open. */
  #depth = 0;
  #isCompound = false;
  #changesShell = false;
  /** The next word names a command. */
  #atCommand = true;
  #joints: Joint[] = [];

  constructor(script: string) {
    this.#script = script;
    this.#tokens = [...shellTokens(script)];
  }

  split(): readonly ShellStatement[] {
    for (const [index, token] of this.#tokens.entries()) {
      if (token.kind === 'word') this.#addWord(index, token);
      else this.#addOperator(index, token);
    }
    this.#close(this.#script.length, this.#script.length);
    return this.#found;
  }

  #addWord(index: number, { word }: Token): void {
    const from = startOf(this.#script, word.start);
    this.#start ??= from;
    if (this.#atCommand && this.#beginCommand(index, this.#script.slice(from, word.end))) return;
    const raw = this.#script.slice(word.start, word.end);
    const opensList = /^(?:if|then|else|elif|do|while|until|!|\{|time)$/.test(raw);
    this.#atCommand = this.#atCommand && (opensList || closing.has(raw));
  }

  /** Takes the first word of a command; true for an assignment, after which the command is still to come. */
  #beginCommand(index: number, raw: string): boolean {
    if (opening.has(raw)) {
      this.#depth += 1;
      this.#isCompound = true;
    } else if (closing.has(raw)) this.#depth = Math.max(0, this.#depth - 1);
    else if (/^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/.test(raw)) {
      // Before a command an assignment is the command's alone; by itself it is the shell's.
      const after = this.#tokens[index + 1];
      if (this.#depth === 0 && (after === undefined || after.kind === 'operator')) this.#changesShell = true;
      return true;
    } else if (this.#depth === 0 && shellWords.test(raw)) this.#changesShell = true;
    return false;
  }

  #addOperator(index: number, { word }: Token): void {
    const operator = word.text;
    this.#start ??= operator === '\n' || operator === ';' ? undefined : word.start;
    if (operator === '(') {
      this.#depth += 1;
      this.#isCompound = true;
      // `name()` makes a function.
      const after = this.#tokens[index + 1];
      if (after?.kind === 'operator' && after.word.text === ')') this.#changesShell = true;
      this.#atCommand = true;
    } else if (operator === ')') {
      this.#depth = Math.max(0, this.#depth - 1);
      this.#atCommand = true;
    } else if (operator === '\n' || operator === ';') {
      this.#atCommand = true;
      const isOpen = this.#depth > 0 || /^(?:&&|\|\||\||\|&)$/.test(lastOperator(this.#tokens, index));
      if (!isOpen) this.#close(word.start, this.#startAfter(index));
    } else if (operator === '&&' || operator === '||' || operator === '|' || operator === '|&' || operator === '&') {
      this.#atCommand = true;
      const joint = operator === '|&' ? '|' : operator;
      if (this.#depth === 0) this.#joints.push({ at: word.start, length: operator.length, joint });
    } else if (operator === ';;') this.#atCommand = true;
  }

  /** Where the next token that is no line break begins; the script's end when there is none. */
  #startAfter(index: number): number {
    let at = index + 1;
    while (this.#tokens[at]?.kind === 'operator' && this.#tokens[at]?.word.text === '\n') at += 1;
    const following = this.#tokens[at];
    return following === undefined ? this.#script.length : startOf(this.#script, following.word.start);
  }

  /** Ends the open statement at `end`; what stands up to `next` (comments, here-documents) is its, too. */
  #close(end: number, next: number): void {
    if (this.#start !== undefined) this.#found.push(this.#statement(this.#start, end, next));
    this.#start = undefined;
    this.#isCompound = false;
    this.#changesShell = false;
    this.#atCommand = true;
    this.#joints = [];
  }

  #statement(from: number, end: number, next: number): ShellStatement {
    const whole = this.#script.slice(from, next);
    const text = (whole.trim() === '' ? this.#script.slice(from, end) : whole).trim();
    const bounds = [
      ...this.#joints.map(({ at, length, joint }) => ({ to: at, next: at + length, joint })),
      { to: end, next: end, joint: '' as const },
    ];
    let at = from;
    const parts = bounds.map(({ to, next: after, joint }) => {
      const part = { text: this.#script.slice(at, to).trim(), joint };
      at = after;
      return part;
    });
    return {
      text: text.replace(/;$/, '').trimEnd(),
      isCompound: this.#isCompound,
      parts: parts.filter(({ text: part }) => part !== ''),
      changesShell: this.#changesShell,
    };
  }
}

/** The quote before a word is a part of the statement. */
function startOf(script: string, at: number): number {
  return /["']/.test(script[at - 1] ?? '') ? at - 1 : at;
}

/** The operator that stands right before a line break; empty when a word does. */
function lastOperator(
  all: readonly { readonly kind: string; readonly word: { readonly text: string } }[],
  index: number,
): string {
  let at = index - 1;
  while (all[at]?.kind === 'operator' && all[at]?.word.text === '\n') at -= 1;
  const before = all[at];
  return before?.kind === 'operator' ? before.word.text : '';
}
