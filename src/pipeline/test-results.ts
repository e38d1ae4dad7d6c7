import { randomUUID } from 'node:crypto';
import type { StepConfig } from '../config/config.ts';
import type { Environment } from '../environment/environment.ts';
import { stepVariables } from '../environment/plan.ts';
import { pytestPlugins, withPytestPlugin } from '../environment/pytest-plugins.ts';
import { readTestFailures, type TestFailure } from '../remedies/test-failures.ts';
import { pytestCommand } from '../text/pytest-command.ts';
import { shellCommands } from '../text/shell.ts';

/** The variables of a step's command, and the file in its container in which the pytest that it starts writes what fails. */
export interface TestResults {
  readonly variables: Readonly<Record<string, string>>;
  readonly file: string;
}

// More than the plugin writes of five thousand failures, and no more than is read in a moment.
const mostBytes = 32 * 1024 * 1024;

/**
 * With parity's plugin loaded by the pytest of a step (images/pytest/parity_results.py); undefined for a step that runs none, and where
 * it could not be loaded without a doubt or could be seen: a command that sets the variables by which pytest finds it, or clears them, or
 * one under `coverage run`, which measures every file.
 */
export function resultsOf(
  { run }: Pick<StepConfig, 'run'>,
  variables: Readonly<Record<string, string>>,
): TestResults | undefined {
  if (!run.includes('pytest') && !run.includes('py.test')) return undefined;
  if (/\b(?:PYTEST_ADDOPTS|PYTHONPATH)\b/.test(run)) return undefined;
  const commands = shellCommands(run).map(({ words }) => words.map(({ text }) => text));
  const found = commands.map(pytestCommand);
  if (!found.includes('plain') || found.includes('coverage') || commands.some(hidesVariables)) return undefined;
  const file = `/tmp/parity-results-${randomUUID()}`;
  const loaded = withPytestPlugin(variables, pytestPlugins.results, stepVariables['PYTEST_ADDOPTS'] ?? '');
  return { variables: { ...loaded, PARITY_RESULTS: file }, file };
}

/** Reads the file and removes it; nothing when pytest wrote none, or when the container is gone. */
export async function readResults(
  environment: Environment,
  { name, network }: Pick<StepConfig, 'name' | 'network'>,
  file: string,
): Promise<readonly TestFailure[]> {
  const script = 'if [ -e "$1" ]; then cat "$1"; rm -f "$1"; fi';
  const argv = ['sh', '-c', script, 'sh', file];
  const started = await environment.start({ name: `${name} (results)`, argv, cwd: '/', env: {}, network });
  if (!started.ok) return [];
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const { stream, data } of started.value.output) {
    if (stream !== 'stdout' || size >= mostBytes) continue;
    // A copy: the piece is the connection's.
    pieces.push(Buffer.from(data));
    size += data.length;
  }
  await started.value.exit;
  return readTestFailures(Buffer.concat(pieces).toString('utf8'));
}

/** `python -I -m pytest`, `env -i pytest`: Python or pytest is told not to look. */
function hidesVariables(words: readonly string[]): boolean {
  const ofPython = words.slice(0, Math.max(0, words.indexOf('-m')));
  if (ofPython.some((word) => /^-[a-zA-Z]*[IES]/.test(word))) return true;
  return words.includes('env') && words.some((word) => /^(?:-|-i|--ignore-environment)$/.test(word));
}
