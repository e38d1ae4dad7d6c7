import { shellWord } from '../../core/shell-word.ts';
import type { StepConfig } from '../config.ts';
import type { ToolUse } from './commands.ts';
import type { Hook } from './declared.ts';
import { decision, placeText, type Decision } from './decision.ts';
import { configPlace, evidenceOf, hookEvidence, type Check, type Evidence } from './evidence.ts';
import { iniSettings } from './ini-settings.ts';
import type { PythonRoot } from './python-roots.ts';
import { inFolder, type Repo } from './repo.ts';
import type { Declared } from './sources.ts';
import { detectedStep } from './detected-step.ts';
import { tableAt } from '../../formats/table.ts';

/** The format, lint and types steps of a root. */
export interface DetectedChecks {
  readonly steps: readonly StepConfig[];
  /** Packages that the steps call. */
  readonly packages: readonly string[];
  /** Packages that only hooks run: the code passes with the hook's version. */
  readonly hooked: readonly string[];
  /** Requirement lines that hooks install beside a tool: flake8 plug-ins, stubs. */
  readonly companions: readonly string[];
  readonly decisions: readonly Decision[];
}

/** What detection read that says which checking tools a repo uses. */
export interface CheckFacts {
  readonly uses: readonly ToolUse[];
  readonly hooks: readonly Hook[];
  readonly declared: readonly Declared[];
}

/**
 * Makes a step of each checking tool that the repo shows it uses. A tool that nothing mentions gets no step: its first run
 * would fail on code that was never meant for it. Only the reference layout gets the reference's black and flake8 by default.
 */
export function checkSteps(
  repo: Repo,
  root: PythonRoot,
  facts: CheckFacts,
  stepName: (name: string) => string,
): DetectedChecks {
  return new CheckStepBuilder(repo, root, facts, stepName).build();
}

/** Flags with which a tool only shows what it would change, or prints otherwise: a step has its own. */
const droppedFlags = {
  black: /^(?:--check|--diff|--color|-q|--quiet|-v|--verbose)$/,
  'ruff-format': /^(?:--check|--diff|-q|--quiet)$/,
  isort: /^(?:--check(?:-only)?|-c|--diff|-q)$/,
  ruff: /^(?:--fix|--diff|--exit-non-zero-on-fix|--show-fixes|--no-fix|-q)$/,
  flake8: /^(?:-q|-v|--show-source)$/,
} as const;

/** Builds the check steps of one root from the evidence for each tool. */
class CheckStepBuilder {
  readonly #repo: Repo;
  readonly #root: PythonRoot;
  readonly #facts: CheckFacts;
  readonly #stepName: (name: string) => string;
  readonly #evidence: Readonly<Record<Check, readonly Evidence[]>>;
  /** The paths that black, isort and flake8 check when no command of the repo says others. */
  readonly #targets: readonly string[];
  /** The reference layout gets black and flake8 without evidence, unless ruff is used. */
  readonly #hasDefaults: boolean;
  readonly #steps: StepConfig[] = [];
  readonly #packages: string[] = [];
  readonly #decisions: Decision[] = [];
  readonly #companions: string[] = [];

