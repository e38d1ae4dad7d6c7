import { shellStatements } from '../../formats/statements.ts';
import type { DecidedStep } from '../decided-pipeline.ts';
import { isThereAtStart } from '../variables-at-start.ts';
import type { Piece } from './split-script.ts';

/**
 * The command of a piece with the shell's options where CI's differ from a step's (bash -euo pipefail); what is to be said of it joins the notes.
 */
export function commandLine(
  { pipefail, mayFail, env, passEnv, secrets, takesVariables }: DecidedStep,
  { script }: Piece,
  notes: string[],
): string {
  const options: string[] = [];
  const [first] = shellStatements(script);
  if (first?.problem !== undefined) notes.push(`kept whole, since a part of it can't be read: ${first.problem}`);
  if (!pipefail && /(?<!\|)\|(?!\|)/.test(script.replace(/\$\{\{.*?\}\}|'[^']*'|"[^"]*"/g, ''))) {
    options.push('+o pipefail');
    notes.push('as in CI, only the last command of a pipe counts');
  }
  const names = [...script.matchAll(/\$(?:\{([A-Za-z_]\w*)[}[]|([A-Za-z_]\w*))/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
  const given = new Set([
    ...Object.keys(env),
    ...secrets,
    'CI',
    'CI_JOB_STATUS',
    'HOME',
    'PATH',
    'PWD',
    'TZ',
    'LANG',
    'UID',
    'RANDOM',
    'SECONDS',
    'HOSTNAME',
    'OLDPWD',
    'IFS',
    'BASH_SOURCE',
    'OSTYPE',
    'SHELL',
    // Steps of a job have these files.
    'GITHUB_ENV',
    'GITHUB_PATH',
    'GITHUB_OUTPUT',
    'GITHUB_STEP_SUMMARY',
  ]);
  const set = namesSetBy(script);
  const isSet = (name: string): boolean =>
    given.has(name) || set.has(name) || isThereAtStart('github', name) || isThereAtStart('gitlab', name);
  const unset = [...new Set(names.filter((name) => !isSet(name) || passEnv.includes(name)))];
  if (unset.length > 0) {
    options.push('+u');
    if (takesVariables !== true) notes.push(`nothing here sets ${listed(unset)}; as in CI, that is no mistake`);
  }
  const head = options.length === 0 ? '' : `set ${options.join(' ')}\n`;
  if (mayFail !== undefined) notes.push(`${mayFail} in CI`);
  return `${head}${script}`;
}

/** The first of many names, and how many more there are. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** The variables that a script sets by itself: by assignments, loops and `read`. */
function namesSetBy(script: string): ReadonlySet<string> {
  const assigned = script.matchAll(/(?:^|[\s;(])(?:for\s+)?([A-Za-z_]\w*)(?:\+?=|\s+in\b)/gm);
  const read = script.matchAll(/\bread\b([^\n;]*)/g);
  return new Set([
    ...[...assigned].map(([, name = '']) => name),
    ...[...read].flatMap(([, words = '']) => words.match(/[A-Za-z_]\w*/g) ?? []),
  ]);
}
