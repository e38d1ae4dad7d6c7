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
  const found: ShellStatement[] = [];
  let start: number | undefined;
  let depth = 0;
  let isCompound = false;
  let changesShell = false;
  let atCommand = true;
  let joints: { readonly at: number; readonly length: number; readonly joint: '&&' | '||' | '|' | '&' }[] = [];
  const close = (end: number, next: number): void => {
    if (start !== undefined) {
      const from = start;
      const whole = script.slice(from, next);
      const text = (whole.trim() === '' ? script.slice(from, end) : whole).trim();
      const bounds = [
        ...joints.map(({ at, length, joint }) => ({ to: at, next: at + length, joint })),
        { to: end, next: end, joint: '' as const },
      ];
      let at = from;
      const parts = bounds.map(({ to, next: after, joint }) => {
        const part = { text: script.slice(at, to).trim(), joint };
        at = after;
        return part;
      });
      found.push({
        text: text.replace(/;$/, '').trimEnd(),
        isCompound,
        parts: parts.filter(({ text: part }) => part !== ''),
        changesShell,
      });
    }
    [start, isCompound, changesShell, atCommand, joints] = [undefined, false, false, true, []];
  };
  const all = [...shellTokens(script)];
  for (const [index, { kind, word }] of all.entries()) {
    const following = all.slice(index + 1).find((each) => each.kind === 'word' || each.word.text !== '\n');
    const nextStart = following === undefined ? script.length : startOf(script, following.word.start);
    if (kind === 'word') {
      const from = startOf(script, word.start);
      start ??= from;
      if (atCommand) {
        const raw = script.slice(from, word.end);
        if (opening.has(raw)) {
          depth += 1;
          isCompound = true;
        } else if (closing.has(raw)) depth = Math.max(0, depth - 1);
        else if (/^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/.test(raw)) {
          // Before a command an assignment is the command's alone; by itself it is the shell's.
          const after = all[index + 1];
          if (depth === 0 && (after === undefined || after.kind === 'operator')) changesShell = true;
          continue;
        } else if (depth === 0 && shellWords.test(raw)) changesShell = true;
      }
      const raw = script.slice(word.start, word.end);
      const opensList = /^(?:if|then|else|elif|do|while|until|!|\{|time)$/.test(raw);
      atCommand = atCommand && (opensList || closing.has(raw));
      continue;
    }
    const operator = word.text;
    start ??= operator === '\n' || operator === ';' ? undefined : word.start;
    if (operator === '(') {
      depth += 1;
      isCompound = true;
      // `name()` makes a function.
      if (all[index + 1]?.word.text === ')' && all[index + 1]?.kind === 'operator') changesShell = true;
      atCommand = true;
    } else if (operator === ')') {
      depth = Math.max(0, depth - 1);
      atCommand = true;
    } else if (operator === '\n' || operator === ';') {
      atCommand = true;
      const isOpen = depth > 0 || /^(?:&&|\|\||\||\|&)$/.test(lastOperator(all, index));
      if (!isOpen) close(word.start, nextStart);
    } else if (operator === '&&' || operator === '||' || operator === '|' || operator === '|&' || operator === '&') {
      atCommand = true;
      if (depth === 0)
        joints.push({ at: word.start, length: operator.length, joint: operator === '|&' ? '|' : operator });
    } else if (operator === ';;') atCommand = true;
  }
  close(script.length, script.length);
  return found;
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
