/**
 * The text that an expression between `{{` and `}}` of a justfile gives (https://just.systems): texts, variables, `+` and `/`, and
 * `if a == b { c } else { d }`. Undefined for what only just can tell (functions, commands) and for unknown variables.
 */
export function justExpression(text: string, valueOf: (name: string) => string | undefined): string | undefined {
  const tokens = text.match(tokenPattern) ?? [];
  let at = 0;
  const take = (wanted: string): boolean => (tokens[at] === wanted ? ((at += 1), true) : false);
  const operand = (depth: number): string | undefined => {
    const token = tokens[at];
    if (token === undefined || depth > depthLimit) return undefined;
    at += 1;
    if (token === 'if') return conditional(depth + 1);
    if (token === '(') {
      const inner = sum(depth + 1);
      return take(')') ? inner : undefined;
    }
    if (token.startsWith("'")) return token.slice(1, -1);
    if (token.startsWith('"')) return token.slice(1, -1).replace(/\\(.)/g, (_, each: string) => escapes[each] ?? each);
    return /^[A-Za-z_]/.test(token) && tokens[at] !== '(' ? valueOf(token) : undefined;
  };
  const sum = (depth: number): string | undefined => {
    let left = operand(depth);
    while (tokens[at] === '+' || tokens[at] === '/') {
      const joint = tokens[at] === '/' ? '/' : '';
      at += 1;
      const right = operand(depth);
      left = left === undefined || right === undefined ? undefined : `${left}${joint}${right}`;
    }
    return left;
  };
  const conditional = (depth: number): string | undefined => {
    const left = sum(depth);
    const sign = tokens[at];
    at += 1;
    const right = sum(depth);
    if (!take('{')) return undefined;
    const yes = sum(depth);
    if (!take('}') || !take('else')) return undefined;
    const no = take('if') ? conditional(depth + 1) : take('{') ? sum(depth) : undefined;
    if (tokens[at] === '}') at += 1;
    if (left === undefined || right === undefined) return undefined;
    if (sign === '==') return left === right ? yes : no;
    return sign === '!=' ? (left === right ? no : yes) : undefined;
  };
  const value = sum(0);
  return at === tokens.length ? value : undefined;
}

/** Texts, names, and signs; whatever else stands there is a token of its own, which no rule takes. */
const tokenPattern = /'[^']*'|"(?:\\.|[^"\\])*"|[A-Za-z_][\w-]*|==|!=|=~|[^\s]/g;

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** More than anybody nests; a guard against files made to. */
const depthLimit = 30;
