import type { StepConfig } from '../../config/config.ts';
import { posix } from 'node:path';
import type { Audit } from '../audit.ts';
import { shellCommands } from '../../formats/shell.ts';
import { lostInPipe } from '../script.ts';
import { indirectionsOf, invocationOf, type Indirection, type Invocation } from './invocation.ts';
import type { LocatedCommandDeclaration } from '../declaration.ts';

/** A check that CI (or a hook that CI runs) makes, and how the pipeline differs. */
export interface CommandDifference {
  readonly kind: 'missing' | 'flags' | 'paths' | 'config';
  readonly command: LocatedCommandDeclaration;
  readonly tool: string;
  /** The step that comes nearest, and its command; absent when no step runs the tool. */
  readonly step?: { readonly name: string; readonly command: string };
}

/** A command of the pipeline. */
interface StepCommand {
  readonly step: StepConfig;
  readonly command: string;
  readonly invocation: Invocation;
}

/** A command that counts as CI's: CI's own, or one that CI's stands for. */
interface CiCommand {
  readonly command: LocatedCommandDeclaration;
  readonly invocation: Invocation;
  /** Hooks are given the files: paths say nothing. */
  readonly isHook: boolean;
}

const depthLimit = 6;
const checkScripts = /^(?:build|test|lint|check|type-?check|tsc|format(?::|-)?check|ci)(?:[:-][\w:-]+)?$/;

/**
 * Where CI's checks and the pipeline part: a check that no step makes, other options, other paths, another config file. Empty when there
 * is no CI, or no pipeline that people wrote.
 */
export function compareCommands(audit: Audit): readonly CommandDifference[] {
  const { pipeline, commands } = audit;
  if (pipeline === undefined) return [];
  const steps = pipeline.flatMap((step) => stepCommands(step, audit.project, commands));
  const scripts = new Set(pipeline.flatMap((step) => scriptsOf(step.run)));
  const seen = new Set<string>();
  return ciCommands(commands, scripts).flatMap((ci): readonly CommandDifference[] => {
    if ('script' in ci) return [{ kind: 'missing', command: ci.command, tool: ci.script }];
    const found = compareOne(ci, steps);
    // A matrix and several jobs run the same command again.
    const key = JSON.stringify([found?.kind, found?.step?.name, ci.invocation]);
    if (found === undefined || seen.has(key)) return [];
    seen.add(key);
    return [found];
  });
}

/** The checks among the pipeline's and CI's commands whose failure counts for nothing. */
export function commandsWithIgnoredFailure({ commands, pipeline = [], project }: Audit): readonly {
  readonly tool: string;
  readonly why: string;
  readonly by: LocatedCommandDeclaration | StepConfig;
}[] {
  const found = commands.flatMap((command) => {
    if (command.by === 'npm-script' || command.by === 'pre-commit') return [];
    const invocation = invocationOf(command.command, command.cwd);
    const why = command.failureIgnored ?? exitZero(command.command);
    return invocation === undefined || why === undefined ? [] : [{ tool: invocation.tool, why, by: command }];
  });
  const own = pipeline.flatMap((step) =>
    shellCommands(step.run).flatMap((command) => {
      const { words, ignored } = command;
      const text = words.map((word) => word.text).join(' ');
      const invocation = invocationOf(text, posix.join(project, step.cwd));
      const why = ignored ?? lostInPipe(command, step.run, true) ?? exitZero(text);
      return invocation === undefined || why === undefined ? [] : [{ tool: invocation.tool, why, by: step }];
    }),
  );
  return [...found, ...own];
}

function exitZero(command: string): string | undefined {
  return /(?:^|\s)(--exit-zero)(?:\s|$)/.exec(command)?.[1];
}

/** The checks that a step makes: its own commands, and those of the targets, scripts and hooks that they stand for. */
function stepCommands(
  step: StepConfig,
  project: string,
  commands: readonly LocatedCommandDeclaration[],
): readonly StepCommand[] {
  const found: StepCommand[] = [];
  const visited = new Set<string>();
  const visit = (command: string, cwd: string, own: string, depth: number): void => {
    const invocation = invocationOf(command, cwd);
    if (invocation !== undefined) found.push({ step, command: own, invocation });
    else if (depth <= depthLimit)
      for (const indirection of indirectionsOf(command)) {
        const key = JSON.stringify(indirection);
        if (visited.has(key)) continue;
        visited.add(key);
        for (const each of commands)
          if (isMeant(each, indirection)) visit(each.command, each.cwd ?? '.', own, depth + 1);
      }
  };
  let cwd = posix.join(project, step.cwd);
  for (const { words } of shellCommands(step.run)) {
    const texts = words.map(({ text }) => text);
    if (texts[0] === 'cd' && texts[1] !== undefined) cwd = posix.join(cwd, texts[1]);
    const command = texts.join(' ');
    visit(command, cwd, command, 0);
  }
  return found;
}