  constructor(repo: Repo, root: PythonRoot, facts: CheckFacts, stepName: (name: string) => string) {
    this.#repo = repo;
    this.#root = root;
    this.#facts = facts;
    this.#stepName = stepName;
    const evidence = (check: Check): readonly Evidence[] => evidenceOf(check, repo, root, facts);
    this.#evidence = {
      black: evidence('black'),
      'ruff-format': evidence('ruff-format'),
      ruff: evidence('ruff'),
      flake8: evidence('flake8'),
      isort: evidence('isort'),
      mypy: evidence('mypy'),
    };
    const usesRuff = this.#strength('ruff') > 0 || this.#strength('ruff-format') > 0;
    this.#hasDefaults = root.referenceFolder !== undefined && !usesRuff;
    this.#targets = root.referenceFolder !== undefined ? [`${root.referenceFolder}/`] : root.targets;
  }

  build(): DetectedChecks {
    this.#addFormatter();
    this.#addImports();
    this.#addLinters();
    this.#addTypes();
    if (this.#steps.length === 0) {
      const why =
        'no config, requirement, hook or CI line speaks of a formatter, linter or type checker; add steps for those you want';
      this.#decisions.push(decision('checks', 'none', why));
    }
    return {
      steps: this.#steps,
      packages: this.#packages,
      hooked: this.#packages.filter((tool) => this.#isOnlyHooked(tool)),
      companions: this.#companions,
      decisions: this.#decisions,
    };
  }

  /** One formatter: a table left behind in pyproject.toml is weaker evidence than what CI or a hook runs. */
  #addFormatter(): void {
    const prefersRuff = this.#strength('ruff-format') > this.#strength('black');
    if (this.#strength('black') > 0 || this.#hasDefaults) {
      if (prefersRuff) {
        const why = `ruff format is the formatter: ${this.#reason('ruff-format')}`;
        this.#decisions.push(decision('black', 'no step', why));
      } else {
        const { args, from } = this.#arguments('black', this.#targets);
        const run = { run: `black --check ${args}`, fix: `black ${args}` };
        this.#add('black', this.#step('format', run), this.#reasonOrLayout('black', from), 'black');
      }
    }
    if (prefersRuff) {
      const { args, from } = this.#arguments('ruff-format', ['.']);
      const run = { run: `ruff format --check ${args}`, fix: `ruff format ${args}` };
      this.#add('ruff', this.#step('format', run), this.#reason('ruff-format') + from, 'ruff-format');
    }
  }

  #addImports(): void {
    if (this.#strength('isort') < 3) return;
    const { args, from } = this.#arguments('isort', this.#targets);
    const run = { run: `isort --check-only ${args}`, fix: `isort ${args}` };
    this.#add('isort', this.#step('imports', run), this.#reason('isort') + from, 'isort');
  }

  /** Of ruff and flake8 the one with the weaker evidence gets no step, unless CI or hooks run both. */
  #addLinters(): void {
    const [ruff, flake8] = [this.#strength('ruff'), this.#strength('flake8')];
    const bothLint = ruff >= 3 && flake8 >= 3;
    const ruffLints = ruff > 0 && (bothLint || ruff >= flake8);
    if (ruff > 0 && !ruffLints) {
      const why = `flake8 is the linter (${this.#reason('flake8')}), and nothing as strong speaks of ruff (${this.#reason('ruff')})`;
      this.#decisions.push(decision('ruff', 'no step', why));
    }
    if (ruffLints) {
      const { args, from } = this.#arguments('ruff', ['.']);
      const run = { run: `ruff check ${args}`, fix: `ruff check --fix ${args}` };
      this.#add('ruff', this.#step('lint', run), this.#reason('ruff') + from, 'ruff');
    }
    if (flake8 === 0 && !this.#hasDefaults) return;
    if (ruffLints && !bothLint) {
      const why = `ruff is the linter (${this.#reason('ruff')}), and nothing stronger speaks of flake8 (${this.#reason('flake8')})`;
      this.#decisions.push(decision('flake8', 'no step', why));
      return;
    }
    const { args, from } = this.#arguments('flake8', this.#targets);
    const step = this.#step(ruffLints ? 'lint-flake8' : 'lint', { run: `flake8 ${args}` });
    this.#add('flake8', step, this.#reasonOrLayout('flake8', from), 'flake8');
    this.#companions.push(...companionsOf(this.#facts.hooks, 'flake8'));
  }

  #addTypes(): void {
    const evidence = this.#evidence.mypy;
    if (evidence.length === 0) return;
    const step = mypyStep(this.#repo, this.#root, evidence, this.#stepName('types'));
    this.#add('mypy', step, this.#reason('mypy'), 'mypy');
    this.#companions.push(...companionsOf(this.#facts.hooks, 'mypy'));
  }

  #add(tool: string, step: StepConfig, why: string, check: Check): void {
    this.#steps.push(step);
    this.#packages.push(tool);
    const places = this.#evidence[check].slice(0, 1);
    this.#decisions.push(decision(step.name, step.run, why, { places }));
  }

  #step(name: string, run: { readonly run: string; readonly fix?: string }): StepConfig {
    return detectedStep({ name: this.#stepName(name), cwd: this.#root.dir, ...run });
  }

  #arguments(
    check: keyof typeof droppedFlags,
    targets: readonly string[],
  ): { readonly args: string; readonly from: string } {
    return argumentsOf(this.#repo, this.#evidence[check], this.#root, targets, droppedFlags[check]);
  }

  #strength(check: Check): number {
    return this.#evidence[check][0]?.strength ?? 0;
  }

  /** The strongest evidence as text; empty when there is none. */
  #reason(check: Check): string {
    const [first] = this.#evidence[check];
    return first ? `${first.text}: ${placeText(first)}` : '';
  }

  #reasonOrLayout(check: Check, from: string): string {
    if (this.#evidence[check].length > 0) return this.#reason(check) + from;
    return `the reference layout: ${this.#root.referenceFolder}/ with requirements.txt, beside mypy.ini`;
  }

  #isOnlyHooked(tool: string): boolean {
    const all =
      tool === 'ruff' ? [...this.#evidence.ruff, ...this.#evidence['ruff-format']] : this.#evidence[tool as Check];
    return all.some(({ text }) => text === hookEvidence) && !all.some(({ use }) => use?.source === 'ci');
  }
}

