import { posix } from 'node:path';
import { cut, rangeInSource, type MappedText } from '../../formats/mapped-text.ts';
import { placesOf, type Places } from '../../formats/places.ts';
import {
  includedBy,
  plainRequirement,
  requirementsLines,
  type RequirementsOption,
} from '../../formats/requirements-file.ts';
import type { FileDeclarations, Declaration, Reader, IncludedFile, SourceFile } from '../declaration.ts';
import { eggDeclaration } from '../egg.ts';
import { requirementDeclaration } from '../requirement.ts';

/** requirements*.txt, *.in and constraints files, as pip reads them (https://pip.pypa.io/en/stable/reference/requirements-file-format). */
export const readRequirementsFile: Reader = ({ path, text }: SourceFile): FileDeclarations => {
  const places = placesOf(text);
  const declarations: Declaration[] = [];
  const references: IncludedFile[] = [];
  const problems: FileDeclarations['problems'][number][] = [];
  const isConstraints = /constraints?[^/]*$/i.test(path);
  const how = isConstraints ? 'a constraint' : 'a requirement';
  for (const line of requirementsLines(text)) {
    const whole = extentOf(line.mapped);
    const tagged = eggDeclaration(line.mapped, { source: { text, places }, whole, role: 'install', how });
    if (tagged?.value !== undefined) {
      declarations.push(tagged);
      continue;
    }
    if (line.kind === 'option' && /^--?[A-Za-z]/.test(line.name)) {
      const include = included(path, line, places);
      if (include !== undefined) references.push(include);
      continue;
    }
    const mapped = line.kind === 'option' ? line.mapped : plainRequirement(line);
    const read = requirementDeclaration(mapped.text, {
      places: placesOf(mapped.text),
      offset: 0,
      role: 'install',
      how,
    });
    // A path or an address has no name that could be held against the lock.
    if (read !== undefined) {
      const { column, endColumn } = read.span;
      const [start, end] = extentOf(cut(mapped, column - 1, endColumn - 1));
      declarations.push({ ...read, ...rangeInSource({ text, places }, start, end) });
    } else if (!/[/\\:]/.test(mapped.text))
      problems.push({ message: `no requirement: ${mapped.text}`, span: places.span(...extentOf(mapped)) });
  }
  // Prose that is called requirements.txt or constraints.txt, as documentation has it.
  if (problems.length > Math.max(declarations.length, 2))
    return { declarations: [], commands: [], references: [], problems: [] };
  return { declarations, commands: [], references, problems };
};

/** From the first character to the last, with what joins a continued line. */
function extentOf({ offsets }: MappedText): readonly [start: number, end: number] {
  return [offsets[0] ?? 0, (offsets.at(-1) ?? -1) + 1];
}

function included(path: string, option: RequirementsOption, places: Places): IncludedFile | undefined {
  const as = includedBy(option);
  const name = /^\S+/.exec(option.value.text)?.[0];
  if (as === undefined || name === undefined || /:\/\//.test(name) || name.startsWith('-')) return undefined;
  return {
    path: posix.join(posix.dirname(path), name),
    as,
    span: places.span(...extentOf(cut(option.value, 0, name.length))),
  };
}
