/** An environment marker (PEP 508) in its parts. */
export type Marker =
  | { readonly kind: 'and'; readonly parts: readonly Marker[] }
  | { readonly kind: 'or'; readonly parts: readonly Marker[] }
  /** `python_version >= "3.9"`; one that is written the other way round is turned. */
  | { readonly kind: 'comparison'; readonly name: string; readonly operator: string; readonly value: string }
  /** What is no comparison that can be told: `in`, a text of another language. */
  | { readonly kind: 'unclear'; readonly text: string };

const comparison =
  /^(?:(?<name>[a-z_]+)\s*(?<op>===|~=|==|!=|<=|>=|<|>)\s*(?:"(?<a>[^"]*)"|'(?<b>[^']*)')|(?:"(?<c>[^"]*)"|'(?<d>[^']*)')\s*(?<back>===|~=|==|!=|<=|>=|<|>)\s*(?<last>[a-z_]+))$/;

/** Reads a marker, without the `;` before it. Never fails: what can't be told is a part of its own. */
export function readMarker(text: string): Marker {
  const plain = unwrapped(text);
  for (const kind of ['or', 'and'] as const) {
    const parts = splitAt(plain, kind);
    if (parts.length > 1) return { kind, parts: parts.map(readMarker) };
  }
  const groups = comparison.exec(plain)?.groups;
  if (groups === undefined) return { kind: 'unclear', text: plain };
  return {
    kind: 'comparison',
    name: groups['name'] ?? groups['last'] ?? '',
    operator: groups['op'] ?? turned(groups['back'] ?? '=='),
    value: groups['a'] ?? groups['b'] ?? groups['c'] ?? groups['d'] ?? '',
  };
}

/** The comparisons in a marker, however they are joined, in order. */
export function comparisonsOf(marker: Marker): readonly Extract<Marker, { kind: 'comparison' }>[] {
  if (marker.kind === 'comparison') return [marker];
  return marker.kind === 'unclear' ? [] : marker.parts.flatMap(comparisonsOf);
}

/** `"3.8" <= python_version` is `python_version >= "3.8"`. */
function turned(op: string): string {
  return { '<': '>', '>': '<', '<=': '>=', '>=': '<=' }[op] ?? op;
}

/** Without the brackets around the whole. */
function unwrapped(marker: string): string {
  const text = marker.trim();
  if (!text.startsWith('(')) return text;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')' && --depth === 0) return at === text.length - 1 ? unwrapped(text.slice(1, -1)) : text;
  }
  return text;
}

/** The parts between a word that stands outside of brackets and quotes. */
function splitAt(text: string, word: 'and' | 'or'): readonly string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (const match of text.matchAll(/"[^"]*"|'[^']*'|[()]|\b(?:and|or)\b/g)) {
    if (match[0] === '(') depth += 1;
    else if (match[0] === ')') depth -= 1;
    else if (match[0] === word && depth === 0) {
      parts.push(text.slice(from, match.index));
      from = match.index + word.length;
    }
  }
  return [...parts, text.slice(from)];
}
