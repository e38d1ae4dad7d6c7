import type { Rule } from '../audit.ts';
import { uncheckedFolders } from '../ui/unchecked-folders.ts';

/** PD025. */
export const typesUnchecked: Rule = {
  id: 'PD025',
  name: 'types-unchecked',
  severity: 'warning',
  sentence: 'A UI has a tsconfig.json, and no step of the pipeline (so no pre-push hook either) checks its types.',
  check: ({ ui, pipeline, project }) =>
    pipeline === undefined
      ? []
      : uncheckedFolders(ui.typedFolders, pipeline, project).map(({ dir, path, command }) => ({
          confidence: 'medium',
          topic: 'file',
          message: `${path} is there, and no step runs tsc`,
          location: { path, span: { line: 1, column: 1, endLine: 1, endColumn: 2 }, raw: '', note: 'the whole file' },
          related: [],
          hint: typesStep(dir, command, project),
        })),
};

/** The step to add to parity.yaml. */
function typesStep(dir: string, command: string, project: string): string {
  const cwd = project === '.' ? dir : dir.replace(`${project}/`, '');
  const at = cwd === '.' || dir === project ? '' : `cwd: ${JSON.stringify(cwd)}, `;
  return `add to parity.yaml, after the step that installs: - { name: ui-types, ${at}run: ${command} }`;
}
