import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageRoot } from '../../../src/core/paths.ts';

/** A repository of the corpus (test/real/<name>): its files lie in `repo/`, and `real.json` beside them says the rest. */
export interface RealRepo {
  readonly name: string;
  /** test/real/<name>. */
  readonly dir: string;
  /** What is special about it, in a line. */
  readonly about: string;
  /** Its CI file, from the repository's top. */
  readonly workflow: string;
  /** A commit each, the oldest first: the tags it has. The first commit has all files, the others none. */
  readonly commits: readonly (readonly string[])[];
  /** Of a job with a matrix: the leg that is compared. */
  readonly legs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** CI's commands that check something, a line of a `run:` each, and what the host gives: `passed: 3 passed, 1 skipped`. */
  readonly checks: Readonly<Record<string, string>>;
  /** Tests that fail for now, and why. A test that passes must not be here. */
  readonly differs: Readonly<Partial<Record<Claim, string>>>;
}

/** What is claimed of each repository, for either way that parity takes its pipeline. */
export type Claim = `${Way}: ${'results' | 'again'}`;

/** How parity comes to the pipeline: from the repository as it is, or from `parity init --from` its CI file. */
export type Way = 'zero-config' | 'imported';

const corpus = join(packageRoot(), 'test', 'real');
const described = 'real.json';

/** The corpus, in the order of names. */
export function realRepos(): readonly RealRepo[] {
  return readdirSync(corpus, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const dir = join(corpus, name);
      const description = JSON.parse(readFileSync(join(dir, described), 'utf8')) as Partial<RealRepo>;
      return { ...defaults, ...description, name, dir };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const defaults = {
  about: '',
  workflow: '.github/workflows/ci.yml',
  commits: [[]],
  legs: {},
  checks: {},
  differs: {},
};

/** Writes what the host gave into the repository's description, and keeps all else of it. */
export function recordChecks({ dir }: RealRepo, checks: RealRepo['checks']): void {
  const file = join(dir, described);
  const description = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, `${JSON.stringify({ ...description, checks }, null, 2)}\n`);
}

/** A workflow, as far as these repositories use its language. */
export interface Workflow {
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, WorkflowJob>>;
}

/** A job of a workflow. */
export interface WorkflowJob {
  readonly env?: Readonly<Record<string, string>>;
  readonly defaults?: { readonly run?: { readonly 'working-directory'?: string } };
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
  readonly services?: Readonly<Record<string, WorkflowService>>;
  readonly steps: readonly WorkflowStep[];
}

/** A service container of a job. */
export interface WorkflowService {
  readonly image: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
}

/** A step of a job. */
export interface WorkflowStep {
  readonly name?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly 'working-directory'?: string;
}

/** The repository's CI file. */
export function workflowOf({ dir, workflow }: RealRepo): Workflow {
  return parse(readFileSync(join(dir, 'repo', workflow), 'utf8')) as Workflow;
}
