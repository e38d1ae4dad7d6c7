import type { Statement } from 'unbash';
import { shellSyntax } from './shell-syntax.ts';

/** A statement of a script: what a shell reads before it runs it. */
export interface ShellStatement {
  /** As written, with the comments and here-documents that follow it; a `;` at its end left out. */
  readonly text: string;
  /** A loop, a condition, a function, a group: anything whose parts do not simply follow one another. */
  readonly isCompound: boolean;
  /** Its commands as written, with what joins each to the next (`''` after the last). */
  readonly parts: readonly ShellPart[];
  /** It changes the shell that later statements run in: a folder, a variable, an option, a function. */
  readonly changesShell: boolean;
  /** Why it could not be read, when it could not: it is the whole script then. */
  readonly problem?: string;
}

/** A command of a chain or of a pipe. */
export interface ShellPart {
  /** As written; a here-document's text is not in it. */
  readonly text: string;
  /** Offsets into the statement's text. */
  readonly start: number;
  readonly end: number;
  /** What joins it to the next; `''` for the last. */
  readonly joint: Joint;
}

type Joint = '&&' | '||' | '|' | '&' | '';
type Node = Statement['command'];

const shellWords =
  /^(?:cd|pushd|popd|export|unset|set|shopt|source|\.|alias|declare|typeset|local|readonly|trap|umask|eval|exec|ulimit|hash|read|mapfile)$/;

/** Splits a script into its top-level statements, in order. Never throws; a script that can't be read is one compound statement. */
export function shellStatements(script: string): readonly ShellStatement[] {
  const { commands, errors } = shellSyntax(script);
  const [error] = errors ?? [];
  if (error !== undefined) {
    const text = script.trim();
    const line = script.slice(0, error.pos).split('\n').length;
    const whole = { text, start: 0, end: text.length, joint: '' as const };
    return [{ text, isCompound: true, parts: [whole], changesShell: true, problem: `${error.message}, line ${line}` }];
  }
  return commands.map((statement, at) => {
    const text = script
      .slice(statement.pos, commands[at + 1]?.pos ?? script.length)
      .trimEnd()
      .replace(/;$/, '')
      .trimEnd();
    return {
      text,
      isCompound: leavesOf(statement).some(({ node }) => node.type !== 'Command' && node.type !== 'TestCommand'),
      parts: leavesOf(statement).map(({ start, end, joint }) => ({
        text: script.slice(start, end),
        start: start - statement.pos,
        end: end - statement.pos,
        joint,
      })),
      changesShell: statement.background !== true && changesShell(statement.command),
    };
  });
}

interface Leaf {
  readonly node: Node;
  readonly start: number;
  readonly end: number;
  readonly joint: Joint;
}

/** The commands of a statement's chains and pipes, in order. */
function leavesOf({ command, background }: Statement): readonly Leaf[] {
  return leaves(command, background === true ? '&' : '');
}

function leaves(node: Node, joint: Joint): readonly Leaf[] {
  if (node.type === 'AndOr') return node.commands.flatMap((each, at) => leaves(each, node.operators[at] ?? joint));
  if (node.type !== 'Pipeline') return [{ node, start: node.pos, end: node.end, joint }];
  // `!` and `time` belong to what they stand before.
  return node.commands.map((each, at) => ({
    node: each,
    start: at === 0 ? node.pos : each.pos,
    end: each.end,
    joint: at < node.commands.length - 1 ? '|' : joint,
  }));
}

function changesShell(node: Node): boolean {
  const some = (statements: readonly Statement[]): boolean =>
    statements.some(({ command, background }) => background !== true && changesShell(command));
  switch (node.type) {
    case 'Command':
      return node.name === undefined
        ? node.prefix.some(({ type }) => type === 'Assignment')
        : shellWords.test(node.name.value);
    case 'AndOr':
      return node.commands.some(changesShell);
    case 'Pipeline':
      return node.commands.length === 1 && node.commands.some(changesShell);
    case 'Redirected':
      return changesShell(node.command);
    case 'Function':
      return true;
    case 'If':
      return [node.clause, node.then, ...node.elif.flatMap(({ clause, then }) => [clause, then]), node.else].some(
        (list) => list !== undefined && some(list.commands),
      );
    case 'While':
      return some(node.clause.commands) || some(node.body.commands);
    case 'Case':
      return node.items.some(({ body }) => some(body.commands));
    case 'For':
    case 'ArithmeticFor':
    case 'Select':
    case 'BraceGroup':
      return some(node.body.commands);
    default:
      return false;
  }
}
