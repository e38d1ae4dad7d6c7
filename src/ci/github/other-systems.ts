import { shellCommands } from '../../formats/shell.ts';
import { commandKind, plainWords } from '../import/command.ts';
import { withoutRunners } from '../import/without-runners.ts';
import type { CiJob, CiValue } from '../model.ts';
import { contextOf, type ExpressionScope } from './context.ts';
import { interpolate, textOf } from './expression.ts';

/** The machine of a job: what the file says, and which system it has. */
export interface Runner {
  readonly said: string;
  readonly system: 'linux' | 'macos' | 'windows';
}

/** The machine that a job asks for; one that nothing tells is Linux. */
export function runnerOf(runsOn: CiValue | undefined, scope: ExpressionScope): Runner {
  const { value } = runsOn ?? {};
  const texts =
    value === undefined
      ? []
      : value.text === undefined
        ? (value.isMap ? (value.get('labels')?.items ?? []) : value.items).map(({ text }) => text ?? '')
        : [value.text];
  const said = texts
    .map((text) => interpolate(text, contextOf(scope)))
    .map((each) =>
      each.known ? (typeof each.value === 'object' ? JSON.stringify(each.value) : textOf(each.value)) : '',
    )
    .join(' ');
  const system = /windows|\bwin\b/i.test(said) ? 'windows' : /macos|\bmac\b|\bosx\b/i.test(said) ? 'macos' : 'linux';
  return { said: said.trim() || 'an unknown runner', system };
}

/** A job of a workflow. */
interface SystemJob {
  readonly id: string;
  readonly job: CiJob;
  readonly scope: ExpressionScope;
}

/**
 * Whether a job that CI runs on macOS alone checks what Linux can check as well: it is not about macOS by its name or its programs, and no job
 * on Linux does the same checks. Teams run such jobs there since the machines are fast.
 */
export function runsOnLinuxAsWell({ id, job }: SystemJob, all: readonly SystemJob[]): boolean {
  const names = [id, job.name?.value.text ?? '', job.key.file.path.replace(/^.*\//, '')];
  if (names.some((name) => /(?:^|[^a-z])(?:mac|macos|osx|darwin|ios|apple)(?:[^a-z]|$)/i.test(name))) return false;
  const commands = commandsOf(job);
  if (commands.some((command) => commandKind(command) === 'foreign' || macProgram.test(plainWords(command)[0] ?? '')))
    return false;
  const done = new Set(
    all
      .filter((each) => each.id !== id && runnerOf(each.job.runsOn, each.scope).system === 'linux')
      .flatMap((each) => checksOf(each.job)),
  );
  return checksOf(job).some((check) => !done.has(check));
}

const macProgram =
  /^(?:xcrun|xcode-select|codesign|security|hdiutil|lipo|otool|install_name_tool|defaults|productbuild)$/;

/** What a job checks or tests with: `pytest`, `ruff check`, `pnpm test`. */
function checksOf(job: CiJob): readonly string[] {
  return commandsOf(job)
    .filter((command) => /^(?:check|test)$/.test(commandKind(command)))
    .map((command) => {
      const [program = '', first = ''] = plainWords(command);
      return /^(?:ruff|npm|pnpm|yarn|bun|npx|bunx|make)$/.test(program) ? `${program} ${first}` : program;
    });
}

function commandsOf({ steps }: CiJob): ReturnType<typeof shellCommands> {
  return steps.flatMap((step) =>
    step.kind === 'run' ? shellCommands(withoutRunners(step.script.value.text ?? '', '.', [])) : [],
  );
}

/** A script of macOS for Linux: `sed -i ''` is BSD's way to keep no copy. */
export function withoutBsd(script: string): string {
  return script.replace(/\bsed ((?:-[A-Za-z]+ )*)-i ''(?= )/g, 'sed $1-i');
}
