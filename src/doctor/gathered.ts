import type { CommandReading, FileReadings, Reading, Reference } from './reading.ts';

/** Gathers what a file declares; a place that is come upon twice counts once. */
export interface Gathered {
  /** The first reading of a subject, value and place is kept. */
  add(...readings: readonly (Reading | undefined)[]): void;
  command(command: CommandReading): void;
  reference(reference: Reference | undefined): void;
  problem(problem: FileReadings['problems'][number]): void;
  done(): FileReadings;
}

/** An empty one. */
export function gather(): Gathered {
  const found = new Map<string, Reading>();
  const commands = new Map<string, CommandReading>();
  const references = new Map<string, Reference>();
  const problems = new Map<string, FileReadings['problems'][number]>();
  const keep = <T>(map: Map<string, T>, one: T, ...key: readonly unknown[]): void => {
    const name = JSON.stringify(key);
    if (!map.has(name)) map.set(name, one);
  };
  return {
    add(...readings) {
      for (const one of readings) if (one !== undefined) keep(found, one, one.subject, one.value, one.span);
    },
    command: (one) => keep(commands, one, one.where, one.command, one.span),
    reference(one) {
      if (one !== undefined) keep(references, one, one.path, one.as, one.span);
    },
    problem: (one) => keep(problems, one, one.message, one.span),
    done: () => ({
      readings: [...found.values()],
      commands: [...commands.values()],
      references: [...references.values()],
      problems: [...problems.values()],
    }),
  };
}
