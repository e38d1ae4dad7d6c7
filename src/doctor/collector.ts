import type { CommandDeclaration, FileDeclarations, Declaration, IncludedFile } from './declaration.ts';

/** Collects what a file declares; a place that a reader finds twice counts once. */
export interface Collector {
  /** Keeps the first declaration of a subject, value and place. */
  add(...declarations: readonly (Declaration | undefined)[]): void;
  command(command: CommandDeclaration): void;
  reference(reference: IncludedFile | undefined): void;
  problem(problem: FileDeclarations['problems'][number]): void;
  collect(): FileDeclarations;
}

/** Makes an empty collector. */
export function createCollector(): Collector {
  const declarationsByKey = new Map<string, Declaration>();
  const commands = new Map<string, CommandDeclaration>();
  const references = new Map<string, IncludedFile>();
  const problems = new Map<string, FileDeclarations['problems'][number]>();
  const addOnce = <T>(map: Map<string, T>, one: T, ...key: readonly unknown[]): void => {
    const name = JSON.stringify(key);
    if (!map.has(name)) map.set(name, one);
  };
  return {
    add(...declarations) {
      for (const one of declarations)
        if (one !== undefined) addOnce(declarationsByKey, one, one.subject, one.value, one.span);
    },
    command: (one) => addOnce(commands, one, one.where, one.command, one.span),
    reference(one) {
      if (one !== undefined) addOnce(references, one, one.path, one.as, one.span);
    },
    problem: (one) => addOnce(problems, one, one.message, one.span),
    collect: () => ({
      declarations: [...declarationsByKey.values()],
      commands: [...commands.values()],
      references: [...references.values()],
      problems: [...problems.values()],
    }),
  };
}
