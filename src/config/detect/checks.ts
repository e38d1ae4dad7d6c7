import { shellWord } from '../../core/shell-word.ts';
import type { StepConfig } from '../config.ts';
import type { ToolUse } from './commands.ts';
import type { Hook } from './declared.ts';
import { decision, placeText, type Decision } from './decision.ts';
import { configPlace, evidenceOf, hookWords, type Check, type Evidence } from './evidence.ts';
import { iniSettings } from './ini-settings.ts';
import type { PythonRoot } from './layout.ts';
import { inFolder, type Repo } from './repo.ts';
import type { Declared } from './sources.ts';
import { detectedStep } from './step.ts';
import { tableAt } from '../../formats/table.ts';

/** The format, lint and types steps of a root. */
export interface Checks {
  readonly steps: readonly StepConfig[];
  /** Packages that the steps call. */
  readonly packages: readonly string[];
  /** Those that only hooks run: the hook's version is the one the code passes with. */
  readonly hooked: readonly string[];
  /** Requirement lines that hooks install beside a tool: flake8 plug-ins, stubs. */
  readonly companions: readonly string[];
  readonly decisions: readonly Decision[];
}

/**
 * Makes a step of each checking tool that the repo shows it uses. A tool that nothing speaks of gets no step: its first run
 * would fail on code that was never meant for it. Only the reference layout gets the reference's black and flake8 unasked.
 */
