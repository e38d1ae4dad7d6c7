/** Text that is HTML already. */
export interface Markup {
  readonly html: string;
}

/** What may stand in a template: text is escaped, undefined is nothing, a list is its parts. */
export type Part = Markup | string | number | undefined | readonly Part[];

/** A template of HTML whose values are escaped, but for those that are HTML already; undefined is nothing, a list is its parts. */
export function markup(texts: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return { html: texts.map((text, index) => text + written(values[index])).join('') };
}

function written(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'html' in part ? part.html : part.map(written).join('');
}

function escaped(text: string): string {
  const visible = odd.test(text) ? text.replace(odds, shown) : text;
  return special.test(visible) ? visible.replace(specials, (character) => entities[character] ?? '') : visible;
}

const special = /[&<>"']/;
const specials = /[&<>"']/g;
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

// Control characters, and the marks that make text read in another order than it stands in.
// oxlint-disable-next-line no-control-regex
const odd = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/;
const odds = new RegExp(odd, 'g');

function shown(character: string): string {
  const code = character.charCodeAt(0);
  return code > 0xff ? `[U+${code.toString(16).toUpperCase()}]` : '\uFFFD';
}
