import type { TestPhase } from '../core/tool-diagnostic.ts';
import { isObject, readJson, shaped } from '../core/json.ts';
import { printedPlace, type PrintedPlace, type RawDiagnostic } from './raw-diagnostic.ts';

/** What failed in a pytest run, as parity's plugin writes it (images/pytest/parity_results.py). */
export interface TestFailure {
  /** The test's node ID, or the file's that could not be collected, as pytest prints it. */
  readonly test: string;
  readonly phase: 'call' | TestPhase;
  /** The exception's class; null when only its words are known. */
  readonly exception: string | null;
  readonly message: string;
  /** From the deepest frame of the traceback up, then where the test begins. */
  readonly places: readonly PrintedPlace[];
  readonly durationMs: number;
}

const phases: ReadonlySet<unknown> = new Set(['call', 'collect', 'setup', 'teardown']);
const longestMessage = 30;

/** Reads the plugin's lines; one that is none of its (cut off by a kill, written by a test) means nothing. */
export function readTestFailures(text: string): readonly TestFailure[] {
  return text.split('\n').flatMap((line) => {
    const failure = line === '' ? undefined : readFailure(line);
    return failure === undefined ? [] : [failure];
  });
}

/**
 * What the plugin wrote in the place of what pytest printed of the same tests: its places are exact and its words whole, whatever --tb
 * says. What it does not know (another pytest in the same step, warnings) stays as it was printed.
 */
export function withTestFailures(
  printed: readonly RawDiagnostic[],
  failures: readonly TestFailure[],
  lineCount: number,
): readonly RawDiagnostic[] {
  if (failures.length === 0) return printed;
  const recordedTests = new Set(failures.map(({ test }) => test));
  const byTest = new Map<string, RawDiagnostic[]>();
  for (const one of printed) if (one.test !== undefined) byTest.set(one.test, [...(byTest.get(one.test) ?? []), one]);
  const recorded = failures.map(({ test, phase, exception, message, places }): RawDiagnostic => {
    const ofTest = byTest.get(test) ?? [];
    const twin = ofTest.find((one) => (one.phase ?? 'call') === phase) ?? ofTest[0];
    return {
      tool: 'pytest',
      code: exception,
      severity: 'error',
      message: shortened(message),
      places,
      test,
      ...(phase === 'call' ? {} : { phase }),
      at: twin?.at ?? lineCount,
    };
  });
  return [...printed.filter(({ test }) => test === undefined || !recordedTests.has(test)), ...recorded];
}

function readFailure(line: string): TestFailure | undefined {
  const record = readJson(line, shaped(isObject));
  if (record === undefined) return undefined;
  const { test, phase, exception, message, frames, own, seconds } = record;
  if (typeof test !== 'string' || typeof message !== 'string' || !phases.has(phase) || !Array.isArray(frames))
    return undefined;
  return {
    test,
    phase: phase as TestFailure['phase'],
    exception: typeof exception === 'string' ? exception : null,
    message: message === '' ? 'failed' : message,
    places: [...frames, own].flatMap(placeOf),
    durationMs: typeof seconds === 'number' ? Math.round(seconds * 1000) : 0,
  };
}

function placeOf(pair: unknown): readonly PrintedPlace[] {
  if (!Array.isArray(pair)) return [];
  const [path, line] = pair as readonly unknown[];
  if (typeof path !== 'string' || path === '' || path.startsWith('<')) return [];
  return [printedPlace(path, typeof line === 'number' ? String(line) : null)];
}

function shortened(text: string): string {
  const lines = text.split('\n').map((line) => line.trimEnd());
  return (lines.length > longestMessage ? [...lines.slice(0, longestMessage), '…'] : lines).join('\n');
}
