import type { TestPhase } from '../../core/tool-diagnostic.ts';
import { printedPlace, type PrintedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';
import { readSession, sessions, type Block, type PytestSession, type SummaryEntry } from './pytest-session.ts';

// core/tests/test_cart.py:12: AssertionError · core/pricing.py:10: in total · (an entry in between) core/tests/test_cart.py:18:
const entryPlace = /^(\S.*?):(\d+): ?(?:in \S.*|([A-Za-z_][\w.]*))?$/;
// file /workspace/core/tests/test_cart.py, line 30   (a fixture that there is none of)
const fixturePlace = /^file (\S.*), line (\d+)$/;
// File "/workspace/core/pricing.py", line 15, in checked   (--tb=native, exception groups, a SyntaxError's own text)
const nativePlace = /^(?:E +)?[ |+-]*File "(.+?)", line (\d+)/;
// /workspace/core/pricing.py:15: ValueError: negative   (--tb=line)
const linePlace = /^(\S.*?):(\d+): (\S.*)$/;
const captured = /^-+ (?:Captured .+|live log .+) -+$/;
const exception = /^((?:[A-Za-z_]\w*\.)*[A-Z]\w*)(?::|$)/;
// Below the title with pytest-xdist: [gw0] linux -- Python 3.11.2 /usr/bin/python3
const worker = /^\[gw\d+\] \w+ -- Python \S+ \S+$/;
// /workspace/core/pricing.py:8: DeprecationWarning: give a discount, then its other lines, then the source line further in
const warning = /^ {2}(\S.*?):(\d+): ((?:\w+\.)*[A-Z]\w*): (.*)$/;
const conftest = /^ImportError while loading conftest '(.+)'\.$/;
const unusable = /^ERROR: ((?:file or directory not found|not found): \S.*)$/;
// ERROR: /workspace/pytest.ini:2: unexpected line: 'oops'   (its settings, where pytest was called by its name)
const setting = /^ERROR: (\/\S.*?\.(?:ini|toml|cfg|py))(?::(\d+))?: (\S.*)$/;
const internal = /^INTERNALERROR> (.*)$/;

const longestMessage = 30;

/**
 * pytest in its forms (quiet, verbose, all --tb, xdist): failed tests, errors at set-up, tear-down and collection, warnings of its
 * summary, settings that it does not understand, and its own internal errors.
 * Places: the traceback from its deepest line up, then the test's own file.
 */
export function parsePytest({ lines, words }: ToolOutput): readonly RawDiagnostic[] {
  const inSessions = sessions(lines).flatMap((range) => sessionDiagnostics(lines, readSession(lines, range)));
  const loose = lines.flatMap((text, at): readonly RawDiagnostic[] => {
    const [, broken] = conftest.exec(text) ?? [];
    if (broken !== undefined) {
      const body = until(lines.slice(at + 1, at + 100), (line) => line === '');
      const base = { tool: 'pytest', severity: 'error', at, test: undefined } as const;
      return [ofBody(base, body, broken, text)];
    }
    const [, message] = unusable.exec(text) ?? [];
    if (message !== undefined) return [{ tool: 'pytest', code: null, severity: 'error', message, places: [], at }];
    const [, file, line, wrong] = words.has('pytest') ? (setting.exec(text) ?? []) : [];
    if (wrong === undefined || file === undefined) return [];
    return [{ tool: 'pytest', code: null, severity: 'error', message: wrong, places: [printedPlace(file, line)], at }];
  });
  return [...loose, ...internalErrors(lines), ...inSessions];
}

/** A plugin or a hook of conftest.py that raised: each of its lines begins alike. */
function internalErrors(lines: readonly string[]): readonly RawDiagnostic[] {
  const found: RawDiagnostic[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const begun = at;
    const body: string[] = [];
    for (; internal.test(lines[at] ?? ''); at += 1) body.push(internal.exec(lines[at] ?? '')?.[1] ?? '');
    if (body.length === 0) continue;
    const places = body.flatMap((text) => {
      const [, path, line] = /^ *File "(.+?)", line (\d+)/.exec(text) ?? entryPlace.exec(text) ?? [];
      return path === undefined ? [] : [printedPlace(path, line)];
    });
    const last = body.findLastIndex((text) => exception.test(text));
    const message = shortened(body.slice(Math.max(0, last)).join('\n'));
    const code = classOf([message.split('\n')[0] ?? ''], undefined);
    found.push({ tool: 'pytest', code, severity: 'error', message, places: places.toReversed(), at: begun });
  }
  return found;
}

function sessionDiagnostics(lines: readonly string[], session: PytestSession): readonly RawDiagnostic[] {
  const unused = new Set(session.blocks);
  const crashes = session.reportLines.map((at) => linePlace.exec(lines[at] ?? ''));
  const fromEntries = session.entries.map((entry) => {
    const { node, message } = splitEntry(entry, unused);
    const block = blockOf(entry.word, node, unused);
    if (block !== undefined) unused.delete(block);
    const phase = block === undefined ? undefined : phaseOf(block);
    const base = { tool: 'pytest', severity: 'error', at: block?.at ?? entry.at, test: node, phase } as const;
    const file = node.split('::')[0] ?? node;
    const diagnostic = ofBody(base, block === undefined ? [] : bodyOf(lines, block), file, message);
    if (block !== undefined || message === '') return diagnostic;
    const crash = crashes.findIndex((match) => match?.[3] === message.split('\n')[0]);
    const [, path, line] = crash < 0 ? [] : (crashes.splice(crash, 1)[0] ?? []);
    return path === undefined
      ? diagnostic
      : { ...diagnostic, places: [printedPlace(path, line), ...diagnostic.places] };
  });
  // Without a summary (-r N) the blocks are all there is.
  const unlisted = session.entries.length > 0 ? [] : [...unused];
  const fromBlocks = unlisted.map((block) => {
    const base = { tool: 'pytest', severity: 'error', at: block.at, phase: phaseOf(block) } as const;
    const diagnostic = ofBody(base, bodyOf(lines, block), undefined, '');
    return { ...diagnostic, message: `${block.title}: ${diagnostic.message}` };
  });
  return [...fromEntries, ...fromBlocks, ...warningsOf(lines, session)];
}

function phaseOf({ title }: Block): TestPhase | undefined {
  const [, word] = /^ERROR (at setup of|at teardown of|collecting) /.exec(title) ?? [];
  return word === undefined ? undefined : phases[word];
}

const phases: Readonly<Record<string, TestPhase>> = {
  'at setup of': 'setup',
  'at teardown of': 'teardown',
  collecting: 'collect',
};

/** What a failure's text says: the last exception of a chain, from its deepest place up. */
function ofBody(
  base: { tool: string; severity: 'error'; at: number; test?: string | undefined; phase?: TestPhase | undefined },
  body: readonly string[],
  file: string | undefined,
  otherwise: string,
): RawDiagnostic {
  const places: PrintedPlace[] = [];
  let named: string | undefined;
  let group: string[] = [];
  let previous = '';
  for (const text of body) {
    const [, path, line, name] = entryPlace.exec(text) ?? fixturePlace.exec(text) ?? nativePlace.exec(text) ?? [];
    if (path !== undefined && !text.startsWith('E ')) {
      places.unshift(printedPlace(path, line));
      named = name ?? named;
    } else if (path !== undefined && /\.pyi?$/.test(path)) places.unshift(printedPlace(path, line));
    if (/^E(?:\s|$)/.test(text)) group = /^E(?:\s|$)/.test(previous) ? [...group, text.slice(1)] : [text.slice(1)];
    previous = text;
  }
  if (file !== undefined) places.push(printedPlace(file));
  const otherLines = body.filter((text) => !entryPlace.test(text) && !worker.test(text)).join('\n');
  const message = shortened(syntaxFirst(dedented(group))) || shortened(otherwise) || shortened(otherLines) || 'failed';
  const { test, phase, ...rest } = base;
  return {
    ...rest,
    code: classOf([...message.split('\n').toReversed(), otherwise.split('\n')[0] ?? ''], named),
    message,
    places,
    ...(test === undefined ? {} : { test }),
    ...(phase === undefined ? {} : { phase }),
  };
}

/** The exception's class without its module. */
function classOf(texts: readonly string[], named: string | undefined): string | null {
  if (named !== undefined) return named.split('.').at(-1) ?? null;
  for (const text of texts) {
    const [, name] = exception.exec(text.trim()) ?? [];
    if (
      name !== undefined &&
      /(?:Error|Exception|Exit|Interrupt|Warning|Failed|Group|Failure|Timeout|Iteration)$/.test(name)
    )
      return name.split('.').at(-1) ?? null;
  }
  return texts.some((text) => text.startsWith('assert ')) ? 'AssertionError' : null;
}

function bodyOf(lines: readonly string[], { at, end }: Block): readonly string[] {
  return until(lines.slice(at + 1, end), (line) => captured.test(line));
}

function until(lines: readonly string[], isEnd: (line: string) => boolean): readonly string[] {
  const end = lines.findIndex(isEnd);
  return end < 0 ? lines : lines.slice(0, end);
}

/** A parameter's text may hold ` - ` itself: the block's title decides, else the bracket. */
function splitEntry({ word, text }: SummaryEntry, blocks: ReadonlySet<Block>): { node: string; message: string } {
  const [first = '', ...more] = text.split('\n');
  const cuts = [...first.matchAll(/ - /g)].map(({ index }) => index);
  const nodes = [...cuts.map((cut) => first.slice(0, cut)), first];
  const known = nodes.find((node) => blockOf(word, node, blocks) !== undefined);
  const bracket = nodes[0]?.includes('[') === true ? nodes.find((node) => node.endsWith(']')) : undefined;
  const node = known ?? bracket ?? nodes[0] ?? first;
  const rest = first.slice(node.length).replace(/^ - /, '');
  return { node, message: rest === '' ? '' : [rest, ...more].join('\n').trimEnd() };
}

/** The block that tells of a test: tests of one name come in the summary's order. */
function blockOf(word: SummaryEntry['word'], node: string, blocks: ReadonlySet<Block>): Block | undefined {
  const [file = '', ...names] = node.split('::');
  const bracket = node.indexOf('[');
  const plain = bracket < 0 ? names.join('.') : namesBefore(node, bracket) + node.slice(bracket);
  const ofErrors = [
    `ERROR at setup of ${plain}`,
    `ERROR at teardown of ${plain}`,
    `ERROR collecting ${names.length === 0 ? file : node}`,
  ];
  // A worker of pytest-xdist that crashed is told of by the file's name alone.
  const titles = word === 'ERROR' ? ofErrors : [plain, `[doctest] ${plain}`, file];
  return [...blocks].find(({ title }) => titles.includes(title));
}

function namesBefore(node: string, bracket: number): string {
  return node.slice(0, bracket).split('::').slice(1).join('.');
}

function warningsOf(lines: readonly string[], { warnings }: PytestSession): readonly RawDiagnostic[] {
  return warnings.flatMap((at): readonly RawDiagnostic[] => {
    const [, path, line, name, message] = warning.exec(lines[at] ?? '') ?? [];
    if (path === undefined || name === undefined || message === undefined) return [];
    const code = name.split('.').at(-1) ?? name;
    const rest = lines.slice(at + 1, at + longestMessage);
    const end = rest.findIndex((text) => !/^ {2}\S/.test(text) || warning.test(text));
    const whole = [message, ...rest.slice(0, Math.max(0, end)).map((text) => text.slice(2))].join('\n');
    return [{ tool: 'pytest', code, severity: 'warning', message: whole, places: [printedPlace(path, line)], at }];
  });
}

/** Of `File …, the line, the marker, SyntaxError: …` the last line is the message; the file is the place. */
function syntaxFirst(text: string): string {
  const lines = text.split('\n');
  return /^ *File "/.test(lines[0] ?? '') ? [(lines.at(-1) ?? '').trim(), ...lines.slice(1, -1)].join('\n') : text;
}

function dedented(lines: readonly string[]): string {
  const indent = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(Math.min(indent, line.length)).trimEnd()).join('\n');
}

function shortened(text: string): string {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trimEnd());
  return (lines.length > longestMessage ? [...lines.slice(0, longestMessage), '…'] : lines).join('\n');
}
