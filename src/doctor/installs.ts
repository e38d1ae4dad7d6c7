import { normalisedName } from '../formats/package-name.ts';
import type { Declaration } from './declaration.ts';
import { requirementDeclaration } from './requirement.ts';
import { placesOf, type Places } from '../formats/places.ts';
import type { ShellCommand, ShellWord } from '../formats/shell.ts';

/** Where a script stands in its file. */
export interface ScriptPlace {
  readonly places: Places;
  /** File offsets of a stretch of the script. */
  readonly range: (from: number, to: number) => readonly [start: number, end: number];
}

/** Options that take the next word as their value, by program. */
const valued: Readonly<Record<'pip' | 'uv' | 'npm' | 'conda', ReadonlySet<string>>> = {
  conda: new Set('-n --name -p --prefix -c --channel -f --file --solver --override-channels'.split(' ')),
  pip: new Set(
    '-r --requirement -c --constraint -e --editable -t --target -i --index-url --extra-index-url -f --find-links --python --prefix --root --src --platform --python-version --implementation --abi --cert --proxy --timeout --retries --trusted-host --cache-dir --log --upgrade-strategy --progress-bar --group --only-binary --no-binary -C --config-settings --report'.split(
      ' ',
    ),
  ),
  uv: new Set(
    '--from --spec --with --with-editable --with-requirements -p --python --index --default-index --index-url -i --extra-index-url --find-links -f --directory --project --cache-dir --index-strategy --env-file -c --constraints --overrides'.split(
      ' ',
    ),
  ),
  npm: new Set('-p --package -c --call --prefix --registry --workspace -w'.split(' ')),
};

/**
 * The versions that a command installs or runs at: `pip install black==25.9.0`, `uv pip install`, `pipx run`, `uvx black@25.9.0`,
 * `uv tool run`, `npx prettier@3`, `npm install -g npm@11`. A requirement without a version is a reading of any version.
 */
export function installedBy({ words }: ShellCommand, place: ScriptPlace): readonly Declaration[] {
  const texts = words.map(({ text }) => text);
  const at = startOfArguments(texts);
  if (at === undefined) return [];
  const { kind, how, from } = at;
  const declarations: Declaration[] = [];
  let skip = false;
  for (const word of words.slice(from)) {
    const isValue = skip;
    skip = false;
    if (isValue) {
      if (packageOptions(kind).test(previous(words, word))) declarations.push(...readWord(word, kind, how, place));
      continue;
    }
    if (word.text === '--') continue;
    if (word.text.startsWith('-')) {
      const [name = '', value] = word.text.split('=', 2);
      skip = value === undefined && valued[kind === 'requirement' ? 'pip' : kind === 'tool' ? 'uv' : kind].has(name);
      if (value !== undefined && packageOptions(kind).test(name))
        declarations.push(...readWord(partOf(word, name.length + 1), kind, how, place));
      continue;
    }
    // `uvx --from black black-primer`: what follows is the program's name.
    const named =
      at.onlyOptions === true || texts.slice(from).some((text) => sourceOptions(kind).test(text.split('=')[0] ?? ''));
    if (!named) declarations.push(...readWord(word, kind, how, place));
    if (at.single) break;
  }
  return declarations;
}

/** Options whose value is a package that is installed. */
function packageOptions(kind: Arguments['kind']): RegExp {
  if (kind === 'tool') return /^(?:--from|--spec|--with)$/;
  return kind === 'npm' ? /^(?:-p|--package)$/ : /^(?!)/;
}

/** Those that say which package the program comes from. */
function sourceOptions(kind: Arguments['kind']): RegExp {
  if (kind === 'tool') return /^(?:--from|--spec)$/;
  return kind === 'npm' ? /^(?:-p|--package)$/ : /^(?!)/;
}

interface Arguments {
  /** `tool` is uv's and pipx's way to say it: a requirement, or `name@version`. */
  readonly kind: 'requirement' | 'tool' | 'npm' | 'conda';
  readonly how: string;
  readonly from: number;
  /** The words after the first are the tool's own. */
  readonly single: boolean;
  /** The program is the project's own; only options install something beside it. */
  readonly onlyOptions?: boolean;
}

