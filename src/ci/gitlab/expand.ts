import type { VariableValue } from './rules.ts';

/** A text with its variables as they are set; undefined when one is known to GitLab alone. */
export function expand(text: string, variable: (name: string) => VariableValue): string | undefined {
  let isKnown = true;
  const value = text.replace(/\$\$|\$\{(\w+)\}|\$(\w+)/g, (whole, braced?: string, plain?: string) => {
    if (whole === '$$') return '$';
    const found = variable(braced ?? plain ?? '');
    if (found === undefined || found === null) isKnown = false;
    return found ?? '';
  });
  return isKnown ? value : undefined;
}
