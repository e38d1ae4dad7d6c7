import type { Rule } from '../audit.ts';

/** PD016. */
export const importOtherCase: Rule = {
  id: 'PD016',
  name: 'import-other-case',
  severity: 'error',
  sentence:
    'An import in a UI differs in capital letters from the name that git has: it works on macOS and Windows only.',
  check: ({ ui }) =>
    ui.strayImports
      .filter(({ state }) => state === 'other-case')
      .map(({ path, span, raw, found }) => ({
        confidence: 'high',
        topic: 'file',
        message: `${raw} is ${found} in git: CI tells capital letters from small ones`,
        location: { path, span, raw, note: 'imported here' },
        related: [],
        hint: 'write the name as git has it, or rename the file: git mv',
      })),
};
