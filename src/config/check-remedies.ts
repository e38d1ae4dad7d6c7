import type { ValueCheck } from './value-checks.ts';
import type { Complaint } from './document.ts';

/** What `parity explain` calls a remedy. */
export const remedyId: ValueCheck = (value) => {
  if (/^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/i.test(value)) return undefined;
  const meant = value
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9./_-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  const hint = meant === '' ? 'letters, digits, `.`, `_`, `-` and `/`' : `did you mean \`${meant}\`?`;
  return { code: 'bad-remedy-id', message: `\`${value}\` can't be typed as a remedy's id`, hint };
};

/** Where more is written about a remedy. */
export const remedyLink: ValueCheck = (value) => {
  if (/^https?:\/\/\S+$/.test(value)) return undefined;
  return { code: 'bad-link', message: `\`${value}\` is no address of a page`, hint: 'it starts with https://' };
};

/** The regular expression of a remedy: JavaScript's, maybe with `(?i)` in front as Python and Go have it. */
export const patternProblem: ValueCheck = (value) => {
  const code = 'bad-pattern';
  let pattern: RegExp;
  try {
    pattern = new RegExp(value.replace(/^\(\?i\)/, ''), 'm');
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replace(/^Invalid regular expression: /, '');
    const hint = value.includes('(?P<')
      ? "a named group is `(?<name>…)` in JavaScript's form"
      : 'put a `\\` before characters that are meant as they are';
    return { code, message: `\`match\` is no regular expression: ${why}`, hint };
  }
  if (!pattern.test('')) return undefined;
  const hint = 'name words that only this failure prints';
  return { code, message: '`match` fits every output, an empty one too', hint };
};

/** What is wrong with the keys that a remedy has, if anything: it must say what it is known by. */
export function remedyProblem(keys: readonly string[]): Complaint | undefined {
  if (keys.includes('code') && !keys.includes('tool'))
    return {
      code: 'code-without-tool',
      message: '`code` needs the `tool` whose code it is',
      hint: 'such as `tool: mypy`',
    };
  if (keys.length === 0 || keys.includes('tool') || keys.includes('match')) return undefined;
  const hint = "add `match: 'a line of the output'`, or `tool: mypy` and `code: assignment`";
  return { code: 'remedy-of-nothing', message: 'this remedy does not say what it is for', hint };
}
