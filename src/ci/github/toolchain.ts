import { posix } from 'node:path';
import type { DecidedJob, DecideFacts, DecidedTool, DecidedVersion } from '../decided-pipeline.ts';
import { spanOf, variableOf, type CiJob, type CiRun, type CiStep, type CiVariable } from '../model.ts';
import { requiredUv, uvInFile } from '../uv-version.ts';
import { nearest, pythonMinor } from '../versions.ts';
import { contextOf, type ExpressionScope } from './context.ts';
import { interpolate, textOf } from './expression.ts';
import { flatSteps, evaluateCondition } from './steps.ts';

/** The Python, the Node and the tools that a job's leg sets up, as far as their versions are said. */
export function jobVersions(
  job: CiJob,
  scope: ExpressionScope,
  facts: DecideFacts,
): Pick<DecidedJob, 'python' | 'node' | 'setUp' | 'hasUv'> {
  let python: DecidedVersion | undefined;
  let node: DecidedVersion | undefined;
  let hasUv = false;
  const setUp = new Map<DecidedTool['name'], DecidedTool>();
  // The last to be set up is the first in PATH.
  for (const { step, scope: around, conditions } of flatSteps(job.steps, scope, facts)) {
    if (step.kind === 'run') python = uvVersion(step, around) ?? python;
    if (step.kind !== 'use') continue;
    if (conditions.some((each) => evaluateCondition(each.value, each.scope, [scope.event]).truth === false)) continue;
    const unsaid = unsaidUv(step, facts.readText);
    if (unsaid !== undefined) setUp.set('uv', { name: 'uv', version: unsaid });
    hasUv ||= /\/setup-(?:cached-)?uv$/.test(actionName(step));
    for (const input of step.inputs) {
      if (/^python[-_]version(?:-file)?$/.test(input.name)) python = versionOf(step, input, around, facts) ?? python;
      if (/^node[-_]version(?:-file)?$/.test(input.name)) node = versionOf(step, input, around, facts) ?? node;
      const name = setUpTool(actionName(step), input.name);
      const version = name === undefined ? undefined : versionOf(step, input, around, facts);
      if (name !== undefined && version !== undefined) setUp.set(name, { name, version });
    }
  }
  const set = variableOf('UV_PYTHON', ...scope.variables);
  const said = set === undefined ? undefined : interpolate(set.value.text ?? '', contextOf(scope));
  if (set !== undefined && said?.known === true)
    python = { place: { file: set.file.path, span: spanOf(set) }, said: textOf(said.value), how: 'UV_PYTHON' };
  const container = job.image?.value.text ?? job.image?.value.get('image')?.text;
  if (container !== undefined && job.image !== undefined) {
    const value = interpolate(container, contextOf(scope));
    const [, runtime, version] =
      (value.known ? /(?:^|\/)(python|node):v?(\d+(?:\.\d+)*)/.exec(textOf(value.value)) : null) ?? [];
    const place = { file: job.image.file.path, span: spanOf(job.image) };
    if (version !== undefined && runtime === 'python')
      python ??= { place, said: version, how: `container of job ${job.id}` };
    if (version !== undefined && runtime === 'node')
      node ??= { place, said: version, how: `container of job ${job.id}` };
  }
  // Nothing sets it up by name, but the leg says what it is (tox and uv find it themselves).
  if (job.matrix !== undefined)
    for (const [axis, value] of Object.entries(scope.leg ?? {})) {
      const place = { file: job.matrix.file.path, span: spanOf(job.matrix) };
      const how = `matrix.${axis}`;
      if (/^(?:python|py)(?:[-_]?ver(?:sion)?)?$/i.test(axis) && typeof value === 'string')
        python ??= { place, said: value, how };
      if (/^node(?:js)?(?:[-_]?ver(?:sion)?)?$/i.test(axis) && typeof value === 'string')
        node ??= { place, said: value, how };
    }
  const base = baseSetUp(job);
  python ??= base?.python;
  if (node?.said.toLowerCase() === 'none') node = undefined;
  else node ??= base?.node;
  return {
    ...(python === undefined ? {} : { python }),
    ...(node === undefined ? {} : { node }),
    ...(hasUv ? { hasUv } : {}),
    ...(setUp.size === 0 ? {} : { setUp: [...setUp.values()] }),
  };
}

