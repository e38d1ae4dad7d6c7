import { stringify } from 'yaml';

/** A scalar as YAML has it on one line, quoted where it must be. */
export function scalar(value: string | number): string {
  if (typeof value === 'number') return String(value);
  return /[\n\r]/.test(value)
    ? JSON.stringify(value)
    : stringify(value, { lineWidth: 0, defaultStringType: 'PLAIN' }).trimEnd();
}

/** A list of scalars on one line. */
export function flow(values: readonly string[]): string {
  return `[${values.map((value) => (/[,[\]{}]/.test(value) ? JSON.stringify(value) : scalar(value))).join(', ')}]`;
}

/** `key: value`, with a block below it for a text of several lines. */
export function member(key: string, value: string): string[] {
  const text = value.replace(/\r\n?/g, '\n').trimEnd();
  if (!text.includes('\n')) return [`${key}: ${scalar(text)}`];
  return [`${key}: |`, ...indented(text.split('\n'))];
}

/** Lines two spaces further in; empty ones stay empty. */
export function indented(lines: readonly string[], spaces = 2): string[] {
  return lines.map((line) => (line === '' ? '' : `${' '.repeat(spaces)}${line}`));
}
