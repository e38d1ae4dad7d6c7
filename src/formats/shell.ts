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
  /** True when what is written is not what is meant: a variable, a substitution, a glob of `$`. */
  readonly dynamic: boolean;
}

/** A word, or what stands between words. */
export interface ShellToken {
  readonly kind: 'word' | 'operator';
  readonly word: ShellWord;
}

const operators = [
  '&&',
  '||',
  ';;',
  '|&',
  '>>',
  '<<<',
  '<<-',
  '<<',
  '&>',
  '>&',
  '<&',
  ';',
  '|',
  '&',
  '(',
  ')',
  '<',
  '>',
  '\n',
];
const separators = new Set(['&&', '||', ';;', ';', '|', '|&', '&', '(', ')', '\n']);
const keywords = new Set([
  'then',
  'do',
  'else',
  'elif',
  'if',
  'while',
  'until',
  '!',
  '{',
  '}',
  'fi',
  'done',
  'time',
  'exec',
  'sudo',
  'command',
]);
const wayOut = /^(?:true|:|exit 0|echo\b.*)$/;

/**
 * Splits a script (POSIX sh and bash as CI files have them) into its simple commands, in order: continuation lines joined, comments and
 * here-documents left out, `sudo`, `time`, keywords and assignments before a command taken away. What it can't follow it reads as words;
 * it never throws.
 */
export function shellCommands(script: string): readonly ShellCommand[] {
  const found: { words: ShellWord[]; after: string }[] = [];
  let words: ShellWord[] = [];
  let redirected = false;
  const close = (operator: string): void => {
    const command = withoutPrefix(words);
    if (command.length > 0) found.push({ words: command, after: operator });
    words = [];
    redirected = false;
  };
  for (const { kind, word } of shellTokens(script)) {
    if (kind === 'operator') {
      if (separators.has(word.text)) close(word.text);
      else redirected = true;
    } else if (redirected) redirected = false;
    else words.push(word);
  }
  close('\n');
  return found.flatMap(({ words: command, after }, index) => {
    const isWayOut = found[index - 1]?.after === '||' && wayOut.test(textOf(command));
    if (isWayOut) return [];
    const next = textOf(found[index + 1]?.words ?? []);
    const base = { words: command, start: command[0]?.start ?? 0, end: command.at(-1)?.end ?? 0 };
    const pipedTo = after === '|' || after === '|&' ? found[index + 1]?.words[0]?.text : undefined;
    return [
      {
        ...base,
        ...(after === '||' && wayOut.test(next) ? { ignored: `|| ${next}` } : {}),
        ...(pipedTo === undefined ? {} : { pipedTo }),
      },
    ];
  });
}

function textOf(words: readonly ShellWord[]): string {
  return words.map(({ text }) => text).join(' ');
}

function withoutPrefix(words: readonly ShellWord[]): ShellWord[] {
  let from = 0;
  for (; from < words.length; from += 1) {
    const { text } = words[from] ?? { text: '' };
    if (!keywords.has(text) && !/^[A-Za-z_]\w*\+?=/.test(text)) break;
  }
  return words.slice(from);
}