/** What Jupyter's set-up has where nobody says it (https://github.com/jupyterlab/maintainer-tools, base-setup); undefined without it. */
function baseSetUp({ steps }: CiJob): Required<Pick<DecidedJob, 'python' | 'node'>> | undefined {
  const base = steps.find((step) => actionName(step) === 'jupyterlab/maintainer-tools/.github/actions/base-setup');
  if (base === undefined) return undefined;
  const place = { file: base.file.path, span: spanOf({ value: base.at, file: base.file }) };
  const how = 'the default of base-setup';
  const type = base.kind === 'use' ? base.inputs.find(({ name }) => name === 'dependency_type')?.value.text : undefined;
  return {
    python: { place, said: type === 'minimum' ? '3.10' : '3.12', how },
    node: { place, said: '24.x', how },
  };
}

/** The tool whose version an action's input says. */
function setUpTool(action: string, input: string): DecidedTool['name'] | undefined {
  if (action === 'pnpm/action-setup' && input === 'version') return 'pnpm';
  if (action === 'oven-sh/setup-bun' && input === 'bun-version') return 'bun';
  if (setsUpUv(action) && /^version(?:-file)?$/.test(input)) return 'uv';
  if (action === 'snok/install-poetry' && input === 'version') return 'poetry';
  return action === 'abatilo/actions-poetry' && input === 'poetry-version' ? 'poetry' : undefined;
}

function setsUpUv(action: string): boolean {
  return /^(?:astral-sh|actions|yezz123)\/setup-uv$/.test(action);
}

/** Without an input setup-uv takes what uv itself would refuse another version for. */
function unsaidUv(step: CiStep, readText: DecideFacts['readText']): DecidedVersion | undefined {
  const action = actionName(step);
  if (step.kind !== 'use' || !setsUpUv(action)) return undefined;
  const folder = step.inputs.find(({ name }) => name === 'working-directory')?.value.text ?? '.';
  const required = requiredUv(posix.normalize(folder), readText);
  const place = { file: step.file.path, span: spanOf(step.uses) };
  return required === undefined
    ? undefined
    : { place, said: required.said, how: `required-version of ${required.file}, which ${action} reads` };
}

function actionName(step: CiStep): string {
  return step.kind === 'use' ? (step.uses.value.text?.split('@')[0] ?? '') : '';
}

/** The Python that a script has uv use: `uv python install 3.12`, `uv sync --python 3.12`. */
function uvVersion(step: CiRun, scope: ExpressionScope): DecidedVersion | undefined {
  const script = step.script.value.text ?? '';
  const [, written] =
    /\buv\s+python\s+(?:install|pin)\s+["']?(\$\{\{.*?\}\}|[\w.@-]+)/.exec(script) ??
    /\buv\s+(?:sync|run|venv|pip)\b[^\n]*?\s(?:-p|--python)[ =]["']?(\$\{\{.*?\}\}|[\w.@-]+)/.exec(script) ??
    [];
  const value = written === undefined ? undefined : interpolate(written, contextOf(scope));
  if (value?.known !== true || pythonMinor(textOf(value.value)) === undefined) return undefined;
  const place = { file: step.file.path, span: spanOf(step.script) };
  return { place, said: textOf(value.value), how: 'uv of that script' };
}

function versionOf(
  step: CiStep,
  input: CiVariable,
  scope: ExpressionScope,
  facts: DecideFacts,
): DecidedVersion | undefined {
  const action = actionName(step);
  const value = interpolate(input.value.text ?? '', contextOf(scope));
  if (!value.known) return undefined;
  const place = { file: input.file.path, span: spanOf(input) };
  const text = textOf(value.value).trim();
  if (input.name.endsWith('-file')) {
    const path = posix.normalize(text.replace(/^\.\//, ''));
    if (setsUpUv(action)) {
      const uv = uvInFile(path, facts.readText);
      return uv === undefined ? undefined : { place, said: uv, how: `${path}, named by ${action}` };
    }
    const said = versionInFile(path, facts.readText(path), input.name.startsWith('python'));
    return said === undefined ? undefined : { place, said, how: `${path}, named by ${action}` };
  }
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const said = lines.length > 1 ? nearest(lines, facts.wantedPython, pythonMinor) : lines[0];
  const others = lines.filter((line) => line !== said);
  const beside = others.length === 0 ? {} : { others };
  return said === undefined ? undefined : { place, said, how: `${input.name} of ${action}`, ...beside };
}

function versionInFile(path: string, text: string | undefined, isPython: boolean): string | undefined {
  if (text === undefined) return undefined;
  const name = posix.basename(path);
  if (name === '.tool-versions') return new RegExp(`^${isPython ? 'python' : 'nodejs'}\\s+(\\S+)`, 'm').exec(text)?.[1];
  // A range is the repository's own wish, which the caller knows already.
  if (name === 'pyproject.toml' || name === 'package.json') return undefined;
  return text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '' && !line.startsWith('#'));
}
