import { justExpression } from '../../formats/just-expression.ts';
import { justfileLines } from '../../formats/justfile.ts';
import { makefileLines } from '../../formats/makefile.ts';

/** A target of a Makefile or a recipe of a justfile. */
export interface Recipe {
  readonly needs: readonly string[];
  /** Shell lines, variables filled in. */
  readonly lines: readonly string[];
}

interface OpenRecipe {
  readonly needs: string[];
  readonly lines: string[];
}

/** The targets of a Makefile by name, in order. Its own variables, and those that the command line sets, are filled in; functions of make stay as written. */
export function makefileRecipes(text: string, given: ReadonlyMap<string, string>): ReadonlyMap<string, Recipe> {
  const variables = new Map<string, string>();
  const recipes = new Map<string, OpenRecipe>();
  const fill = (value: string, depth = 0): string =>
    value.replace(/\$(?:\$|\(([\w.-]+)\)|\{([\w.-]+)\})/g, (whole, round?: string, curly?: string) => {
      if (whole === '$$') return '$';
      const name = round ?? curly ?? '';
      if (name === 'MAKE') return 'make';
      const known = given.get(name) ?? variables.get(name);
      return known === undefined ? '' : depth > 8 ? whole : fill(known, depth + 1);
    });
  const filledWords = (list: string): readonly string[] =>
    fill(list)
      .split(/\s+/)
      .filter((word) => word !== '');
  let open: readonly OpenRecipe[] = [];
  for (const line of makefileLines(text)) {
    if (line.kind === 'recipe') for (const recipe of open) recipe.lines.push(line.command.text);
    else if (line.kind === 'assignment') {
      const { name, sign, value } = line;
      const before = variables.get(name);
      // What a command prints is not known here.
      if (sign === '!=' || (sign === '?=' && before !== undefined)) continue;
      variables.set(name, sign === '+=' && before !== undefined ? `${before} ${value.text}` : value.text);
    } else {
      open = filledWords(line.targets)
        .filter((name) => !name.startsWith('.'))
        .map((name) => {
          const recipe = recipes.get(name) ?? { needs: [], lines: [] };
          recipe.needs.push(...filledWords(line.needs));
          if (line.inline !== undefined) recipe.lines.push(line.inline);
          recipes.set(name, recipe);
          return recipe;
        });
    }
  }
  return filled(recipes, fill);
}

/**
 * The recipes of a justfile by name, in order, with its own variables filled in, or what the command line sets them to. Parameters are what the
 * command line gives the recipe that it names first, else what the file has for them.
 */
export function justfileRecipes(
  text: string,
  given: ReadonlyMap<string, string> = new Map(),
  args: readonly string[] = [],
): ReadonlyMap<string, Recipe> {
  const variables = new Map<string, string>();
  const recipes = new Map<string, OpenRecipe & { readonly parameters: Map<string, string> }>();
  const [called, ...words] = args;
  let open: OpenRecipe | undefined;
  for (const line of justfileLines(text)) {
    if (line.kind === 'assignment') variables.set(line.name, given.get(line.name) ?? line.value.text);
    else if (line.kind === 'command') open?.lines.push(line.command.text);
    else {
      const parameters = line.parameters.map(({ name, fallback }, at): [string, string] => {
        const isLast = at === line.parameters.length - 1;
        const said = line.name !== called ? [] : isLast ? words.slice(at) : words.slice(at, at + 1);
        return [name, said.length > 0 ? said.join(' ') : (fallback ?? '')];
      });
      const recipe = { needs: [...line.needs], lines: [], parameters: new Map(parameters) };
      recipes.set(line.name, recipe);
      open = recipe;
    }
  }
  return new Map(
    [...recipes].map(([name, { needs, lines, parameters }]) => {
      const valueOf = (each: string): string | undefined => parameters.get(each) ?? variables.get(each);
      const fill = (line: string): string =>
        line.replace(
          /\{\{((?:'[^']*'|"[^"]*"|[^}'"]|\}(?!\}))*)\}\}/g,
          (_, inner: string) => justExpression(inner, valueOf) ?? '',
        );
      return [name, { needs, lines: lines.map(fill) }];
    }),
  );
}

function filled(
  recipes: ReadonlyMap<string, OpenRecipe>,
  fill: (value: string) => string,
): ReadonlyMap<string, Recipe> {
  return new Map(
    [...recipes].map(([name, { needs, lines }]) => [name, { needs, lines: lines.map((line) => fill(line)) }]),
  );
}
