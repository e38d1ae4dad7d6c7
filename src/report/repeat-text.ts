import { shellWord } from '../core/shell-word.ts';
import { sharedSessionRemedy } from '../remedies/shared-session.ts';
import type { FailureRate, Round, Stability } from '../remedies/stability.ts';

const shownAtMost = 20;

/** What a series of runs showed, for people: what is unstable, in how many runs, what it shares, what to do; then what fails every time. */
export function repeatText(
  rounds: readonly Round[],
  { unstable, stable, shared }: Stability,
  wanted: { readonly times: number; readonly seed: number; readonly steps: readonly string[] },
): string {
  const failed = rounds.filter(({ steps }) => steps.some(({ passed }) => !passed)).length;
  const runs = `${rounds.length} ${rounds.length === 1 ? 'run' : 'runs'}`;
  const short = rounds.length < wanted.times ? ` of ${wanted.times}` : '';
  const lines: string[] = [];
  if (unstable.length > 0) {
    lines.push('unstable:', ...listed(unstable, rounds), '');
    const common = [
      ...(shared.file === undefined ? [] : [`all in ${shared.file}`]),
      ...(shared.fixtures.length === 0 ? [] : [`all use the ${fixtureWords(shared.fixtures)}`]),
      ...(shared.onlyShuffled
        ? ['none failed in its own order, only when shuffled: one test may leave something that another stumbles over']
        : []),
    ];
    if (common.length > 0) lines.push('what they share:', ...common.map((line) => `  ${line}`), '');
  }
  if (shared.session.length > 0)
    lines.push(
      `an async session is used by several tasks or event loops (${shared.session.slice(0, 3).join(', ')}${shared.session.length > 3 ? ' …' : ''}):`,
      `  ${sharedSessionRemedy.replaceAll('\n', '\n  ')}`.replace(/ +$/gm, ''),
      '',
    );
  if (stable.length > 0) lines.push('fails every time:', ...listed(stable, rounds), '');
  lines.push(
    failed === 0
      ? `${runs}${short}, all passed: nothing unstable was seen`
      : `${runs}${short}: ${failed} failed; ${counted(unstable.length, 'unstable')}, ${counted(stable.length, 'failing every time')}`,
  );
  if (failed > 0 && wanted.times > 1)
    lines.push(
      `next: PARITY_REPEAT_SEED=${wanted.seed} ${['parity up --repeat', String(wanted.times), ...wanted.steps.map(shellWord)].join(' ')}   runs them in the same orders again`,
    );
  return lines.join('\n');
}

function listed(failing: readonly FailureRate[], rounds: readonly Round[]): readonly string[] {
  const shown = failing.slice(0, shownAtMost).flatMap(({ step, test, failed, of, messages }) => {
    const which = failed.length === of && of === rounds.length ? '' : ` (run ${failed.join(', ')})`;
    return [
      `  ${test ?? `step ${step}`}: failed in ${failed.length} of ${of}${which}`,
      ...messages.slice(0, 2).map((message) => `      ${message}`),
    ];
  });
  return failing.length > shownAtMost ? [...shown, `  and ${failing.length - shownAtMost} more`] : shown;
}

function fixtureWords(names: readonly string[]): string {
  return names.length === 1 ? `fixture ${names[0]}` : `fixtures ${names.join(', ')}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}`;
}
