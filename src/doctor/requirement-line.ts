import { posix } from 'node:path';
import type { Collector } from './collector.ts';
import type { Role } from './declaration.ts';
import { cut, rangeOf, type MappedText, type Source } from '../formats/mapped-text.ts';
import {
  includedBy,
  plainRequirement,
  requirementsLine,
  type RequirementsOption,
} from '../formats/requirements-file.ts';
import { eggDeclaration } from './egg.ts';
import { readMappedRequirement } from './mapped-requirement.ts';

/** A line of a requirement list, where it stands and what it is there for. */
export interface RequirementLineContext {
  readonly source: Source;
  /** Of the file that holds the list; what it takes in is relative to its folder. */
  readonly path: string;
  /** File offsets of the whole line, for what can't be placed more exactly. */
  readonly whole: readonly [start: number, end: number];
  readonly role: Role;
  readonly how: string;
  readonly condition?: string | undefined;
}

/**
 * Reads a line as pip takes it in a list of requirements: a requirement, `-r file`, `-c file`, other options (passed over), a path or an
 * address (unresolved when it names its package by `#egg=`). What is nothing of that is a problem.
 */
export function readRequirementLine(line: MappedText, context: RequirementLineContext, collector: Collector): void {
  const { source, whole, role, how, condition } = context;
  const read = requirementsLine(line);
  if (read === undefined) return;
  const mapped = read.kind === 'requirement' ? plainRequirement(read) : read.mapped;
  const { text } = mapped;
  const [start, end] = rangeOf(mapped) ?? whole;
  const with_ = condition === undefined ? {} : { condition };
  const egg = eggDeclaration(mapped, { source, whole, role, how });
  if (egg !== undefined) {
    collector.add({ ...egg, ...with_ });
    return;
  }
  if (read.kind === 'option') return readInclude(read, context, collector);
  const declaration = readMappedRequirement(mapped, { source, whole: [start, end], role, how });
  if (declaration !== undefined) {
    const conditions = [condition, declaration.condition].filter((one) => one !== undefined);
    collector.add(conditions.length === 0 ? declaration : { ...declaration, condition: conditions.join(' and ') });
    return;
  }
  // A path, an address or a placeholder has no name that could be held against the lock.
  if (/[/\\:{}$]|%\(|^\.|\.(?:whl|zip)$|\.tar\.\w+$/.test(text)) return;
  collector.problem({ message: `no requirement: ${text}`, span: source.places.span(start, end) });
}

function readInclude(
  option: RequirementsOption,
  { source, path, whole }: RequirementLineContext,
  collector: Collector,
): void {
  const as = includedBy(option);
  const name = /^\S+/.exec(option.value.text)?.[0] ?? '';
  if (as === undefined || name === '' || name.startsWith('-')) return;
  const file = repositoryPath(path, name);
  if (file === undefined) return;
  const range = rangeOf(cut(option.value, 0, name.length)) ?? whole;
  collector.reference({ path: file, as, span: source.places.span(...range) });
}

/**
 * A path as a file writes it, relative to the repository's top: what stands for the file's own folder (`{toxinidir}/`) is taken away.
 * Undefined for an address or one that depends on a variable.
 */
export function repositoryPath(file: string, written: string): string | undefined {
  const plain = written
    .replace(/\{\/\}/g, '/')
    .replace(/^["']|["']$/g, '')
    .replace(/^(?:\{(?:toxinidir|tox_root|root)\}|\$\{?PWD\}?)(?:\/|$)/, '');
  if (/:\/\/|[{}$]|^\//.test(plain)) return undefined;
  return posix.join(posix.dirname(file), plain);
}
