/** A target of a Makefile or a recipe of a justfile. */
export interface Recipe {
  readonly needs: readonly string[];
  /** Shell lines, variables filled in. */
  readonly lines: readonly string[];
}

/** The targets of a Makefile by name, in order. Its own variables, and those that the command line sets, are filled in; functions of make stay as written. */
export function makefileRecipes(text: string, given: ReadonlyMap<string, string>): ReadonlyMap<string, Recipe> {
  const variables = new Map<string, string>();
  const recipes = new Map<string, { needs: string[]; lines: string[] }>();
  const fill = (value: string, depth = 0): string =>
    value.replace(/\$(?:\$|\(([\w.-]+)\)|\{([\w.-]+)\})/g, (whole, round?: string, curly?: string) => {
      if (whole === '$$') return '$';
      const name = round ?? curly ?? '';
      if (name === 'MAKE') return 'make';
      const known = given.get(name) ?? variables.get(name);
      return known === undefined ? '' : depth > 8 ? whole : fill(known, depth + 1);
    });
  let open: { needs: string[]; lines: string[] }[] = [];
  for (const line of text.replace(/\\\r?\n/g, ' ').split(/\r?\n/)) {
    if (line.startsWith('\t')) {
      for (const recipe of open) recipe.lines.push(line.replace(/^\t[-@+ \t]*/, ''));
      continue;
    }
    const assigned = /^\s*(?:export\s+|override\s+)?([\w.-]+)\s*(\?=|\+=|::?=|=)\s*(.*?)\s*(?:#.*)?$/.exec(line);
    if (assigned !== null) {
      const [, name = '', sign, value = ''] = assigned;
      const before = variables.get(name);
      if (sign === '+=' && before !== undefined) variables.set(name, `${before} ${value}`);
      else if (sign !== '?=' || before === undefined) variables.set(name, value);
      continue;
    }
    const rule = /^([^\s:#=][^:#=]*?)\s*::?\s*([^=;#]*)(?:;\s*(.*))?/.exec(line);
    if (rule === null) continue;
    const [, names = '', needs = '', inline] = rule;
    open = fill(names)
      .split(/\s+/)
      .filter((name) => name !== '' && !name.startsWith('.'))
      .map((name) => {
        const recipe = recipes.get(name) ?? { needs: [], lines: [] };
        recipe.needs.push(
          ...fill(needs)
            .split(/\s+/)
            .filter((need) => need !== '' && need !== '|'),
        );
        if (inline !== undefined) recipe.lines.push(inline);
        recipes.set(name, recipe);
        return recipe;
      });
  }
  return new Map(
    [...recipes].map(([name, { needs, lines }]) => [name, { needs, lines: lines.map((line) => fill(line)) }]),
  );
}

/** The recipes of a justfile by name, in order, with its own variables filled in. */
export function justfileRecipes(text: string): ReadonlyMap<string, Recipe> {
  const variables = new Map<string, string>();
  const recipes = new Map<string, { needs: string[]; lines: string[] }>();
  let open: { needs: string[]; lines: string[] } | undefined;
  for (const line of text.split(/\r?\n/)) {
    const assigned = /^(?:export\s+)?([A-Za-z_][\w-]*)\s*:=\s*(["'])(.*)\2\s*$/.exec(line);
    if (assigned?.[1] !== undefined) {
      variables.set(assigned[1], assigned[3] ?? '');
      continue;
    }
    if (/^\s+\S/.test(line)) {
      open?.lines.push(line.trim().replace(/^[-@]+/, ''));
      continue;
    }
    const head = /^@?([A-Za-z_][\w-]*)((?:\s+[^:]+?)?)\s*:(?!=)\s*(.*)$/.exec(line);
    if (head?.[1] === undefined) continue;
    const needs = (head[3] ?? '').replace(/\([^)]*\)/g, (call) => call.slice(1, -1).split(/\s+/)[0] ?? '');
    open = { needs: needs.split(/[\s&]+/).filter((need) => need !== '' && !need.startsWith('#')), lines: [] };
    recipes.set(head[1], open);
  }
  const fill = (value: string): string =>
    value.replace(/\{\{\s*([A-Za-z_][\w-]*)\s*\}\}/g, (_, name: string) => variables.get(name) ?? '');
  return new Map([...recipes].map(([name, { needs, lines }]) => [name, { needs, lines: lines.map(fill) }]));
}
