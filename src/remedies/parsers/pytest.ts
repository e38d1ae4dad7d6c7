import { printedPlace, type PrintedPlace, type Said, type ToolOutput } from '../said.ts';
import { readSession, sessions, type Block, type PytestSession, type SummaryEntry } from './pytest-session.ts';

// core/tests/test_cart.py:12: AssertionError · core/pricing.py:10: in total · (an entry in between) core/tests/test_cart.py:18:
const entryPlace = /^(\S.*?):(\d+): ?(?:in \S.*|([A-Za-z_][\w.]*))?$/;
// File "/workspace/core/pricing.py", line 15, in checked   (--tb=native, exception groups, a SyntaxError's own text)
const nativePlace = /^(?:E +)?[ |+-]*File "(.+?)", line (\d+)/;
// /workspace/core/pricing.py:15: ValueError: negative   (--tb=line)
const linePlace = /^(\S.*?):(\d+): (\S.*)$/;
const captured = /^-+ (?:Captured .+|live log .+) -+$/;
const exception = /^((?:[A-Za-z_]\w*\.)*[A-Z]\w*)(?::|$)/;
// /workspace/core/pricing.py:8: DeprecationWarning: give a discount
const warning = /^ {2}(\S.*?):(\d+): ((?:\w+\.)*[A-Z]\w*): (.*)$/;
const conftest = /^ImportError while loading conftest '(.+)'\.$/;
const unusable = /^ERROR: ((?:file or directory not found|not found): \S.*)$/;
const coverage = /^(?:FAIL |ERROR: )((?:Required test coverage|Coverage failure: total) of .+)$/;

const longestMessage = 30;

/**
 * pytest in its forms (quiet, verbose, all --tb but no, xdist): failed tests, errors at set-up and collection, warnings of its summary.
 * Places: the traceback from its deepest line up, then the test's own file.
 */
export function parsePytest({ lines }: ToolOutput): readonly Said[] {
  const inSessions = sessions(lines).flatMap((range) => sessionSays(lines, readSession(lines, range)));
  const loose = lines.flatMap((text, at): readonly Said[] => {
    const [, broken] = conftest.exec(text) ?? [];
    if (broken !== undefined) {
      const body = until(lines.slice(at + 1, at + 100), (line) => line === '');
      const base = { tool: 'pytest', severity: 'error', at, test: undefined } as const;
      return [ofBody(base, body, broken, text)];
    }
    const [, message] = unusable.exec(text) ?? [];
    return message === undefined ? [] : [{ tool: 'pytest', code: null, severity: 'error', message, places: [], at }];
  });
  return [...loose, ...inSessions];
}

function sessionSays(lines: readonly string[], session: PytestSession): readonly Said[] {
  const unused = new Set(session.blocks);
  const crashes = session.told.map((at) => linePlace.exec(lines[at] ?? ''));
  const said = session.entries.map((entry) => {
    const { node, message } = splitEntry(entry, unused);
    const block = blockOf(node, unused);
    if (block !== undefined) unused.delete(block);
    const base = { tool: 'pytest', severity: 'error', at: block?.at ?? entry.at, test: node } as const;
    const file = node.split('::')[0] ?? node;
    const told = ofBody(base, block === undefined ? [] : bodyOf(lines, block), file, message);
    if (block !== undefined || message === '') return told;
    const crash = crashes.findIndex((match) => match?.[3] === message.split('\n')[0]);
    const [, path, line] = crash < 0 ? [] : (crashes.splice(crash, 1)[0] ?? []);
    return path === undefined ? told : { ...told, places: [printedPlace(path, line), ...told.places] };
  });
  // Without a summary (-r N) the blocks are all there is.
  const untold = session.entries.length > 0 ? [] : [...unused];
  const blocks = untold.map((block) => {
    const told = ofBody({ tool: 'pytest', severity: 'error', at: block.at }, bodyOf(lines, block), undefined, '');
    return { ...told, message: `${block.title}: ${told.message}` };
  });
  return [...said, ...blocks, ...warningsOf(lines, session), ...coverageOf(lines, session)];
}

