import { createCollector, type Collector } from '../collector.ts';
import { placesOf } from '../../formats/places.ts';
import { pinsInstalled } from '../pinned-dependencies.ts';
import { lookUp, plainText, pythonNames, pythonStrings, type PythonNames, type PythonString } from '../python-names.ts';
import { pythonLines } from '../python-text.ts';
import { pythonCalls, type PythonArgument, type PythonValue } from '../python-value.ts';
import { pythonDeclaration } from '../python-version.ts';
import type { Reader, Role } from '../declaration.ts';
import { readRequirementLine } from '../requirement-line.ts';
import { cut, type Source } from '../../formats/mapped-text.ts';
import { unresolvedRequirement } from '../unresolved-requirement.ts';

const lists: Readonly<Record<string, Role>> = {
  install_requires: 'library',
  requires: 'library',
  setup_requires: 'install',
  tests_require: 'install',
  extras_require: 'install',
};

/** setup.py, without executing it: the arguments of `setup()` that are literals, or names of the module that stand for literals. */
export const readSetupPy: Reader = ({ path, text }) => {
  const source = { text, places: placesOf(text) };
  const collector = createCollector();
  const lines = pythonLines(text);
  const names = pythonNames(lines.filter(({ indent }) => indent === 0));
  const scope: Scope = { source, path, names, collector: pinsInstalled(collector) };
  for (const line of lines)
    for (const call of pythonCalls(line, (callee) => /^(?:\w+\.)*setup$/.test(callee)))
      for (const argument of argumentsOf(call.args, names)) readArgument(argument, scope);
  // What a script works out its lists from: `_deps = ["black~=25.9", …]`.
  for (const [name, value] of names.values)
    if (/dep|requir|extra/i.test(name) && !/file|path|dir/i.test(name))
      readList(value, {
        ...scope,
        role: /extra|dev|test|lint/i.test(name) ? 'install' : 'library',
        how: name,
        strict: true,
      });
  return collector.collect();
};

interface Scope {
  readonly source: Source;
  readonly path: string;
  readonly names: PythonNames;
  readonly collector: Collector;
}

/** A call's arguments, with `**name` for a dict or `dict()` of the module in its place. */
function argumentsOf(args: readonly PythonArgument[], names: PythonNames): readonly PythonArgument[] {
  return args.flatMap((argument): readonly PythonArgument[] => {
    const { value } = argument;
    if (argument.keyword !== undefined || value.kind !== 'starred') return [argument];
    const meant = lookUp(value.value, names) ?? value.value;
    if (meant.kind === 'call' && meant.callee === 'dict') return meant.args;
    if (meant.kind !== 'dict') return [];
    return meant.entries.flatMap(([key, inner]) => {
      const keyword = key === undefined ? undefined : plainText(key);
      return keyword === undefined ? [] : [{ keyword, value: inner }];
    });
  });
}

function readArgument({ keyword = '', value }: PythonArgument, scope: Scope): void {
  const { source, names, collector } = scope;
  const role = lists[keyword];
  if (role !== undefined) readList(value, { ...scope, role, how: `setup() ${keyword}`, strict: false });
  const strings = (): readonly PythonString[] => pythonStrings(value, names, source.text).strings;
  if (keyword === 'python_requires') {
    const found = strings();
    for (const { mapped, whole, unresolved } of found) {
      const declaration = pythonDeclaration(mapped, 'specifier', {
        source,
        whole,
        role: 'floor',
        how: 'setup() python_requires',
      });
      collector.add(
        declaration === undefined || unresolved === undefined
          ? declaration
          : { ...declaration, value: undefined, unresolved },
      );
    }
    if (found.length === 0)
      collector.add({
        subject: 'python',
        role: 'floor',
        scheme: 'pep440',
        value: undefined,
        unresolved: `an expression (${source.text.slice(value.start, value.end)})`,
        span: source.places.span(value.start, value.end),
        raw: source.text.slice(value.start, value.end),
        how: 'setup() python_requires',
      });
  }
  if (keyword === 'classifiers')
    for (const { mapped, whole } of strings())
      for (const match of mapped.text.matchAll(/[^\n]+/g))
        collector.add(
          pythonDeclaration(cut(mapped, match.index, match.index + match[0].length), 'classifier', {
            source,
            whole,
            role: 'support',
            how: 'a classifier',
          }),
        );
}

interface ListScope extends Scope {
  readonly role: Role;
  readonly how: string;
  /** Only texts with a version count, and what is no requirement is none of our business. */
  readonly strict: boolean;
}

/** A list of requirements, a text with a line each, or a dict of lists. */
function readList(value: PythonValue, scope: ListScope, depth = 0): void {
  const { source, path, names, collector, role, how, strict } = scope;
  const meant = value.kind === 'name' || value.kind === 'item' ? (lookUp(value, names) ?? value) : value;
  if (meant.kind === 'dict' && depth < 4) {
    for (const [key, inner] of meant.entries) {
      const extra = key === undefined ? undefined : plainText(key);
      // `":python_version < '3.8'"`, `"test:sys_platform == 'win32'"`: the extra with a marker.
      readList(inner, { ...scope, how: extra === undefined ? how : `${how} ${extra}` }, depth + 1);
    }
    return;
  }
  if (meant.kind === 'call' && meant.callee === 'dict' && depth < 4) {
    for (const { keyword, value: inner } of meant.args)
      readList(inner, { ...scope, how: keyword === undefined ? how : `${how} ${keyword}` }, depth + 1);
    return;
  }
  for (const { mapped, whole, unresolved, isChoice } of pythonStrings(meant, names, source.text).strings)
    for (const match of mapped.text.matchAll(/[^\n]+/g)) {
      const line = cut(mapped, match.index, match.index + match[0].length);
      if (strict && !/^\s*[A-Za-z][\w.-]*\s*(?:\[[^\]]*\])?\s*(?:===|~=|==|!=|<=|>=|<|>)\s*\d/.test(line.text))
        continue;
      const condition = isChoice === true ? { condition: 'one of several' } : {};
      const context = { source, path, whole, role, how, ...condition };
      if (unresolved === undefined) readRequirementLine(line, context, collector);
      else collector.add(unresolvedRequirement(line, { ...context, unresolved }));
    }
}
