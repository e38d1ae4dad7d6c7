import { posix } from 'node:path';
import type { StepConfig } from '../config/config.ts';
import { parseOutput, type ParsedOutput } from '../remedies/parse-output.ts';
import type { TestFailure } from '../remedies/test-failures.ts';
import { shellCommands } from '../formats/shell.ts';

/** What a step printed, and where it ran. */
export interface StepOutput {
  readonly step: Pick<StepConfig, 'run'>;
  /** Absolute path in the container. */
  readonly cwd: string;
  readonly text: string;
  readonly passed: boolean;
  /** What its pytest wrote down itself. */
  readonly tests?: readonly TestFailure[];
  /** Whether the repository has a file, by its path from the top. */
  readonly isFile?: (path: string) => boolean;
  /** The text of a file of the repository, by its path from the top; undefined when it can't be read. */
  readonly readText?: (path: string) => string | undefined;
}

// A module of its own, loaded when a step has printed something: most of it are the tools' parsers.

/** What the tools said in a step's output. What did not fail the step is a warning at most. */
export function parseStepOutput({ step, passed, ...output }: StepOutput): ParsedOutput {
  const parsed = parseOutput({ ...output, ...readCommands(step.run) });
  if (!passed) return parsed;
  const diagnostics = parsed.diagnostics.map((one) =>
    one.severity === 'error' ? { ...one, severity: 'warning' as const } : one,
  );
  return { ...parsed, diagnostics };
}

// npm --prefix ui · make -C ui · yarn --cwd ui · pnpm --dir ui · uv --directory core
const folderOptions = new Set(['-C', '--prefix', '--cwd', '--dir', '--directory', '--chdir']);

/** The words of a script's commands, without folders; those that are paths, as written; and the folders that they go to, as far as they are written out. */
export function readCommands(run: string): {
  readonly words: ReadonlySet<string>;
  readonly files: readonly string[];
  readonly folders: readonly string[];
} {
  const words = new Set<string>();
  const files = new Set<string>();
  const folders = new Set<string>();
  let entered = '.';
  for (const command of shellCommands(run)) {
    for (const { text, dynamic } of command.words) {
      words.add(text.slice(text.lastIndexOf('/') + 1));
      if (text.includes('/') && !dynamic && !text.startsWith('-')) files.add(text);
    }
    const [first, second] = command.words;
    if ((first?.text === 'cd' || first?.text === 'pushd') && second !== undefined && !second.dynamic) {
      // One after the other, or each from the step's folder (a subshell ends): whichever has the file.
      folders.add(second.text);
      entered = posix.join(entered, second.text);
      folders.add(entered);
    }
    command.words.forEach(({ text }, index) => {
      const [name = '', inline] = text.split('=', 2);
      if (!folderOptions.has(name)) return;
      const given = command.words[index + 1];
      const folder = inline ?? (given?.dynamic === false ? given.text : undefined);
      if (folder !== undefined) folders.add(posix.join(entered, folder));
    });
  }
  return { words, files: [...files], folders: [...folders] };
}
