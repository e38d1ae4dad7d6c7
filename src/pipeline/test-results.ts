import { randomUUID } from 'node:crypto';
import type { StepConfig } from '../config/config.ts';
import type { Environment } from '../environment/environment.ts';
import { pytestPlugins, withPytestCache, withPytestPlugin } from '../environment/pytest-plugins.ts';
import { readTestFailures, type TestFailure } from '../remedies/test-failures.ts';
import { isPlainPytest } from '../formats/plain-pytest.ts';

/** The variables of a step's command, and the file in its container in which the pytest that it starts writes what fails. */
export interface TestResults {
  readonly variables: Readonly<Record<string, string>>;
  readonly file: string;
}

// More than the plugin writes of five thousand failures, and no more than is read in a moment.
const mostBytes = 32 * 1024 * 1024;

/**
 * With parity's plugins loaded by the pytest of a step: its cache is in the environment's volume, and what fails is written down
 * (images/pytest/parity_cache.py, parity_results.py). Undefined for a step that runs none, and where they might not be found, or be seen.
 */
export function testResultsFor(
  { run }: Pick<StepConfig, 'run'>,
  variables: Readonly<Record<string, string>>,
): TestResults | undefined {
  if (!isPlainPytest(run, variables)) return undefined;
  const file = `/tmp/parity-results-${randomUUID()}`;
  const loaded = withPytestPlugin(withPytestCache(variables), pytestPlugins.results);
  return { variables: { ...loaded, PARITY_RESULTS: file }, file };
}

/** Reads the file and removes it; nothing when pytest wrote none, or when the container is gone. */
export async function readTestResults(
  environment: Environment,
  { name, network, job, toolchain }: Pick<StepConfig, 'name' | 'network' | 'job' | 'toolchain'>,
  file: string,
): Promise<readonly TestFailure[]> {
  const script = 'if [ -e "$1" ]; then cat "$1"; rm -f "$1"; fi';
  const argv = ['sh', '-c', script, 'sh', file];
  const machine = {
    network,
    ...(job === undefined ? {} : { job }),
    ...(toolchain === undefined ? {} : { toolchain }),
  };
  const started = await environment.start({ name: `${name} (results)`, argv, cwd: '/', env: {}, ...machine });
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
