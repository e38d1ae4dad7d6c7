import { shellCommands } from '../../formats/shell.ts';
import { lockInstall, uvSelection, type Install } from './install.ts';

/** Options of `uv run`, `uvx` and their like that take the next word. */
const valued = new Set(
  '--with --python -p --group --extra --only-group --directory --project --env-file --with-requirements --package --from --spec --index --default-index --index-url --extra-index-url -e --environment --pip-args'.split(
    ' ',
  ),
);

/** A text without what starts commands in an environment of its own; what that would install is noted. */
export function withoutRunners(
  text: string,
  cwd: string,
  installs: Install[],
  env: Readonly<Record<string, string>> = {},
): string {
  let result = text;
  for (const { words } of shellCommands(text).toReversed()) {
    const texts = words.map((word) => word.text);
    const found = runner(texts, cwd, /^(?:1|true|yes|on)$/i.test(env['UV_NO_SYNC'] ?? ''));
    const [first] = words;
    const kept = words[found?.skip ?? 0];
    if (first === undefined || found === undefined) continue;
    if (found.install !== undefined) installs.push(found.install);
    if (found.replace !== undefined)
      result = result.slice(0, first.start) + found.replace + result.slice(words[found.skip - 1]?.end ?? first.end);
    else if (kept !== undefined) {
      const from = /["']/.test(result[kept.start - 1] ?? '') && kept.end - kept.start > 0 ? kept.start - 1 : kept.start;
      const program = found.program === undefined ? '' : found.program;
      const to = found.program === undefined ? from : kept.end;
      result = result.slice(0, first.start) + program + result.slice(to);
    }
  }
  return result;
}

interface Runner {
  /** How many words go. */
  readonly skip: number;
  /** The first word that stays, when it is written otherwise: `black` for `black@25.9.0`. */
  readonly program?: string;
  /** What stands in place of the words that go. */
  readonly replace?: string;
  readonly install?: Install;
}

const noInstall: Install = { files: [], projects: [], tools: [], system: [], refused: [], byManager: false };

function runner(words: readonly string[], cwd: string, noSync: boolean): Runner | undefined {
  const [program = '', first = ''] = words;
  const name = program.replace(/^.*\//, '');
  const after = (from: number): number => {
    let at = from;
    while (words[at]?.startsWith('-') === true) {
      if (words[at] === '--') return at + 1;
      at += valued.has(words[at] ?? '') ? 2 : 1;
    }
    return at;
  };
  const optionValues = (to: number, ...names: readonly string[]): string[] =>
    words.slice(0, to).flatMap((word, index) => {
      const [option = '', ...rest] = word.split('=');
      if (!names.includes(option)) return [];
      return requirementsIn(rest.length > 0 ? rest.join('=') : (words[index + 1] ?? ''));
    });
  if (/^(?:\.\/)?\.?v?env\d?\/bin\/./.test(program)) return { skip: 1, replace: name };
  if (name === 'uv' && first === 'run') {
    const skip = after(2);
    const options = words.slice(2, skip);
    const selection = uvSelection(options);
    const tools = optionValues(skip, '--with').filter((tool) => !/[$/]/.test(tool));
    // It runs in what is there, or in an environment of its own.
    const isScript = noSync || options.some((option) => /^(?:--no-sync|--no-project|--script|-s)$/.test(option));
    const project = { projects: [{ dir: cwd, ...selection }], lock: lockInstall('uv', options, cwd) };
    const install = { ...noInstall, tools, ...(isScript ? {} : project) };
    const starts = words[skip] ?? '';
    // `uv run script.py` runs it with Python, and `uv run -m pytest` a module.
    if (options.includes('-m') || options.includes('--module')) return { skip, replace: 'python -m', install };
    return starts.endsWith('.py') ? { skip, replace: 'python', install } : { skip, install };
  }
  if (/^(?:poetry|pdm|pipenv)$/.test(name) && first === 'run')
    return { skip: after(2), install: { ...noInstall, byManager: true, onlyRuns: true } };
  if (name === 'rye' && first === 'run') return { skip: after(2), install: { ...noInstall, byManager: true } };
  if (
    name === 'uvx' ||
    (name === 'uv' && first === 'tool' && words[2] === 'run') ||
    (name === 'pipx' && first === 'run')
  ) {
    const skip = after(name === 'uvx' ? 1 : name === 'pipx' ? 2 : 3);
    const from = optionValues(skip, '--from', '--spec');
    const tool = words[skip] ?? '';
    const [command = '', version] = tool.split('@');
    const line = version === undefined || version === 'latest' ? command : `${command}==${version}`;
    const tools = [...(from.length > 0 ? from.map(pinned) : [line]), ...optionValues(skip, '--with')].filter(
      (each) => !/[$/]/.test(each),
    );
    const install = { ...noInstall, tools };
    return version === undefined ? { skip, install } : { skip, program: command, install };
  }
  return undefined;
}

/** Requirements between commas: those of a version (`django>=5,<6`) and of extras stand in one, as uv takes it. */
function requirementsIn(list: string): string[] {
  return list
    .split(/,(?!\s*[<>=!~])(?![^[]*\])/)
    .map((one) => one.trim())
    .filter(Boolean);
}

function pinned(said: string): string {
  return said.replace(/^([A-Za-z][\w.-]*)@(\d[\w.]*)$/, '$1==$2').replace(/@latest$/, '');
}
