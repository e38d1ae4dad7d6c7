import { pythonDeclaration } from './python-version.ts';
import type { Declaration } from './declaration.ts';
import { cut, rangeOf, type MappedText, type Source } from '../formats/mapped-text.ts';

/** Options that say which Python a tool writes or checks for; pyupgrade and reorder-python-imports have a flag for each version. */
const options = /^(?:(--target-version|--python-version|--pythonversion|-t)(?:=(.+))?|--py(\d{2,3})-plus)$/s;

/**
 * What the words of a command say of the Python that it is for: `--target-version py311` (black, ruff), `--python-version 3.11` (mypy,
 * pyright), `--py311-plus` (pyupgrade). `tool` is the program or the hook; `-t` means something else to most tools.
 */
export function commandTargets(
  tool: string,
  words: readonly MappedText[],
  { source, how }: { readonly source: Source; readonly how: string },
): readonly Declaration[] {
  const declarations: Declaration[] = [];
  for (const [index, word] of words.entries()) {
    const match = options.exec(word.text);
    if (match === null || (match[1] === '-t' && tool !== 'black')) continue;
    const [all, option, value, plus] = match;
    const from = plus === undefined ? all.length - (value?.length ?? 0) : '--py'.length;
    const mapped =
      plus !== undefined
        ? cut(word, from, from + plus.length)
        : value === undefined
          ? words[index + 1]
          : cut(word, from);
    const whole = mapped === undefined ? undefined : rangeOf(mapped);
    if (mapped === undefined || whole === undefined) continue;
    const form =
      plus !== undefined
        ? 'digits'
        : option === '--python-version' || option === '--pythonversion'
          ? 'version'
          : 'target';
    const declaration = pythonDeclaration(mapped, form, {
      source,
      whole,
      role: 'target',
      how: `${how}, ${option ?? '--pyXY-plus'}`,
    });
    if (declaration?.value !== undefined) declarations.push(declaration);
  }
  return declarations;
}
