import { shellCommands } from '../../formats/shell.ts';

/** Options with which a formatter or linter only looks. */
const looking = /^(?:--check|--check-only|--diff|-c|--list-different|--no-fix)$/;

/** The command that mends what a check complains of: `black src` of `black --check src`; undefined for any other script. */
export function fixCommand(script: string): string | undefined {
  if (/[\n;&|<>`]|\$\(/.test(script)) return undefined;
  const [command, ...more] = shellCommands(script);
  if (command === undefined || more.length > 0 || command.start !== 0) return undefined;
  const words = command.words.map((word) => ({ text: word.text, source: script.slice(word.start, word.end) }));
  const texts = words.map(({ text }) => text);
  const from = texts[0]?.startsWith('python') === true && texts[1] === '-m' ? 2 : 0;
  const [program = '', verb = ''] = texts.slice(from);
  const isRuff = program === 'ruff' && !/^(?:format|rule|config|clean|server|analyze)$/.test(verb);
  const isFormatter = /^(?:black|isort)$/.test(program) || (program === 'ruff' && verb === 'format');
  if (isFormatter) {
    if (!texts.some((text) => looking.test(text))) return undefined;
    return without(script, words);
  }
  if (!isRuff || texts.includes('--fix')) return undefined;
  const plain = without(script, words);
  const start = from === 0 ? 'ruff' : `${texts[0]} -m ruff`;
  return plain.startsWith(`${start} check`) ? plain.replace(`${start} check`, `${start} check --fix`) : undefined;
}

function without(script: string, words: readonly { readonly text: string; readonly source: string }[]): string {
  const dropped = words.filter(({ text }) => looking.test(text) || text.startsWith('--output-format'));
  let result = script;
  for (const { source } of dropped) result = result.replace(` ${source}`, '');
  return result;
}
