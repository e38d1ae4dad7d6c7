/** True when a script names a variable of the shell: `$NAME`, `${NAME…}`. */
export function expandsVariable(script: string, name: string): boolean {
  return new RegExp(`\\$\\{?${escaped(name)}(?!\\w)`).test(script);
}

/** True when a text has a word. */
export function hasWord(text: string, word: string): boolean {
  return new RegExp(`(?<!\\w)${escaped(word)}(?!\\w)`).test(text);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
