import { posix } from 'node:path';
import type { CiStep, CiUse } from '../model.ts';
import { contextOf, type ExpressionScope } from './context.ts';
import { interpolate, textOf } from './expression.ts';

/** Where the checkouts of a job lie. Paths are relative to the job's folder, `.` for the folder itself. */
export interface Checkouts {
  /** The folder of this repository; absent when the job checks it out at the top, or not at all. */
  readonly own?: string;
  /** The repository that lies at the top in place of this one, as said. */
  readonly foreign?: string;
}

/** Reads the checkouts of a job: its own repository may lie in a folder, and another one at the top. */
export function checkoutsOf(steps: readonly CiStep[], scope: ExpressionScope): Checkouts {
  let own: string | undefined;
  let foreign: string | undefined;
  for (const step of steps) {
    if (step.kind !== 'use' || !/^actions\/checkout(?:@|$)/i.test(step.uses.value.text ?? '')) continue;
    const repository = inputOf(step, 'repository', scope);
    const path = posix.normalize(inputOf(step, 'path', scope) ?? '.').replace(/\/$/, '') || '.';
    if (repository === undefined || repository === scope.repository) own ??= path;
    else if (path === '.') foreign ??= repository;
  }
  return {
    ...(own === undefined || own === '.' || own.startsWith('..') || own.startsWith('/') ? {} : { own }),
    ...(foreign === undefined || own === '.' ? {} : { foreign }),
  };
}

/** What an input says; an expression that can't be decided stays as written. */
function inputOf(step: CiUse, name: string, scope: ExpressionScope): string | undefined {
  const text = step.inputs.find((each) => each.name === name)?.value.text;
  if (text === undefined) return undefined;
  const value = interpolate(text, contextOf(scope));
  const said = value.known ? textOf(value.value).trim() : text;
  return said === '' ? undefined : said;
}

/**
 * A step's folder and script as they are when the checkout lies at the top: `cd shop && pytest` of a checkout in `shop` runs `cd . && pytest`.
 * Undefined for a step that another repository is at the top of.
 */
export function atTop(
  step: { readonly script: string; readonly cwd: string },
  { own, foreign }: Checkouts,
): { readonly script: string; readonly cwd: string } | undefined {
  if (own === undefined) return foreign === undefined ? step : undefined;
  if (step.cwd === own || step.cwd.startsWith(`${own}/`))
    return { script: step.script, cwd: posix.relative(own, step.cwd) || '.' };
  if (foreign !== undefined) return undefined;
  if (step.cwd !== '.') return step;
  const folder = own.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const script = step.script
    .replace(new RegExp(`(^|[\\s"'=(])(?:\\./)?${folder}/`, 'gm'), '$1./')
    .replace(new RegExp(`(^|[\\s"'=(])\\./${folder}(?=["'\\s;&|)[]|$)`, 'gm'), '$1.')
    .replace(new RegExp(`((?:^|[\\s;&|(])(?:cd|pushd|-e|--editable) ["']?)${folder}(?=["'\\s;&|)[]|$)`, 'gm'), '$1.');
  return { script, cwd: '.' };
}
