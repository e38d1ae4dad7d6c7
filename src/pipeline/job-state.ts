import type { StepConfig } from '../config/config.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { PassedOn } from '../environment/environment.ts';
import { parseFileCommands } from './file-commands.ts';
import { neededInJob } from './needed-in-job.ts';

/** What a step has passed on to later steps of its job. */
interface StepExports {
  readonly env: ReadonlyMap<string, string>;
  readonly path: readonly string[];
  readonly outputs: ReadonlyMap<string, string>;
}

/** What a step of a job starts with besides its own settings. */
export interface JobStart {
  readonly variables: Readonly<Record<string, string>>;
  /** Folders before all others in its PATH. */
  readonly path: readonly string[];
  /** Its command, outputs of earlier steps filled in. */
  readonly run: string;
}

const variableReference = /\$\{\{\s*env\.([A-Za-z_]\w*)\s*\}\}/g;
const outputReference = /\$\{\{\s*steps\.([\p{L}\p{N}._:-]+?)\.outputs\.([\p{L}\p{N}_-]+)\s*\}\}/gu;
// A step can't change what the CI system says of itself.
const reserved = /^(?:GITHUB_|RUNNER_)|^NODE_OPTIONS$/;

/**
 * What the steps of the jobs of one run pass on to each other through GITHUB_ENV, GITHUB_PATH and GITHUB_OUTPUT. A step gets what the steps of
 * its job have passed on that it needs, directly or not, in the plan's order.
 */
export class JobState {
  readonly #steps: readonly StepConfig[];
  readonly #exports = new Map<string, StepExports>();

  constructor(steps: readonly StepConfig[]) {
    this.#steps = steps;
  }

  /** What a step starts with; its own variables stand above those that were passed on. */
  startOf(step: StepConfig, own: Readonly<Record<string, string>>): JobStart {
    const { run } = step;
    if (step.job === undefined) return { variables: own, path: [], run };
    const variables: Record<string, string> = {};
    let path: readonly string[] = [];
    const before = neededInJob(this.#steps, step);
    for (const { name } of before) {
      const passed = this.#exports.get(name);
      for (const [variable, value] of passed?.env ?? []) variables[variable] = value;
      path = [...(passed?.path.toReversed() ?? []), ...path];
    }
    const filled = (text: string): string =>
      text.replace(outputReference, (_, name: string, key: string) =>
        before.some((each) => each.name === name) ? (this.#exports.get(name)?.outputs.get(key) ?? '') : '',
      );
    const withVariables = (text: string, known: Readonly<Record<string, string>>): string =>
      filled(text).replace(variableReference, (_, name: string) => known[name] ?? '');
    const ownFilled = Object.fromEntries(
      Object.entries(own).map(([name, value]) => [name, withVariables(value, variables)]),
    );
    const all = { ...variables, ...ownFilled };
    return { variables: all, path, run: withVariables(run, all) };
  }

  /** Takes what a step has passed on. Err with a sentence for what no CI system would take. */
  take({ name }: StepConfig, { env, path, output }: PassedOn): Result<void, string> {
    const variables = parseFileCommands('GITHUB_ENV', env);
    const outputs = parseFileCommands('GITHUB_OUTPUT', output);
    if (!variables.ok) return variables;
    if (!outputs.ok) return outputs;
    if (path === null) return err('GITHUB_PATH is no file of at most 1 MiB');
    this.#exports.set(name, {
      env: new Map([...variables.value].filter(([variable]) => !reserved.test(variable))),
      path: path.split(/\r?\n/).filter((line) => line.trim() !== ''),
      outputs: outputs.value,
    });
    return ok(undefined);
  }
}