/** What a failure's text says: the last exception of a chain, from its deepest place up. */
function ofBody(
  base: { tool: string; severity: 'error'; at: number; test?: string | undefined },
  body: readonly string[],
  file: string | undefined,
  otherwise: string,
): Said {
  const places: PrintedPlace[] = [];
  let named: string | undefined;
  let group: string[] = [];
  let previous = '';
  for (const text of body) {
    const [, path, line, name] = entryPlace.exec(text) ?? nativePlace.exec(text) ?? [];
    if (path !== undefined && !text.startsWith('E ')) {
      places.unshift(printedPlace(path, line));
      named = name ?? named;
    } else if (path !== undefined && /\.pyi?$/.test(path)) places.unshift(printedPlace(path, line));
    if (/^E(?:\s|$)/.test(text)) group = /^E(?:\s|$)/.test(previous) ? [...group, text.slice(1)] : [text.slice(1)];
    previous = text;
  }
  if (file !== undefined) places.push(printedPlace(file));
  const otherLines = body.filter((text) => !entryPlace.test(text)).join('\n');
  const message = shortened(syntaxFirst(dedented(group))) || shortened(otherwise) || shortened(otherLines) || 'failed';
  const { test, ...rest } = base;
  return {
    ...rest,
    code: classOf([...message.split('\n').toReversed(), otherwise.split('\n')[0] ?? ''], named),
    message,
    places,
    ...(test === undefined ? {} : { test }),
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
function splitEntry({ text }: SummaryEntry, blocks: ReadonlySet<Block>): { node: string; message: string } {
  const [first = '', ...more] = text.split('\n');
  const cuts = [...first.matchAll(/ - /g)].map(({ index }) => index);
  const nodes = [...cuts.map((cut) => first.slice(0, cut)), first];
  const known = nodes.find((node) => blockOf(node, blocks) !== undefined);
  const bracket = nodes[0]?.includes('[') === true ? nodes.find((node) => node.endsWith(']')) : undefined;
  const node = known ?? bracket ?? nodes[0] ?? first;
  const rest = first.slice(node.length).replace(/^ - /, '');
  return { node, message: rest === '' ? '' : [rest, ...more].join('\n').trimEnd() };
}

/** The block that tells of a test: tests of one name come in the summary's order. */
function blockOf(node: string, blocks: ReadonlySet<Block>): Block | undefined {
  const [file = '', ...names] = node.split('::');
  const bracket = node.indexOf('[');
  const plain = bracket < 0 ? names.join('.') : namesBefore(node, bracket) + node.slice(bracket);
  const titles = [
    plain,
    `[doctest] ${plain}`,
    `ERROR at setup of ${plain}`,
    `ERROR at teardown of ${plain}`,
    `ERROR collecting ${names.length === 0 ? file : node}`,
  ];
  return [...blocks].find(({ title }) => titles.includes(title));
}

function namesBefore(node: string, bracket: number): string {
  return node.slice(0, bracket).split('::').slice(1).join('.');
}

function warningsOf(lines: readonly string[], { warnings }: PytestSession): readonly Said[] {
  return warnings.flatMap((at): readonly Said[] => {
    const [, path, line, name, message] = warning.exec(lines[at] ?? '') ?? [];
    if (path === undefined || name === undefined || message === undefined) return [];
    const code = name.split('.').at(-1) ?? name;
    return [{ tool: 'pytest', code, severity: 'warning', message, places: [printedPlace(path, line)], at }];
  });
}

function coverageOf(lines: readonly string[], { range }: PytestSession): readonly Said[] {
  const texts = lines.slice(range.from, range.to + 1);
  return texts.flatMap((text, index): readonly Said[] => {
    const [, message] = coverage.exec(text) ?? [];
    const at = range.from + index;
    return message === undefined
      ? []
      : [{ tool: 'pytest-cov', code: null, severity: 'error', message, places: [], at }];
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