export function checkSteps(
  repo: Repo,
  root: PythonRoot,
  facts: { readonly uses: readonly ToolUse[]; readonly hooks: readonly Hook[]; readonly declared: readonly Declared[] },
  stepName: (name: string) => string,
): Checks {
  const evidence = (check: Check): readonly Evidence[] => evidenceOf(check, repo, root, facts);
  const steps: StepConfig[] = [];
  const packages: string[] = [];
  const decisions: Decision[] = [];
  const companions: string[] = [];
  const add = (tool: string, step: StepConfig, why: string, places: readonly Evidence[] = []): void => {
    steps.push(step);
    packages.push(tool);
    decisions.push(decision(step.name, step.run, why, { places: places.slice(0, 1) }));
  };
  const because = ([first]: readonly Evidence[]): string => (first ? `${first.text}: ${placeText(first)}` : '');

  const found = {
    black: evidence('black'),
    ruffFormat: evidence('ruff-format'),
    ruff: evidence('ruff'),
    flake8: evidence('flake8'),
    isort: evidence('isort'),
    mypy: evidence('mypy'),
  };
  const reference = root.referenceFolder;
  const strength = (list: readonly Evidence[]): number => list[0]?.strength ?? 0;
  const usesRuff = strength(found.ruff) > 0 || strength(found.ruffFormat) > 0;
  const seed = reference !== undefined && !usesRuff;
  const layout = `the reference layout: ${reference}/ with requirements.txt, beside mypy.ini`;
  const targets = reference !== undefined ? [`${reference}/`] : root.targets;

  // Formatting: one formatter. A table left behind in pyproject.toml says less than what CI or a hook runs.
  if (strength(found.black) > 0 || seed) {
    if (strength(found.ruffFormat) > strength(found.black)) {
      decisions.push(decision('black', 'no step', `ruff format is the formatter: ${because(found.ruffFormat)}`));
    } else {
      const { args, from } = argumentsOf(
        repo,
        found.black,
        root,
        targets,
        /^(?:--check|--diff|--color|-q|--quiet|-v|--verbose)$/,
      );
      const step = detectedStep({
        name: stepName('format'),
        cwd: root.dir,
        run: `black --check ${args}`,
        fix: `black ${args}`,
      });
      add('black', step, found.black.length > 0 ? because(found.black) + from : layout, found.black);
    }
  }
  if (strength(found.ruffFormat) > strength(found.black)) {
    const { args, from } = argumentsOf(repo, found.ruffFormat, root, ['.'], /^(?:--check|--diff|-q|--quiet)$/);
    const step = detectedStep({
      name: stepName('format'),
      cwd: root.dir,
      run: `ruff format --check ${args}`,
      fix: `ruff format ${args}`,
    });
    add('ruff', step, because(found.ruffFormat) + from, found.ruffFormat);
  }
  if (strength(found.isort) >= 3) {
    const { args, from } = argumentsOf(repo, found.isort, root, targets, /^(?:--check(?:-only)?|-c|--diff|-q)$/);
    const step = detectedStep({
      name: stepName('imports'),
      cwd: root.dir,
      run: `isort --check-only ${args}`,
      fix: `isort ${args}`,
    });
    add('isort', step, because(found.isort) + from, found.isort);
  }

  // Linting: the weaker of two is left out, unless CI or hooks run both.
  const bothLint = strength(found.ruff) >= 3 && strength(found.flake8) >= 3;
  const ruffLints = strength(found.ruff) > 0 && (bothLint || strength(found.ruff) >= strength(found.flake8));
  if (strength(found.ruff) > 0 && !ruffLints) {
    const why = `flake8 is the linter (${because(found.flake8)}), and nothing as strong speaks of ruff (${because(found.ruff)})`;
    decisions.push(decision('ruff', 'no step', why));
  }
  if (ruffLints) {
    const { args, from } = argumentsOf(
      repo,
      found.ruff,
      root,
      ['.'],
      /^(?:--fix|--diff|--exit-non-zero-on-fix|--show-fixes|--no-fix|-q)$/,
    );
    const step = detectedStep({
      name: stepName('lint'),
      cwd: root.dir,
      run: `ruff check ${args}`,
      fix: `ruff check --fix ${args}`,
    });
    add('ruff', step, because(found.ruff) + from, found.ruff);
  }
  if (strength(found.flake8) > 0 || seed) {
    if (ruffLints && !bothLint) {
      const why = `ruff is the linter (${because(found.ruff)}), and nothing stronger speaks of flake8 (${because(found.flake8)})`;
      decisions.push(decision('flake8', 'no step', why));
    } else {
      const { args, from } = argumentsOf(repo, found.flake8, root, targets, /^(?:-q|-v|--show-source)$/);
      const name = ruffLints ? 'lint-flake8' : 'lint';
      const step = detectedStep({ name: stepName(name), cwd: root.dir, run: `flake8 ${args}` });
      add('flake8', step, found.flake8.length > 0 ? because(found.flake8) + from : layout, found.flake8);
      companions.push(...companionsOf(facts.hooks, 'flake8'));
    }
  }
  if (strength(found.mypy) > 0) {
    add('mypy', mypyStep(repo, root, found.mypy, stepName('types')), because(found.mypy), found.mypy);
    companions.push(...companionsOf(facts.hooks, 'mypy'));
  }
  if (steps.length === 0) {
    const why =
      'no config, requirement, hook or CI line speaks of a formatter, linter or type checker; add steps for those you want';
    decisions.push(decision('checks', 'none', why));
  }
  const hooked = packages.filter((tool) => {
    const all = [...(tool === 'ruff' ? [...found.ruff, ...found.ruffFormat] : evidence(tool as Check))];
    return all.some(({ text }) => text === hookWords) && !all.some(({ use }) => use?.source === 'ci');
  });
  return { steps, packages, hooked, companions, decisions };
}

/** The arguments that CI (or a task) gives the tool from the root's folder, when they can be taken as they are; else the targets. */
function argumentsOf(
  repo: Repo,
  evidence: readonly Evidence[],
  root: PythonRoot,
  targets: readonly string[],
  dropped: RegExp,
): { readonly args: string; readonly from: string } {
  const fallback = { args: targets.map(shellWord).join(' '), from: '' };
  // The reference layout's commands are given word for word.
  if (root.referenceFolder !== undefined) return fallback;
  for (const { use } of evidence) {
    if (use?.args === undefined || use.cwd !== root.dir) continue;
    const kept = use.args.filter((arg) => !dropped.test(arg));
    const paths = kept.filter(
      (arg, index) => !arg.startsWith('-') && !/^-[a-zA-Z]$|^--[\w-]+$/.test(kept[index - 1] ?? ''),
    );
    if (paths.length === 0 || !paths.every((path) => exists(repo, root, path))) continue;
    // `.` would take in a virtual environment that lies in the tree.
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
    // With `files`, `packages` or `modules` in its config, mypy is run bare.
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