function scriptsOf(run: string): readonly string[] {
  return shellCommands(run).flatMap(({ words }) =>
    indirectionsOf(words.map(({ text }) => text).join(' ')).flatMap(({ to, name }) =>
      to === 'npm-script' && name !== undefined ? [name] : [],
    ),
  );
}

function ciCommands(
  commands: readonly LocatedCommandDeclaration[],
  stepScripts: ReadonlySet<string>,
): readonly (CiCommand | { readonly script: string; readonly command: LocatedCommandDeclaration })[] {
  const found: (CiCommand | { readonly script: string; readonly command: LocatedCommandDeclaration })[] = [];
  const visited = new Set<string>();
  const visit = (command: LocatedCommandDeclaration, from: LocatedCommandDeclaration, depth: number): boolean => {
    const invocation = invocationOf(command.command, command.cwd);
    if (invocation !== undefined) {
      // A command whose failure is ignored has a finding of its own.
      if ((from.failureIgnored ?? command.failureIgnored ?? exitZero(command.command)) === undefined)
        found.push({
          command: from.by === 'ci' && depth > 0 ? command : from,
          invocation,
          isHook: command.by === 'pre-commit',
        });
      return true;
    }
    let isKnown = false;
    for (const indirection of depth > depthLimit ? [] : indirectionsOf(command.command)) {
      const isScript = indirection.to === 'npm-script';
      // The pipeline runs the very same script.
      if (isScript && stepScripts.has(indirection.name ?? '')) continue;
      const key = JSON.stringify(indirection);
      const isNew = !visited.has(key);
      visited.add(key);
      const targets = commands.filter((each) => isMeant(each, indirection));
      const checks = targets.map((each) =>
        isNew ? visit(each, each.by === 'pre-commit' ? each : command, depth + 1) : true,
      );
      isKnown ||= checks.some(Boolean);
      if (isScript && isNew && !checks.some(Boolean) && checkScripts.test(indirection.name ?? ''))
        found.push({ script: `npm run ${indirection.name}`, command: from });
    }
    return isKnown;
  };
  for (const command of commands) if (command.by === 'ci') visit(command, command, 0);
  return found;
}

function isMeant({ by, where }: LocatedCommandDeclaration, { to, name }: Indirection): boolean {
  if (by !== to) return false;
  if (name === undefined) return true;
  // A rule of make may have several targets.
  if (to === 'make' && where.split(/\s+/).includes(name)) return true;
  // `testenv` is what every environment of tox starts from; `py311` and `py` are factors of it.
  return where === name || (to === 'tox' && where === 'testenv' && /^py\d*(?:-|$)/.test(name));
}

function compareOne(
  { command, invocation, isHook }: CiCommand,
  steps: readonly StepCommand[],
): CommandDifference | undefined {
  if (invocation.unresolved !== undefined) return undefined;
  const { tool } = invocation;
  const same = steps.filter((step) => step.invocation.tool === tool);
  const ranked = same
    .map((step) => ({ step, differences: differencesOf(invocation, step.invocation, isHook) }))
    .toSorted((a, b) => a.differences.length - b.differences.length);
  const [best] = ranked;
  if (best === undefined) return { kind: 'missing', command, tool };
  const [first] = best.differences;
  if (first === undefined) return undefined;
  return { kind: first, command, tool, step: { name: best.step.step.name, command: best.step.command } };
}

function differencesOf(ci: Invocation, step: Invocation, isHook: boolean): readonly ('flags' | 'paths' | 'config')[] {
  const found: ('flags' | 'paths' | 'config')[] = [];
  if (ci.config !== step.config && ci.config !== undefined && step.config !== undefined) found.push('config');
  else if (ci.config !== step.config && !isDefaultConfig(ci.config ?? step.config ?? '')) found.push('config');
  if (JSON.stringify(ci.flags) !== JSON.stringify(step.flags)) found.push('flags');
  if (!isHook && !covers(step.paths, ci.paths)) found.push('paths');
  return found;
}

/** The file that the tool finds by itself. */
function isDefaultConfig(path: string): boolean {
  return /^(?:\.\/)?(?:mypy\.ini|pyproject\.toml|setup\.cfg|tox\.ini|\.flake8|tsconfig\.json|\.pylintrc|pytest\.ini|ruff\.toml)$/.test(
    path,
  );
}

/** True when everything that one looks at lies within what the other looks at. */
function covers(wide: readonly string[], narrow: readonly string[]): boolean {
  // Without paths the tool's own config says them, for both.
  if (narrow.length === 0 || wide.length === 0) return narrow.length === wide.length;
  return narrow.every((path) => wide.some((top) => top === '.' || path === top || path.startsWith(`${top}/`)));
}
