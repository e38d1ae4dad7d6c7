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

/** The recipes of a justfile by name, in order, with its own variables filled in. */
export function justfileRecipes(text: string): ReadonlyMap<string, Recipe> {
  const variables = new Map<string, string>();
  const recipes = new Map<string, OpenRecipe>();
  let open: OpenRecipe | undefined;
  for (const line of justfileLines(text)) {
    if (line.kind === 'assignment') variables.set(line.name, line.value.text);
    else if (line.kind === 'command') open?.lines.push(line.command.text);
    else {
      open = { needs: [...line.needs], lines: [] };
      recipes.set(line.name, open);
    }
  }
  return filled(recipes, (value) =>
    value.replace(/\{\{\s*([A-Za-z_][\w-]*)\s*\}\}/g, (_, name: string) => variables.get(name) ?? ''),
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