function startOfArguments(texts: readonly string[]): Arguments | undefined {
  const isPythonModule = /^(?:.*\/)?python[\d.]*$/.test(texts[0] ?? '') && texts[1] === '-m';
  const offset = isPythonModule ? 2 : 0;
  const [program = '', first, second] = texts
    .slice(offset)
    .map((text, index) => (index === 0 ? text.replace(/^.*\//, '') : text));
  const found = (kind: Arguments['kind'], how: string, count: number, single: boolean): Arguments => ({
    kind,
    how,
    from: offset + count,
    single,
  });
  if (/^pip[\d.]*$/.test(program) && first === 'install') return found('requirement', 'pip install', 2, false);
  if (program === 'uv' && first === 'pip' && second === 'install')
    return found('requirement', 'uv pip install', 3, false);
  if (program === 'uv' && first === 'tool' && (second === 'run' || second === 'install'))
    return found('tool', `uv tool ${second}`, 3, true);
  if (program === 'uvx') return found('tool', 'uvx', 1, true);
  if (program === 'pipx' && first === 'run') return found('tool', 'pipx run', 2, true);
  if (program === 'pipx' && first === 'install') return found('requirement', 'pipx install', 2, false);
  if (program === 'uv' && first === 'run') return { ...found('tool', 'uv run --with', 2, true), onlyOptions: true };
  if (/^(?:conda|mamba|micromamba)$/.test(program) && /^(?:install|create)$/.test(first ?? ''))
    return found('conda', `${program} ${first}`, 2, false);
  if (/^(?:yarn|pnpm)$/.test(program) && first === 'dlx') return found('npm', `${program} dlx`, 2, true);
  if (program === 'bunx') return found('npm', 'bunx', 1, true);
  if (program === 'npx' || (program === 'npm' && first === 'exec'))
    return found('npm', program === 'npx' ? 'npx' : 'npm exec', program === 'npx' ? 1 : 2, true);
  const isInstall = /^(?:i|install|add)$/.test(first ?? '');
  if (/^(?:npm|pnpm|bun)$/.test(program) && isInstall) return found('npm', `${program} ${first}`, 2, false);
  return undefined;
}

function previous(words: readonly ShellWord[], word: ShellWord): string {
  return words[words.indexOf(word) - 1]?.text ?? '';
}

/** A word without its first characters. */
function partOf(word: ShellWord, length: number): ShellWord {
  return { ...word, text: word.text.slice(length), start: word.start + length };
}

function readWord(
  word: ShellWord,
  kind: Arguments['kind'],
  how: string,
  { places, range }: ScriptPlace,
): readonly Declaration[] {
  const { text, start } = word;
  const spanned = (from: number, to: number): Pick<Declaration, 'span' | 'raw' | 'how' | 'role'> => ({
    span: places.span(...range(start + from, start + to)),
    raw: text.slice(from, to),
    how,
    role: 'install',
  });
  if (kind === 'conda') return condaWord(word, spanned);
  const isWhole = word.end - word.start === text.length;
  if (word.dynamic || !isWhole) {
    const name = /^([A-Za-z][\w.-]*)(?:\[[^\]]*\])?(?:[=<>~!@]|$)/.exec(text)?.[1];
    if (name === undefined) return [];
    const base =
      kind === 'npm'
        ? { subject: `npm:${name}` as const, scheme: 'semver' as const }
        : { subject: `pypi:${normalisedName(name)}` as const, scheme: 'pep440' as const };
    const whole = { span: places.span(...range(word.start, word.end)), raw: text, how, role: 'install' as const };
    return [{ ...base, ...whole, value: undefined, unresolved: `a variable (${text})` }];
  }
  if (kind === 'npm') {
    const match = /^((?:@[\w.-]+\/)?[\w.-]+?)(?:@([^@]+))?$/.exec(text);
    if (match?.[1] === undefined || /^\.{1,2}$/.test(match[1])) return [];
    const from = match[2] === undefined ? 0 : text.length - match[2].length;
    return [{ subject: `npm:${match[1]}`, scheme: 'semver', value: match[2] ?? '', ...spanned(from, text.length) }];
  }
  const tool = /^([A-Za-z][\w.-]*)(?:\[[^\]]*\])?@(\S+)$/.exec(text);
  if (kind === 'tool' && tool?.[1] !== undefined && tool[2] !== undefined) {
    const value = tool[2] === 'latest' ? '' : `==${tool[2]}`;
    const from = text.length - tool[2].length;
    return [{ subject: `pypi:${normalisedName(tool[1])}`, scheme: 'pep440', value, ...spanned(from, text.length) }];
  }
  if (/[/\\:]|^\.|\.(?:txt|whl|tar\.gz|zip)$/.test(text) && !text.includes('@')) return [];
  const inWord = requirementDeclaration(text, { places: placesOf(text), offset: 0, role: 'install', how });
  if (inWord === undefined) return [];
  const from = inWord.span.column - 1;
  return [{ ...inWord, ...spanned(from, from + inWord.raw.length) }];
}

/** `black=25.9.0` of conda; Python and Node are no packages here (runtime-installs has them). */
function condaWord(
  { text, dynamic }: ShellWord,
  spanned: (from: number, to: number) => Pick<Declaration, 'span' | 'raw' | 'how' | 'role'>,
): readonly Declaration[] {
  const match = /^(?:[\w-]+::)?([A-Za-z][\w.-]*?)(?:(={1,2})(\d[\w.]*)(?:\.\*)?(?:=\w+)?)?$/.exec(text);
  const [, name, operator, version] = match ?? [];
  if (dynamic || name === undefined || /^(?:python|nodejs|pip)$/.test(name)) return [];
  const subject = `pypi:${normalisedName(name)}` as const;
  if (version === undefined) return [{ subject, scheme: 'pep440', value: '', ...spanned(0, text.length) }];
  const from = text.indexOf(`${operator}${version}`) + (operator?.length ?? 0);
  const exact = operator === '==';
  const place = spanned(exact ? from - 2 : from, from + version.length);
  return [
    exact
      ? { subject, scheme: 'pep440', value: `==${version}`, ...place }
      : { subject, scheme: 'prefix', value: version, ...place },
  ];
}
