import { failure, type Failure } from '../../core/failure.ts';
import { admitsVersion } from '../../formats/version-specifier.ts';
import type { Place } from '../requirements/requirement.ts';

/** The failure when a file says that the project does not run on this Python; undefined when none does. Pure. */
export function checkRequiresPython(
  requires: readonly { readonly text: string; readonly place: Place }[],
  version: string,
): Failure | undefined {
  const wrong = requires.find(({ text }) => admitsVersion(text, version) === false);
  if (wrong === undefined) return undefined;
  const { file, span } = wrong.place;
  return failure(
    'requirements-conflict',
    `${file}:${span.line} requires Python ${wrong.text}, and toolchain.python gives ${version}`,
    {
      diagnostics: [
        {
          severity: 'error',
          code: 'requires-python',
          message: `requires Python ${wrong.text}, not ${version}`,
          ...wrong.place,
        },
      ],
      next: `change toolchain.python in parity.yaml, or requires-python in ${file}`,
    },
  );
}
