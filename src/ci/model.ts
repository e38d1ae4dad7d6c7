import type { Span } from '../core/span.ts';
import type { Source } from '../formats/mapped-text.ts';
import type { YamlValue } from '../formats/yaml.ts';

/** The CI systems whose files parity reads and writes. */
export type CiSystem = 'github' | 'gitlab';

/** A file of a CI system, as it was read. */
export interface CiFile {
  /** Relative to the repository's top, `/` between. */
  readonly path: string;
  readonly source: Source;
}

/** A value as written, and the file it stands in: a job may take its parts from several. */
export interface CiValue {
  readonly value: YamlValue;
  readonly file: CiFile;
}

/** A variable of the environment, an input of an action: a name and what it is set to. Without a name (``) it is an expression that gives several. */
export interface CiVariable extends CiValue {
  readonly name: string;
  /** Its text is taken as it stands: no variable in it is looked at (GitLab's `expand: false`). */
  readonly isRaw?: boolean;
}

/** An input that a workflow or an action declares. */
export interface CiInput {
  readonly name: string;
  /** What it is when nobody gives it; absent when it has no default. */
  readonly fallback?: CiValue;
  /** `boolean`, `number`, `string` …; absent when none is said. */
  readonly type?: string;
}

/**
 * What a CI file says, in the words of no system. Nothing is decided here: conditions, expressions and variables are as written, at their
 * places; src/ci/github and src/ci/gitlab know how to decide them.
 */
export interface CiPipeline {
  readonly system: CiSystem;
  /** `action`: a composite action, whose steps are those of one job called `action`. */
  readonly kind: 'pipeline' | 'action';
  readonly file: CiFile;
  readonly name?: CiValue;
  /** When it runs (GitHub's `on`, GitLab's `workflow: rules`). */
  readonly triggers?: CiValue;
  readonly inputs: readonly CiInput[];
  /** Set for all jobs. */
  readonly variables: readonly CiVariable[];
  /** In the file's order; GitLab's templates (names that begin with a dot) and its `default` are among them, marked. */
  readonly jobs: readonly CiJob[];
  /** Stages in order; empty where the system has none. */
  readonly stages: readonly string[];
  /** Other files that it takes in; GitLab's `include`. */
  readonly includes: readonly CiInclude[];
  /** What could not be read, and where. */
  readonly problems: readonly CiProblem[];
}

/** A part of a CI file that could not be read. */
export interface CiProblem {
  readonly message: string;
  readonly file: CiFile;
  readonly span: Span;
}

/** A file that another one takes in. */
export interface CiInclude extends CiValue {
  /** Relative to the repository's top; absent for what is no plain file of the repository (a template, another project, a pattern). */
  readonly path?: string;
  /** Why it is not taken in, for one that is not. */
  readonly why?: string;
}

/** One job. */
export interface CiJob {
  readonly id: string;
  /** Where its name stands. */
  readonly key: CiValue;
  readonly name?: CiValue;
  /** `template`: other jobs take it up, it does not run itself. `defaults`: what holds for all jobs. */
  readonly kind: 'job' | 'template' | 'defaults';
  readonly runsOn?: CiValue;
  /** GitHub's `if`, GitLab's `only`. */
  readonly condition?: CiValue;
  /** GitLab's `except`. */
  readonly exception?: CiValue;
  /** GitLab: the first rule that applies decides. */
  readonly rules: readonly CiValue[];
  /** GitLab: `manual`, `never`, `on_failure` …, where no rule says otherwise. */
  readonly when?: CiValue;
  /** Jobs that it waits for by name; absent when it names none (GitLab: then its stage decides). */
  readonly needs?: readonly string[];
  readonly stage?: string;
  readonly environment?: CiValue;
  /** The only names that it takes of the file's variables (GitLab's `inherit: variables`); absent when it takes all. */
  readonly inheritsVariables?: readonly string[];
  /** How many times it runs, where that is all that it says (GitLab's `parallel: 3`). */
  readonly times?: CiValue;
  /** What it keeps for later runs (GitLab's `cache`). */
  readonly cache?: CiValue;
  /** Its own; the nearest of several with one name first. */
  readonly variables: readonly CiVariable[];
  readonly matrix?: CiValue;
  /** The image that it runs in: a text, or a map with its name. */
  readonly image?: CiValue;
  readonly services: readonly CiService[];
  /** A reusable workflow that it runs in place of steps, and what it gives it. */
  readonly calls?: { readonly uses: CiValue; readonly inputs: readonly CiVariable[] };
  /** Its failure counts for nothing, when this says `true`. */
  readonly mayFail?: CiValue;
  readonly timeout?: CiValue;
  /** It hands files to later jobs. */
  readonly artifacts?: CiValue;
  /** The only jobs whose files it takes (GitLab's `dependencies`); absent when it names none. */
  readonly filesOf?: readonly string[];
  /** Jobs that it waits for, and whose files it does not take (GitLab's `artifacts: false`). */
  readonly withoutArtifactsOf?: readonly string[];
  /** What later jobs may ask of it (GitHub's `outputs`). */
  readonly outputs: readonly CiVariable[];
  /** GitHub starts a shell for each step, GitLab one for all lines of a job. */
  readonly steps: readonly CiStep[];
}

/** A service beside a job. */
export interface CiService extends CiValue {
  /** The host name that steps know it by, as far as it is said. */
  readonly name?: string;
  readonly image?: CiValue;
}

interface CiAnyStep {
  readonly file: CiFile;
  /** The whole step, or the line of a script. */
  readonly at: YamlValue;
  readonly id?: string;
  readonly name?: CiValue;
  readonly condition?: CiValue;
  readonly variables: readonly CiVariable[];
  /** The folder it runs in: its own, else its job's or its file's. */
  readonly folder?: CiValue;
  readonly mayFail?: CiValue;
  readonly timeout?: CiValue;
}

/** A step that runs a script, or one entry of a GitLab script. */
export interface CiRun extends CiAnyStep {
  readonly kind: 'run';
  readonly script: CiValue;
  readonly shell?: CiValue;
  readonly part: 'before_script' | 'script' | 'after_script';
}

/** A step that runs an action. */
export interface CiUse extends CiAnyStep {
  readonly kind: 'use';
  readonly uses: CiValue;
  readonly inputs: readonly CiVariable[];
}

/** A step of a form that is not known. */
export interface CiOther extends CiAnyStep {
  readonly kind: 'other';
}

/** One step of a job. */
export type CiStep = CiRun | CiUse | CiOther;

/** Where a value of a CI file stands. */
export function spanOf({ value, file }: CiValue): Span {
  return file.source.places.span(...value.range());
}

/** The members of a map as variables; an expression that stands for the whole map is one without a name. */
export function variablesOf(value: YamlValue | undefined, file: CiFile): readonly CiVariable[] {
  if (value?.text !== undefined) return [{ name: '', value, file }];
  return (value?.members ?? []).map(([name, each]) => ({ name: name.text ?? '', value: each, file }));
}

/** The nearest variable of that name that has a text. */
export function variableOf(name: string, ...lists: readonly (readonly CiVariable[])[]): CiVariable | undefined {
  for (const list of lists) {
    const found = list.find((each) => each.name === name && each.value.text !== undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}