/** Splits a script into words and operators, comments and here-documents left out. Never throws. */
export function* shellTokens(script: string): Generator<ShellToken> {
  let at = 0;
  const hereDocuments: { readonly end: string; readonly tabs: boolean }[] = [];
  const operator = (): string | undefined => operators.find((one) => script.startsWith(one, at));
  while (at < script.length) {
    const char = script[at] ?? '';
    if (char === '\\' && /^\\\r?\n/.test(script.slice(at, at + 3))) {
      at = script.indexOf('\n', at) + 1;
      continue;
    }
    if (char === ' ' || char === '\t' || char === '\r') {
      at += 1;
      continue;
    }
    if (char === '#') {
      const end = script.indexOf('\n', at);
      at = end < 0 ? script.length : end;
      continue;
    }
    const found = operator();
    if (found !== undefined) {
      const start = at;
      at += found.length;
      yield { kind: 'operator', word: { text: found, start, end: at, dynamic: false } };
      if (found === '<<' || found === '<<-') {
        const named = /^[ \t]*(['"]?)([\w.-]+)\1/.exec(script.slice(at));
        if (named?.[2] !== undefined) hereDocuments.push({ end: named[2], tabs: found === '<<-' });
      }
      if (found === '\n') at = afterHereDocuments(script, at, hereDocuments);
      continue;
    }
    const word = readWord(script, at);
    at = Math.max(word.next, at + 1);
    // A file descriptor before a redirection: 2>&1
    if (/^\d+$/.test(word.word.text) && /^[<>]/.test(script.slice(at, at + 1))) continue;
    yield { kind: 'word', word: word.word };
  }
}

function afterHereDocuments(script: string, from: number, pending: { end: string; tabs: boolean }[]): number {
  let at = from;
  for (const { end, tabs } of pending.splice(0)) {
    while (at < script.length) {
      const next = script.indexOf('\n', at);
      const line = script.slice(at, next < 0 ? undefined : next).replace(/\r$/, '');
      at = next < 0 ? script.length : next + 1;
      if ((tabs ? line.replace(/^\t+/, '') : line) === end) break;
    }
  }
  return at;
}

function readWord(script: string, from: number): { readonly word: ShellWord; readonly next: number } {
  let at = from;
  let text = '';
  let dynamic = false;
  while (at < script.length) {
    const char = script[at] ?? '';
    if (char === "'") {
      const end = closing(script, at + 1, "'");
      text += script.slice(at + 1, end);
      at = end + 1;
    } else if (char === '"') {
      at += 1;
      while (at < script.length && script[at] !== '"') {
        if (script[at] === '\\' && /["\\$`\n]/.test(script[at + 1] ?? '')) at += 1;
        else if (script[at] === '$' || script[at] === '`') {
          dynamic = true;
          const end = endOfExpansion(script, at);
          text += script.slice(at, end);
          at = end;
          continue;
        }
        text += script[at] ?? '';
        at += 1;
      }
      at += 1;
    } else if (char === '\\') {
      if (/^\\\r?\n/.test(script.slice(at, at + 3))) at = script.indexOf('\n', at) + 1;
      else {
        text += script[at + 1] ?? '';
        at += 2;
      }
    } else if (char === '$' || char === '`') {
      dynamic = true;
      const end = endOfExpansion(script, at);
      text += script.slice(at, end);
      at = end;
    } else if (/[\s;|&<>()]/.test(char)) break;
    else {
      text += char;
      at += 1;
    }
  }
  const end = Math.min(at, script.length);
  const quote = script[from] ?? '';
  const isQuoted = (quote === '"' || quote === "'") && end - from >= 2 && script[end - 1] === quote;
  const bare = isQuoted && !script.slice(from + 1, end - 1).includes(quote);
  return { word: { text, dynamic, start: bare ? from + 1 : from, end: bare ? end - 1 : end }, next: end };
}

function closing(script: string, from: number, quote: string): number {
  const end = script.indexOf(quote, from);
  return end < 0 ? script.length : end;
}

/** Past a `$name`, `${…}`, `$(…)`, `${{ … }}` or a command between backticks. */
function endOfExpansion(script: string, from: number): number {
  if (script[from] === '`') return closing(script, from + 1, '`') + 1;
  const opened = script[from + 1] ?? '';
  if (opened !== '{' && opened !== '(') {
    const name = /^\$(?:\w+|[@*#?$!-])?/.exec(script.slice(from, from + 200));
    return from + Math.max(name?.[0].length ?? 1, 1);
  }
  const closes = opened === '{' ? '}' : ')';
  let depth = 0;
  for (let at = from + 1; at < script.length; at += 1) {
    if (script[at] === opened) depth += 1;
    else if (script[at] === closes && --depth === 0) return at + 1;
  }
  return script.length;
}

/** Whether a script has switched `pipefail` on (true) or off (false) before a character of it; undefined when it says nothing. */
export function pipefailBefore(script: string, offset: number): boolean | undefined {
  const last = [...script.slice(0, offset).matchAll(/(?:^|[\s;&])set\s+(?:[-+]\w+\s+)*?([-+])\w*o\s+pipefail\b/g)].at(
    -1,
  );
  return last === undefined ? undefined : last[1] === '-';
}
