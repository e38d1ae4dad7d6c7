import { tableAt, textsOf } from '../../formats/table.ts';
import { tomlTable } from '../../formats/toml.ts';

/** The minor versions of Python that a pyproject.toml names as supported: `3.11` of `Programming Language :: Python :: 3.11`. */
export function supportedPythons(pyproject: string | undefined): readonly string[] {
  const classifiers = textsOf(tableAt(tomlTable(pyproject), 'project')?.['classifiers']);
  return classifiers.flatMap((each) => /^Programming Language :: Python :: (\d+\.\d+)$/.exec(each.trim())?.[1] ?? []);
}
