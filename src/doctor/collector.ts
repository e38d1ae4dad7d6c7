import type { CommandDeclaration, FileDeclarations, Declaration, IncludedFile } from './declaration.ts';

/** Gathers what a file declares; a place that is come upon twice counts once. */
export interface Collector {
  /** The first reading of a subject, value and place is kept. */
  add(...declarations: readonly (Declaration | undefined)[]): void;
  command(command: CommandDeclaration): void;
  reference(reference: IncludedFile | undefined): void;
  problem(problem: FileDeclarations['problems'][number]): void;
  collect(): FileDeclarations;
}

/** An empty one. */
export function createCollector(): Collector {
  const found = new Map<string, Declaration>();
  const commands = new Map<string, CommandDeclaration>();
  const references = new Map<string, IncludedFile>();
  const problems = new Map<string, FileDeclarations['problems'][number]>();
  const keep = <T>(map: Map<string, T>, one: T, ...key: readonly unknown[]): void => {
    const name = JSON.stringify(key);
    if (!map.has(name)) map.set(name, one);
  };
  return {
    add(...declarations) {
      for (const one of declarations) if (one !== undefined) keep(found, one, one.subject, one.value, one.span);
    },
    command: (one) => keep(commands, one, one.where, one.command, one.span),
    reference(one) {
      if (one !== undefined) keep(references, one, one.path, one.as, one.span);
    },
    problem: (one) => keep(problems, one, one.message, one.span),
    collect: () => ({
      declarations: [...found.values()],
      commands: [...commands.values()],
      references: [...references.values()],
      problems: [...problems.values()],
    }),
  };
}
