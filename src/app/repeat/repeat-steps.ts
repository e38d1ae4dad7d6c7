import { randomBytes, randomInt } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { RunEvent, RunFinished } from '../../pipeline/events.ts';
import { assessStability, type RepeatedStep, type Round, type Stability } from '../../remedies/stability.ts';
import type { AppContext } from '../context.ts';
import type { ProjectRun } from '../run/project-run.ts';
import type { RunObserver } from '../run/run-observer.ts';
import { runProject } from '../run/run-project.ts';

/** `parity up --repeat N`: the steps N times. */
export interface RepeatedRun extends ProjectRun {
  readonly times: number;
}

/** How a series of runs ended: with what they have in common, or with a run that could not go on. */
export type RepeatEnd =
  | { readonly finished: RunFinished }
  | {
      readonly rounds: readonly Round[];
      readonly stability: Stability;
      readonly seed: number;
      /** The numbers of the runs in which a step failed. */
      readonly failed: readonly number[];
    };

/**
 * Runs the steps again and again, each time in processes and with temporary files of their own, from the second time on with shuffled tests, and
 * finds which are unstable and what those share. Err `usage` for a seed that is none.
 */
export async function repeatSteps(context: AppContext, { times, ...run }: RepeatedRun): Promise<Result<RepeatEnd>> {
  const seed = seedOf(context.env['PARITY_REPEAT_SEED']);
  if (!seed.ok) return seed;
  const series = randomBytes(4).toString('hex');
  const rounds: Round[] = [];
  for (let round = 1; round <= times && !context.signal.aborted; round += 1) {
    const shuffle = round === 1 ? null : (seed.value + round) % seedLimit;
    const how = shuffle === null ? 'tests in their own order' : `tests shuffled by ${shuffle}`;
    context.events.emit({ type: 'note', severity: 'note', message: `run ${round} of ${times}: ${how}` });
    const observer = new RoundObserver();
    const repetition = { round, seed: shuffle, series, withoutNeeds: round > 1 };
    const { finished } = await runProject(context, { ...run, noCache: true, repetition }, [observer]);
    // Whether it would have passed is not known.
    if (finished.failure !== undefined) return ok({ finished });
    const found = observer.found();
    rounds.push({ round, seed: shuffle, ...found });
    // What the steps need has failed: there is nothing to repeat.
    if (!run.steps.every((name) => found.steps.some(({ step }) => step === name))) break;
  }
  const failed = rounds.filter(({ steps }) => steps.some(({ passed }) => !passed)).map(({ round }) => round);
  return ok({ rounds, stability: assessStability(rounds), seed: seed.value, failed });
}

const seedLimit = 2 ** 31;

/** The seed of the series: one of an earlier one, to see the same orders again, or a new one. */
function seedOf(text: string | undefined): Result<number> {
  if (text === undefined || text === '') return ok(randomInt(1_000_000));
  if (/^\d{1,9}$/.test(text)) return ok(Number(text));
  const next = 'PARITY_REPEAT_SEED=1 parity up --repeat 5';
  return err(failure('usage', `PARITY_REPEAT_SEED is no whole number: ${text}`, { next }));
}

// The plugin's line of a test that failed (images/pytest/parity_repeat.py).
const fixtureLine = /^parity: fixtures of (.+): ([^:]+)$/;

/** Observes a run: how its steps ended, and which fixtures the tests use that failed. */
class RoundObserver implements RunObserver {
  readonly #steps: RepeatedStep[] = [];
  readonly #fixtures = new Map<string, readonly string[]>();
  /** What each step's last line has so far. */
  readonly #rests = new Map<string, { readonly decoder: StringDecoder; text: string }>();

  onEvent(event: RunEvent): void {
    if (event.type === 'step-output' && event.stream === 'stdout') {
      const rest = this.#rests.get(event.step) ?? { decoder: new StringDecoder('utf8'), text: '' };
      this.#rests.set(event.step, rest);
      const lines = (rest.text + rest.decoder.write(event.data)).split('\n');
      // No line of the plugin's is longer, and a progress bar may never end one.
      rest.text = (lines.pop() ?? '').slice(-longestLine);
      for (const line of lines) this.#read(line);
    } else if (event.type === 'step-finished' && (event.outcome === 'passed' || event.outcome === 'failed')) {
      const { step, outcome, diagnostics } = event;
      this.#steps.push({ step, passed: outcome === 'passed', diagnostics });
    }
  }

  found(): Pick<Round, 'steps' | 'fixtures'> {
    return { steps: this.#steps, fixtures: this.#fixtures };
  }

  #read(line: string): void {
    const [, test, names] = fixtureLine.exec(line.trimEnd()) ?? [];
    if (test !== undefined && names !== undefined) this.#fixtures.set(test, names.trim().split(' '));
  }
}

const longestLine = 10_000;
