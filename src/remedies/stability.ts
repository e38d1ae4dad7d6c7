import type { Severity } from '../core/diagnostic.ts';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';
import { sharesSession } from './shared-session.ts';

/** One step in one of several runs. */
export interface RepeatedStep {
  readonly step: string;
  readonly passed: boolean;
  readonly diagnostics: readonly Pick<ToolDiagnostic, 'test' | 'message' | 'file' | 'severity'>[];
}

/** One of several runs. */
export interface Round {
  /** From 1. */
  readonly round: number;
  /** By which tests were shuffled; null when they were not. */
  readonly seed: number | null;
  readonly steps: readonly RepeatedStep[];
  /** Fixtures of the tests that failed, by node ID. */
  readonly fixtures: ReadonlyMap<string, readonly string[]>;
}

/** A test, or a step that names no test, that failed in some of the runs. */
export interface FailureRate {
  readonly step: string;
  /** pytest's node ID; absent for the step as a whole. */
  readonly test?: string;
  /** The rounds in which it failed. */
  readonly failed: readonly number[];
  /** How many rounds its step ran in. */
  readonly of: number;
  /** What was said first, each once. */
  readonly messages: readonly string[];
}

/** What all unstable tests have in common; nothing is said of a single one but its session. */
export interface SharedTraits {
  readonly file?: string;
  readonly fixtures: readonly string[];
  /** None of them failed in its own order, only when shuffled. */
  readonly onlyShuffled: boolean;
  /** Tests with a failure that comes of an async session shared between tasks or event loops. */
  readonly session: readonly string[];
}

/** What several runs of the same steps say. */
export interface Stability {
  /** Failed in some runs and passed in others. */
  readonly unstable: readonly FailureRate[];
  /** Failed in every run. */
  readonly stable: readonly FailureRate[];
  readonly shared: SharedTraits;
}

const error: Severity = 'error';

/** Tells what fails now and then from what fails every time, and what the former share. Pure. */
export function assessStability(rounds: readonly Round[]): Stability {
  const ran = new Map<string, number>();
  const failures = new Map<string, { step: string; test?: string; failed: Set<number>; messages: Set<string> }>();
  const sessions = new Set<string>();
  const add = (step: string, test: string | undefined, round: number, message: string | undefined): void => {
    const key = JSON.stringify([step, test ?? null]);
    const known = failures.get(key) ?? {
      step,
      ...(test === undefined ? {} : { test }),
      failed: new Set<number>(),
      messages: new Set<string>(),
    };
    failures.set(key, known);
    known.failed.add(round);
    if (message === undefined) return;
    known.messages.add(firstLine(message));
    if (sharesSession(message)) sessions.add(test ?? step);
  };
  for (const { round, steps } of rounds)
    for (const { step, passed, diagnostics } of steps) {
      ran.set(step, (ran.get(step) ?? 0) + 1);
      if (passed) continue;
      const errors = diagnostics.filter(({ severity }) => severity === error);
      const tests = errors.filter(({ test }) => test !== undefined);
      for (const { test, message } of tests) add(step, test, round, message);
      if (tests.length === 0) add(step, undefined, round, errors[0]?.message);
    }
  const all = [...failures.values()].map(({ failed, messages, ...of }): FailureRate => {
    return { ...of, failed: [...failed], of: ran.get(of.step) ?? 0, messages: [...messages] };
  });
  const isUnstable = ({ failed, of }: FailureRate): boolean => failed.length < of;
  const unstable = all.filter(isUnstable);
  return { unstable, stable: all.filter((one) => !isUnstable(one)), shared: sharedBy(unstable, rounds, sessions) };
}

function sharedBy(
  unstable: readonly FailureRate[],
  rounds: readonly Round[],
  sessions: ReadonlySet<string>,
): SharedTraits {
  const tests = unstable.flatMap(({ test }) => (test === undefined ? [] : [test]));
  const files = new Set(tests.map((test) => test.split('::')[0] ?? test));
  const [file] = files;
  const shuffled = new Set(rounds.filter(({ seed }) => seed !== null).map(({ round }) => round));
  const isPlainPassed = rounds.some(({ seed }) => seed === null) && shuffled.size > 0;
  return {
    ...(tests.length > 1 && files.size === 1 && file !== undefined ? { file } : {}),
    fixtures: tests.length > 1 ? commonFixtures(tests, rounds) : [],
    onlyShuffled:
      tests.length > 0 && isPlainPassed && unstable.every(({ failed }) => failed.every((round) => shuffled.has(round))),
    session: [...sessions],
  };
}

function commonFixtures(tests: readonly string[], rounds: readonly Round[]): readonly string[] {
  const lists = tests.map((test) => rounds.flatMap(({ fixtures }) => [...(fixtures.get(test) ?? [])]));
  const [first = [], ...others] = lists;
  return [...new Set(first)].filter((name) => others.every((list) => list.includes(name)));
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message;
}
