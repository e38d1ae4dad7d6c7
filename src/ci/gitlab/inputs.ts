import { placesOf } from '../../formats/places.ts';
import { readYaml, type YamlValue } from '../../formats/yaml.ts';

/** The header of a file: what stands before `---` and begins with `spec:` (https://docs.gitlab.com/ci/inputs). */
const header =
  /^\uFEFF?(?:[ \t]*(?:#[^\n]*)?\n)*(?:---[^\n]*\n)?(?:[ \t]*(?:#[^\n]*)?\n)*spec:[^]*?\n---[^\n]*(?:\n|$)/;

/**
 * A file's text with its inputs filled in: those that are given, else their defaults. Blanks stand in the header's place, so that lines stay where
 * they are; an input that nobody gives stays as it is written.
 */
export function withInputs(text: string, given: ReadonlyMap<string, string>): string {
  const head = header.exec(text)?.[0];
  if (head === undefined) return text;
  const spec = head.replace(/^(\uFEFF?(?:[ \t]*(?:#[^\n]*)?\n)*)---/, '$1   ');
  const declared = readYaml(spec, placesOf(spec)).value.get('spec', 'inputs')?.members ?? [];
  const values = new Map(
    declared.flatMap(([name, input]): readonly (readonly [string, string])[] => {
      const value = given.get(name.text ?? '') ?? inputText(input.get('default'));
      return value === undefined || name.text === undefined ? [] : [[name.text, value]];
    }),
  );
  const body = text
    .slice(head.length)
    .replace(/\$\[\[\s*inputs\.([\w-]+)\s*((?:\|[^\]|]*)*)\]\]/g, (whole, name: string, functions: string) => {
      const value = values.get(name);
      return value === undefined ? whole : (applied(functions, value) ?? whole);
    });
  return head.replace(/[^\n]/g, ' ') + body;
}

/** A file's text with blanks in its header's place. */
export function withoutHeader(text: string): string {
  const head = header.exec(text)?.[0] ?? '';
  return head.replace(/[^\n]/g, ' ') + text.slice(head.length);
}

/** An input's value as it is put into the text: a list as YAML writes it in one line. */
export function inputText(value: YamlValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  return value.items.length > 0 ? JSON.stringify(value.items.map(({ text }) => text ?? '')) : value.text;
}

/** `| truncate(0,8)`; variables are looked at when a job runs. Undefined for a function that is not known here. */
function applied(functions: string, value: string): string | undefined {
  let now = value;
  for (const each of functions.split('|').map((part) => part.trim())) {
    if (each === '' || each === 'expand_vars') continue;
    const [, from, length] = /^truncate\(\s*(\d+)\s*,\s*(\d+)\s*\)$/.exec(each) ?? [];
    if (from === undefined || length === undefined) return undefined;
    now = now.slice(Number(from), Number(from) + Number(length));
  }
  return now;
}