/** The arguments with which CI (or a task) runs the tool in the root's folder, when all their paths exist; else the targets. */
function argumentsOf(
  repo: Repo,
  evidence: readonly Evidence[],
  root: PythonRoot,
  targets: readonly string[],
  dropped: RegExp,
): { readonly args: string; readonly from: string } {
  const fallback = { args: targets.map(shellWord).join(' '), from: '' };
  // The reference layout has fixed commands.
  if (root.referenceFolder !== undefined) return fallback;
  for (const { use } of evidence) {
    if (use?.args === undefined || use.cwd !== root.dir) continue;
    const kept = use.args.filter((arg) => !dropped.test(arg));
    const paths = kept.filter(
      (arg, index) => !arg.startsWith('-') && !/^-[a-zA-Z]$|^--[\w-]+$/.test(kept[index - 1] ?? ''),
    );
    if (paths.length === 0 || !paths.every((path) => exists(repo, root, path))) continue;
    // `.` would include a virtual environment in the tree.
    const args = kept.flatMap((arg) => (arg === '.' || arg === './' ? targets : [arg]));
    return { args: args.map(shellWord).join(' '), from: `; with the arguments of ${placeText(use)}` };
  }
  return fallback;
}

function exists(repo: Repo, root: PythonRoot, path: string): boolean {
  const plain = path.replace(/^\.\//, '').replace(/\/$/, '');
  if (plain === '.' || plain === '') return true;
  const whole = inFolder(root.dir, plain);
  return repo.has(whole) || repo.files.some((file) => file.startsWith(`${whole}/`));
}

function companionsOf(hooks: readonly Hook[], id: string): readonly string[] {
  return hooks
    .filter((hook) => hook.id === id)
    .flatMap(({ additional }) => additional.filter((line) => !/^[.-]/.test(line)));
}

function mypyStep(repo: Repo, root: PythonRoot, evidence: readonly Evidence[], name: string): StepConfig {
  const targets = root.referenceFolder !== undefined ? [`${root.referenceFolder}/`] : root.packages;
  const config = configPlace('mypy', repo, root);
  const own = config && /(?:^|\/)\.?mypy\.ini$/.test(config.file);
  const flag = own ? `--config-file ${config.file.slice(root.dir === '.' ? 0 : root.dir.length + 1)} ` : '';
  const env =
    root.importRoots.includes('.') || root.importRoots.length !== 1 ? {} : { MYPYPATH: root.importRoots[0] ?? '' };
  const step = (run: string): StepConfig => detectedStep({ name, cwd: root.dir, run, env });
  if (root.referenceFolder === undefined) {
    // With `files`, `packages` or `modules` in its config, mypy needs no arguments.
    const ini = iniSettings(repo.text(inFolder(root.dir, config?.file.split('/').at(-1) ?? ''))).get('mypy');
    const table = tableAt(root.pyproject, 'tool', 'mypy');
    const says = ['files', 'packages', 'modules'].some((key) => ini?.has(key) || table?.[key] !== undefined);
    if (config !== undefined && says) return step(own ? `mypy ${flag.trim()}` : 'mypy');
    const { args, from } = argumentsOf(
      repo,
      evidence,
      root,
      targets,
      /^(?:--show-error-codes|--pretty|--no-pretty|-v)$/,
    );
    if (from !== '') return step(args.includes('--config-file') ? `mypy ${args}` : `mypy ${flag}${args}`);
  }
  return step(`mypy ${flag}${targets.map(shellWord).join(' ')}`);
}
