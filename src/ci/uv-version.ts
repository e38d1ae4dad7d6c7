import { posix } from 'node:path';
import { tableAt, textsOf } from '../formats/table.ts';
import { tomlTable } from '../formats/toml.ts';

type ReadText = (path: string) => string | undefined;

/**
 * The uv that a file of the repository asks for, as astral-sh/setup-uv reads its `version-file`: `required-version` of uv.toml and pyproject.toml, a
 * requirement on uv in pyproject.toml or a requirements file, .tool-versions. A version or a range; undefined where it names none. Pure.
 */
export function uvInFile(path: string, readText: ReadText): string | undefined {
  const text = readText(path);
  if (text === undefined) return undefined;
  const name = posix.basename(path);
  if (name === '.tool-versions') return /^uv\s+(\S+)/m.exec(text)?.[1];
  if (!name.endsWith('.toml')) return requirementOnUv(text.split(/\r?\n/));
  const root = tomlTable(text);
  const table = name === 'uv.toml' ? root : tableAt(root, 'tool', 'uv');
  const required = table?.['required-version'];
  if (typeof required === 'string') return required;
  const groups = Object.values(tableAt(root, 'dependency-groups') ?? {}).flatMap(textsOf);
  return requirementOnUv([...textsOf(tableAt(root, 'project')?.['dependencies']), ...groups]);
}

/** The uv that a repository requires, and the file that says so: setup-uv without inputs, and uv itself, take `required-version`. Pure. */
export function requiredUv(
  folder: string,
  readText: ReadText,
): { readonly said: string; readonly file: string } | undefined {
  for (const name of ['uv.toml', 'pyproject.toml']) {
    const file = posix.join(folder, name);
    const root = tomlTable(readText(file) ?? '');
    const required = (name === 'uv.toml' ? root : tableAt(root, 'tool', 'uv'))?.['required-version'];
    if (typeof required === 'string') return { said: required, file };
  }
  return undefined;
}

function requirementOnUv(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const version = /^uv\s*((?:==|~=|>=|<=|<|>)[^#;\\]+)/.exec(line.trim())?.[1]?.trim();
    if (version !== undefined) return version.replace(/^==\s*/, '');
  }
  return undefined;
}
