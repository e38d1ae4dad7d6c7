/** What a variable holds: a text, null when nobody sets it, undefined when only GitLab knows. */
export type VariableValue = string | null | undefined;

/** Whether something holds: true, false, or undefined with the reason. */
export interface RuleOutcome {
  readonly truth: boolean | undefined;
  readonly why: string;
}

const yes: RuleOutcome = { truth: true, why: '' };
const no: RuleOutcome = { truth: false, why: '' };

/**
 * Decides an expression of `rules: if` (https://docs.gitlab.com/ci/jobs/job_rules): variables, texts, null, `==`, `!=`, `=~`, `!~`, `&&`,
 * `||` and parentheses. Undecided when a variable is, unless the other side decides alone, and for what is no expression.
 */
export function evaluateRule(text: string, variable: (name: string) => VariableValue): RuleOutcome {
  const tokens = [...text.matchAll(form)].map(([whole]) => whole.trim());
  if (text.replace(form, '').trim() !== '') return { truth: undefined, why: `it is no expression (${text.trim()})` };
  try {
    return parse(tokens, variable);
  } catch (error) {
    if (error instanceof SyntaxError) return { truth: undefined, why: `it is no expression (${text.trim()})` };
    throw error;
  }
}

const form = /\s*(?:\$\{?\w+\}?|"[^"]*"|'[^']*'|\/(?:[^/\\]|\\.)+\/i?|==|!=|=~|!~|&&|\|\||!|[()]|\bnull\b)/g;

type Operand =
  | { readonly kind: 'value'; readonly value: VariableValue; readonly said: string }
  | { readonly kind: 'pattern'; readonly pattern: string };

function parse(tokens: readonly string[], variable: (name: string) => VariableValue): RuleOutcome {
  let at = 0;
  const any = (): RuleOutcome => {
    let left = all();
    while (tokens[at] === '||') {
      at += 1;
      left = either(left, all());
    }
    return left;
  };
  const all = (): RuleOutcome => {
    let left = one();
    while (tokens[at] === '&&') {
      at += 1;
      left = negated(either(negated(left), negated(one())));
    }
    return left;
  };
  const one = (): RuleOutcome => {
    if (tokens[at] === '!') {
      at += 1;
      return negated(one());
    }
    if (tokens[at] === '(') {
      at += 1;
      const inner = any();
      if (tokens[at] !== ')') throw new SyntaxError(')');
      at += 1;
      return inner;
    }
    const left = operand();
    const operator = tokens[at] ?? '';
    if (!/^(?:==|!=|=~|!~)$/.test(operator)) {
      if (left.kind === 'pattern') throw new SyntaxError(left.pattern);
      return left.value === undefined ? unknown(left.said) : left.value === null || left.value === '' ? no : yes;
    }
    at += 1;
    return compared(operator, left, operand());
  };
  const operand = (): Operand => {
    const token = tokens[at] ?? '';
    at += 1;
    if (token.startsWith('$')) return { kind: 'value', value: variable(token.replace(/^\$\{?|\}$/g, '')), said: token };
    if (/^["']/.test(token)) return { kind: 'value', value: token.slice(1, -1), said: token };
    if (token === 'null') return { kind: 'value', value: null, said: token };
    if (token.startsWith('/')) return { kind: 'pattern', pattern: token };
    throw new SyntaxError(token);
  };
  const whole = any();
  if (at < tokens.length) throw new SyntaxError(tokens[at]);
  return whole;
}

function compared(operator: string, left: Operand, right: Operand): RuleOutcome {
  if (left.kind === 'pattern') throw new SyntaxError(left.pattern);
  if (left.value === undefined) return unknown(left.said);
  if (right.kind === 'value' && right.value === undefined) return unknown(right.said);
  if (operator === '==' || operator === '!=') {
    if (right.kind === 'pattern') throw new SyntaxError(right.pattern);
    return (left.value === right.value) === (operator === '==') ? yes : no;
  }
  const said = right.kind === 'pattern' ? right.pattern : (right.value ?? '');
  const [, body = '', flags = ''] = /^\/(.*)\/(i?)$/.exec(said) ?? [];
  let matches: boolean;
  try {
    // Ruby's own anchors; the rest of its patterns is as JavaScript has them.
    matches = new RegExp(body.replaceAll('\\A', '^').replaceAll(/\\[zZ]/g, '$'), flags).test(left.value ?? '');
  } catch {
    return { truth: undefined, why: `the pattern ${said} is not understood` };
  }
  return matches === (operator === '=~') ? yes : no;
}

function unknown(said: string): RuleOutcome {
  return { truth: undefined, why: `${said} is set by GitLab or in the project's settings` };
}

function negated({ truth, why }: RuleOutcome): RuleOutcome {
  return { truth: truth === undefined ? undefined : !truth, why };
}

/** Either of two; what neither decides stays undecided. */
function either(a: RuleOutcome, b: RuleOutcome): RuleOutcome {
  if (a.truth === true || b.truth === true) return yes;
  if (a.truth === undefined) return a;
  return b;
}
