import { posix } from 'node:path';
import type { RemedyConfig, StepConfig } from '../config/config.ts';
import type { FoundRemedy } from '../core/found-remedy.ts';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';
import { catalogue } from '../remedies/catalogue.ts';
import { matchRemedies } from '../remedies/match-remedies.ts';
import { cleanLines } from '../remedies/parse-output.ts';
import { containerTop, createPathResolver } from '../remedies/path-resolver.ts';
import { teamRemedies } from '../remedies/team-remedies.ts';
import type { KnownCause } from './step-advice.ts';
import { readCommands } from './parse-step-output.ts';

/** A step that failed, and what is known of it. */
export interface FailedStep {
  readonly step: Pick<StepConfig, 'name' | 'run' | 'network' | 'fix' | 'onFailure'>;
  /** Absolute path in the container. */
  readonly cwd: string;
  /** The project's folder, in which parity is called; likewise. */
  readonly project: string;
  readonly diagnostics: readonly ToolDiagnostic[];
  readonly text: string;
  readonly team: readonly RemedyConfig[];
  /** Whether the repository has a file, by its path from the top. */
  readonly isFile?: (path: string) => boolean;
}

/** What is known of a failure. */
export interface StepRemedies {
  /** The most telling first. */
  readonly remedies: readonly FoundRemedy[];
  /** What the first of them is for; undefined when there is none. */
  readonly known?: KnownCause;
}

// What nobody reads need not be in every event and receipt.
const mostRemedies = 5;

// A module of its own, loaded when a step has failed: the catalogue is large.

/** What is known of a step's failure; what the step's own advice says already is left out. */
export function stepRemedies({ step, cwd, project, diagnostics, text, team, isFile }: FailedStep): StepRemedies {
  const isAdvised = step.fix !== undefined || step.onFailure !== undefined;
  const entries = isAdvised ? catalogue.filter(({ obvious }) => obvious !== true) : catalogue;
  const lines = cleanLines(text).join('\n');
  const { folders } = readCommands(step.run);
  const place = createPathResolver({ cwd, folders, ...(isFile === undefined ? {} : { isFile }) });
  const commands = { folder: posix.relative(containerTop, project), place };
  const told = matchRemedies(
    { diagnostics, text: lines, commands, ...(step.network === 'full' ? {} : { offlineStep: step.name }) },
    { catalogue: entries, team: teamRemedies(team) },
  );
  const remedies = told.slice(0, mostRemedies).map(({ remedy }) => remedy);
  const [first] = told;
  if (first === undefined) return { remedies };
  const { entry, isOffline } = first;
  return { remedies, known: { isCause: entry.kind === 'cause', escalates: entry.escalates === true && !isOffline } };
}
