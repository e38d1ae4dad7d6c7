import { runtimeVersion } from './runtime-version.ts';
import type { Declaration, Subject } from './declaration.ts';
import type { ShellCommand, ShellWord } from '../formats/shell.ts';

/** A word of a command that names a Python or a Node, and the characters of its version. */
export interface RuntimeInstall {
  readonly word: ShellWord;
  readonly subject: 'python' | 'node';
  /** Offsets within the word's text. */
  readonly from: number;
  readonly to: number;
  readonly how: string;
}

interface Way {
  /** The words before the version's, joined by blanks; options between them are left out. */
  readonly command: RegExp;
  readonly subject: 'python' | 'node';
  /** Around the version within its word: group `version`. */
  readonly word: RegExp;
}

const plain = /^(?:c?python|node)?[-@]?(?<version>v?\d[\w.*]*|lts\/\w+)$/d;

const ways: readonly Way[] = [
  { command: /^pyenv (?:install|local|global)$/, subject: 'python', word: plain },
  { command: /^uv python (?:install|pin)$/, subject: 'python', word: plain },
  { command: /^(?:nvm|fnm|volta|nodenv|n) (?:install|use|local|global)$/, subject: 'node', word: plain },
  { command: /^n$/, subject: 'node', word: plain },
  { command: /^volta (?:install|pin)$/, subject: 'node', word: /^node@(?<version>\d[\w.]*)$/d },
  { command: /^(?:asdf install|asdf local|asdf global|mise use|mise install) python$/, subject: 'python', word: plain },
  { command: /^(?:asdf install|asdf local|asdf global) nodejs$/, subject: 'node', word: plain },
  { command: /^(?:mise use|mise install)$/, subject: 'python', word: /^python@(?<version>\d[\w.]*)$/d },
  { command: /^(?:mise use|mise install)$/, subject: 'node', word: /^node@(?<version>\d[\w.]*)$/d },
  {
    command: /^(?:conda|mamba|micromamba) (?:install|create)(?: |$)/,
    subject: 'python',
    word: /^(?:[\w-]+::)?python={1,2}(?<version>\d[\w.]*)$/d,
  },
  {
    command: /^(?:conda|mamba|micromamba) (?:install|create)(?: |$)/,
    subject: 'node',
    word: /^(?:[\w-]+::)?nodejs={1,2}(?<version>\d[\w.]*)$/d,
  },
  { command: /^(?:apt|apt-get) install(?: |$)/, subject: 'python', word: /^python(?<version>3\.\d+)$/d },
  { command: /^(?:apt|apt-get) install(?: |$)/, subject: 'node', word: /^nodejs=(?<version>\d+)[\w.~*-]*$/d },
  {
    command: /^(?:curl|wget)$/,
    subject: 'node',
    word: /\bdeb\.nodesource\.\w+\/(?:setup_|node_)(?<version>\d+)(?:\.x)?/d,
  },
];

/** Options of uv, virtualenv and poetry that name the Python of an environment. */
const pythonOptions = /^(?:uv|uvx|virtualenv|poetry|pdm|pipx|hatch)$/;

/** The Pythons and Nodes that a command installs or selects: pyenv, uv, nvm, conda, apt, NodeSource's script and their like. */
export function runtimeInstalls({ words }: ShellCommand): readonly RuntimeInstall[] {
  const found: RuntimeInstall[] = [];
  const head: string[] = [];
  const program = (words[0]?.text ?? '').replace(/^.*\//, '');
  for (const [index, word] of words.entries()) {
    if (index > 0) {
      const command = head.join(' ');
      for (const way of ways) {
        const how = way.command.exec(command)?.[0].trim();
        if (how === undefined) continue;
        const range = way.word.exec(word.text)?.indices?.groups?.['version'];
        if (range !== undefined && word.text.slice(...range) !== '')
          found.push({ word, subject: way.subject, from: range[0], to: range[1], how });
      }
      const option = pythonOption(program, words[index - 1]?.text ?? '', word.text);
      if (option !== undefined) found.push({ word, subject: 'python', ...option, how: `${program} --python` });
    }
    const isVersion = /\d/.test(word.text) && index > 0;
    if (!word.text.startsWith('-') && !isVersion && head.length < 3) head.push(index === 0 ? program : word.text);
  }
  return found;
}

function pythonOption(
  program: string,
  previous: string,
  word: string,
): { readonly from: number; readonly to: number } | undefined {
  if (!pythonOptions.test(program)) return undefined;
  const value = /^--python=(?<version>.+)$/d.exec(word)?.indices?.groups?.['version'];
  const isNext = previous === '--python' || (previous === '-p' && program !== 'poetry');
  const [from, to] = value ?? (isNext ? [0, word.length] : [0, 0]);
  const version = /^(?:c?python@?)?(\d+\.\d+(?:\.\d+)?)$/.exec(word.slice(from, to))?.[1];
  return version === undefined ? undefined : { from: to - version.length, to };
}

/** The reading of such an install; its place is the caller's to know. */
export function runtimeDeclaration({
  word,
  subject,
  from,
  to,
  how,
}: RuntimeInstall): Omit<Declaration, 'span' | 'raw'> {
  const runtime: Subject = subject;
  return { subject: runtime, role: 'install', ...runtimeVersion(subject, word.text.slice(from, to)), how };
}
