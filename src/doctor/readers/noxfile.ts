import { condaSpec } from '../conda-spec.ts';
import { createCollector, type Collector } from '../collector.ts';
import { placesOf } from '../../formats/places.ts';
import { lookUp, plainText, pythonNames, pythonStrings, type PythonNames, type PythonString } from '../python-names.ts';
import { pythonLines, type PythonLine } from '../python-text.ts';
import { pythonCalls, pythonExpression, type PythonCall, type PythonValue } from '../python-value.ts';
import { pythonDeclaration } from '../python-version.ts';
import type { Reader, Declaration, Role } from '../declaration.ts';
import { repositoryPath } from '../requirement-line.ts';
import { mapText, rangeOf, rangeInSource, type Source } from '../../formats/mapped-text.ts';
import { readWords, type CommandWord, type ToolCommandContext } from '../tool-command.ts';
import { unresolvedRequirement } from '../unresolved-requirement.ts';

/** noxfile.py, without executing it: sessions, what they install and run, and on which Pythons. */
export const readNoxfile: Reader = ({ path, text }) => {
  const source = { text, places: placesOf(text) };
  const collector = createCollector();
  const lines = pythonLines(text);
  const names = pythonNames(lines.filter(({ indent }) => indent === 0));
  const scope: Scope = { source, path, collector, names, pythons: [] };
  for (const line of lines) readNeedsVersion(line, scope);
  for (const found of functionsOf(lines)) readFunction(found, scope);
  // The one Python of one session may be among the many of another: then it is one of those that are supported.
  const many = new Set(scope.pythons.filter(({ role }) => role === 'support').map(({ span }) => JSON.stringify(span)));
  for (const python of scope.pythons)
    collector.add(many.has(JSON.stringify(python.span)) ? { ...python, role: 'support' } : python);
  return collector.collect();
};

interface Scope {
  readonly source: Source;
  readonly path: string;
  readonly collector: Collector;
  readonly names: PythonNames;
  readonly pythons: Declaration[];
}

interface PythonFunction {
  readonly name: string;
  /** Its first parameter: the session. */
  readonly parameter: string;
  readonly decorators: readonly PythonLine[];
  readonly body: readonly PythonLine[];
}

function functionsOf(lines: readonly PythonLine[]): readonly PythonFunction[] {
  const found: PythonFunction[] = [];
  let decorators: PythonLine[] = [];
  for (const [index, line] of lines.entries()) {
    const [first, second] = line.tokens;
    const at = first?.text === 'async' ? 1 : 0;
    if (first?.text === '@' && first.kind === 'operator') {
      decorators.push(line);
      continue;
    }
    if (line.tokens[at]?.text === 'def' && second !== undefined) {
      const name = line.tokens[at + 1]?.text ?? '';
      const parameter = line.tokens[at + 3]?.kind === 'name' ? (line.tokens[at + 3]?.text ?? '') : '';
      const stop = lines.findIndex((each, other) => other > index && each.indent <= line.indent);
      // A function within this one is read for itself.
      const body = lines.slice(index, stop < 0 ? undefined : stop);
      const isOuter = parameter === 'session' || decorators.some((each) => isSession(each));
      if (isOuter) found.push({ name, parameter, decorators, body });
    }
    decorators = [];
  }
  return found;
}

function isSession({ tokens }: PythonLine): boolean {
  const dotted = tokens.slice(1).findIndex(({ text, kind }) => kind !== 'name' && text !== '.');
  const name = tokens.slice(1, dotted < 0 ? undefined : dotted + 1).map(({ text }) => text);
  return name.at(-1) === 'session';
}

function readFunction({ name, parameter, decorators, body }: PythonFunction, scope: Scope): void {
  const names = pythonNames(body.slice(1), scope.names);
  const inner = { ...scope, names };
  let where = name;
  for (const decorator of decorators) {
    for (const call of pythonCalls(decorator, (callee) => /(?:^|\.)(?:session|parametrize)$/.test(callee))) {
      if (call.callee.endsWith('parametrize')) readParameters(call, scope);
      else {
        const given = call.args.find(({ keyword }) => keyword === 'name')?.value;
        where = (given === undefined ? undefined : plainText(given)) ?? where;
        readPythons(call, scope);
      }
    }
  }
  const methods = new Set(['install', 'conda_install', 'run', 'run_always', 'run_install', 'chdir', 'cd']);
  const folders: { readonly indent: number; readonly path: string | undefined }[] = [];
  for (const line of body) {
    while (folders.length > 0 && line.indent <= (folders.at(-1)?.indent ?? 0)) folders.pop();
    for (const call of pythonCalls(line, (callee) => callee.startsWith(`${parameter}.`))) {
      const method = call.callee.slice(parameter.length + 1);
      if (!methods.has(method)) continue;
      if (method === 'chdir' || method === 'cd') {
        const folder = plainText(call.args[0]?.value ?? { kind: 'other', start: 0, end: 0 });
        const isBlock = line.tokens[0]?.text === 'with';
        const inFolder = folder === undefined ? undefined : repositoryPath(scope.path, folder);
        folders.push({ indent: isBlock ? line.indent : line.indent - 1, path: inFolder });
      } else readCall(call, method, { where, cwd: folders.at(-1)?.path }, inner);
    }
  }
}

/** `@nox.session(python=["3.10", "3.11"])`; the first argument is the Python too when it has no name. */
function readPythons(call: PythonCall, scope: Scope): void {
  const given = call.args.find(({ keyword }) => keyword === 'python' || keyword === 'py')?.value;
  const [first] = call.args;
  const isPython = first?.keyword === undefined && first?.value.kind !== 'starred';
  const value = given ?? (isPython ? first?.value : undefined);
  if (value !== undefined) pushPythons(value, '@nox.session python', scope);
}

