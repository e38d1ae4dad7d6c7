import { posix } from 'node:path';
import { placesOf, type Places } from '../../formats/places.ts';
import type { FileDeclarations, Declaration, Reader, IncludedFile, SourceFile } from '../declaration.ts';
import { requirementDeclaration } from '../requirement.ts';

/** requirements*.txt, *.in and constraints files, as pip reads them (https://pip.pypa.io/en/stable/reference/requirements-file-format). */
export const readRequirementsFile: Reader = ({ path, text }: SourceFile): FileDeclarations => {
  const places = placesOf(text);
  const declarations: Declaration[] = [];
  const references: IncludedFile[] = [];
  const problems: FileDeclarations['problems'][number][] = [];
  const isConstraints = /constraints?[^/]*$/i.test(path);
  for (const { start, line } of logicalLines(text)) {
    const option = /^\s*(--?[A-Za-z][\w-]*)/.exec(line)?.[1];
    const include = option === undefined ? undefined : included(path, line, start, places);
    if (include !== undefined) references.push(include);
    if (option !== undefined || line.trim() === '') continue;
    const requirement = line.replace(/\s+--(?:hash|config-settings|global-option|install-option)(?:[=\s]|$).*$/s, '');
    const how = isConstraints ? 'a constraint' : 'a requirement';
    const declaration = requirementDeclaration(requirement, { places, offset: start, role: 'install', how });
    // A path or an address has no name that could be held against the lock.
    if (declaration !== undefined) declarations.push(declaration);
    else if (!/[/\\:]/.test(requirement))
      problems.push({
        message: `no requirement: ${requirement.trim()}`,
        span: places.span(start, start + requirement.trimEnd().length),
      });
  }
  // Prose that is called requirements.txt or constraints.txt, as documentation has it.
  if (problems.length > Math.max(declarations.length, 2))
    return { declarations: [], commands: [], references: [], problems: [] };
  return { declarations, commands: [], references, problems };
};

/** Lines without comments, continued ones joined: the characters that join are blanks, so that every character keeps its place. */
function* logicalLines(text: string): Generator<{ readonly start: number; readonly line: string }> {
  const continued = text.replace(/^\uFEFF/, ' ').replace(/\\\r?\n/g, (join) => ' '.repeat(join.length));
  let start = 0;
  for (const line of continued.split('\n')) {
    yield { start, line: line.replace(/\r$/, '').replace(/(?:^|\s)#.*$/, '') };
    start += line.length + 1;
  }
}

function included(path: string, line: string, start: number, places: Places): IncludedFile | undefined {
  const match = /^\s*(?:(-r|--requirement)|(-c|--constraint))(?:\s*=\s*|\s*)(\S+)/.exec(line);
  const [whole = '', , constraint, name] = match ?? [];
  if (name === undefined || /:\/\//.test(name) || name.startsWith('-')) return undefined;
  const from = start + whole.length - name.length;
  return {
    path: posix.join(posix.dirname(path), name),
    as: constraint === undefined ? 'requirements' : 'constraints',
    span: places.span(from, from + name.length),
  };
}
