/**
 * What to say of a step's fix command after the step failed: the lines, none when the tool itself says that its fixes mend nothing of
 * this. `isCause`: what failed has to be mended by hand first, which decides for tools that do not say.
 */
export function offeredFix(fix: string, output: string, isCause: boolean): readonly string[] {
  if (/\bruff\b.* --fix\b/.test(fix) && ruffSummary.test(output)) {
    if (ruffFixable.test(output)) return [`Run: ${fix}`];
    if (!ruffUnsafe.test(output) || fix.includes('--unsafe-fixes')) return [];
    return [
      `Run: ${fix.replace(' --fix', ' --fix --unsafe-fixes')}`,
      'ruff calls these fixes unsafe, they may change what the code does: look at git diff before you commit',
    ];
  }
  if (/\beslint\b.* --fix\b/.test(fix) && eslintSummary.test(output))
    return eslintFixable.test(output) ? [`Run: ${fix}`] : [];
  return isCause ? [] : [`Run: ${fix}`];
}

// ruff 0.17: `Found 3 errors.`, then `[*] 1 fixable with `--fix` (2 unsafe fixes available with `--fix --unsafe-fixes`).`, or only
// `2 unsafe fixes available with …`, or nothing. Before: `[*] 2 fixable with the `--fix` option (1 hidden fix can be enabled with the
// `--unsafe-fixes` option).`, `No fixes available (1 hidden fix can be enabled …)`.
const ruffSummary = /^Found \d+ errors?\b/m;
const ruffFixable = /^\[\*\] \d+ (?:potentially )?fixable with/m;
const ruffUnsafe = /\b\d+ (?:unsafe fix(?:es)? available|hidden fix(?:es)? can be enabled)\b/;
// eslint 9: `✖ 3 problems (3 errors, 0 warnings)`, then `  1 error and 0 warnings potentially fixable with the `--fix` option.`
const eslintSummary = /^✖ \d+ problems?\b/m;
const eslintFixable = /potentially fixable with the/;