/** `@nox.parametrize("python", ["3.10", "3.11"])`, also among other names: `"python,django"`. */
function readParameters(call: PythonCall, scope: Scope): void {
  const [given, values] = call.args;
  const parameters = plainText(given?.value ?? { kind: 'other', start: 0, end: 0 })?.split(',') ?? [];
  const index = parameters.findIndex((parameter) => parameter.trim() === 'python');
  if (index < 0 || values === undefined) return;
  const list = lookUp(values.value, scope.names) ?? values.value;
  const items = list.kind === 'list' ? list.items : [];
  const own = items.flatMap((item) => {
    const args = item.kind === 'call' ? item.args.map(({ value }) => value) : [item];
    const [only] = args;
    const tuple = only?.kind === 'list' && item.kind !== 'call' ? only.items : args;
    return tuple[parameters.length > 1 ? index : 0] ?? [];
  });
  const { start, end } = values.value;
  pushPythons({ kind: 'list', items: own, start, end }, '@nox.parametrize python', scope);
}

function pushPythons(value: PythonValue, how: string, { source, names, pythons }: Scope): void {
  const { strings, unknown, isList } = pythonStrings(value, names, source.text);
  const role: Role = strings.length > 1 || (isList && strings.length + unknown.length > 1) ? 'support' : 'install';
  for (const { mapped, whole, unresolved } of strings) {
    const declaration = pythonDeclaration(mapped, 'interpreter', { source, whole, role, how });
    if (declaration !== undefined)
      pythons.push(unresolved === undefined ? declaration : { ...declaration, value: undefined, unresolved });
  }
  for (const one of unknown) {
    const raw = source.text.slice(one.start, one.end);
    if (/^(?:None|False|True|)$/.test(raw)) continue;
    const span = source.places.span(one.start, one.end);
    const unresolved = `an expression (${raw})`;
    pythons.push({ subject: 'python', role, scheme: 'prefix', value: undefined, unresolved, span, raw, how });
  }
}

function readCall(
  call: PythonCall,
  method: string,
  { where, cwd }: { readonly where: string; readonly cwd: string | undefined },
  { source, path, names, collector }: Scope,
): void {
  const args = call.args.filter(({ keyword }) => keyword === undefined);
  const words = args.flatMap(({ value }) => wordsOf(value, names, source));
  const codes = call.args.find(({ keyword }) => keyword === 'success_codes')?.value;
  const listed = codes?.kind === 'list' && codes.items.some((one) => one.kind === 'number' && one.text !== '0');
  const failureIgnored =
    listed && codes !== undefined ? `success_codes=${source.text.slice(codes.start, codes.end)}` : undefined;
  const context: ToolCommandContext = { source, path, by: 'nox', where, cwd, failureIgnored };
  if (method === 'conda_install') {
    for (const { mapped, whole, unresolved } of words) {
      if (mapped.text.startsWith('-')) continue;
      const declaration = condaSpec(mapped, { source, whole, role: 'install', how: 'session.conda_install' });
      collector.add(
        declaration === undefined || unresolved === undefined
          ? declaration
          : { ...declaration, value: undefined, unresolved },
      );
    }
    return;
  }
  if (method !== 'install') {
    const shown = words.map(({ mapped, unresolved }) => ({ mapped, dynamic: unresolved !== undefined }));
    readWords(shown, context, collector);
    return;
  }
  const how = 'session.install';
  for (const { mapped, whole, unresolved } of words)
    if (unresolved !== undefined)
      collector.add(unresolvedRequirement(mapped, { source, whole, role: 'install', how, unresolved }));
  const program: readonly CommandWord[] = ['pip', 'install'].map((text) => ({
    mapped: { text, offsets: [...text].map(() => -1) },
  }));
  const decided = words.filter(({ unresolved }) => unresolved === undefined);
  readWords([...program, ...decided], { ...context, how }, collector);
}

/** The words that an argument comes to; what can't be told stays as `${expression}`, and what a user adds is left out. */
function wordsOf(value: PythonValue, names: PythonNames, source: Source): readonly PythonString[] {
  const { strings, unknown } = pythonStrings(value, names, source.text);
  const others = unknown.flatMap((one): readonly PythonString[] => {
    const text = source.text.slice(one.start, one.end);
    if (/\bposargs\b/.test(text) || text === '') return [];
    const shown = `\${${text}}`;
    const inner = mapText(text, one.start).offsets;
    return [
      {
        mapped: { text: shown, offsets: [-1, -1, ...inner, -1] },
        whole: [one.start, one.end],
        unresolved: `an expression (${text})`,
      },
    ];
  });
  return [...strings, ...others].filter(({ mapped }) => mapped.text !== '');
}

/** `nox.needs_version = ">=2024.3.2"`. */
function readNeedsVersion(line: PythonLine, { source, collector }: Scope): void {
  const texts = line.tokens.slice(0, 4).map(({ text }) => text);
  if (texts.join('') !== 'nox.needs_version=') return;
  const value = pythonExpression(line, 4);
  const text = plainText(value);
  const [part] = value.kind === 'string' ? value.parts : [];
  const range = part === undefined ? undefined : rangeOf(part.mapped);
  if (text === undefined || range === undefined) return;
  collector.add({
    subject: 'pypi:nox',
    role: 'floor',
    scheme: 'pep440',
    value: text.replace(/\s+/g, ''),
    ...rangeInSource(source, ...range),
    how: 'nox.needs_version',
  });
}
