import { poetrySpecifier } from '../formats/poetry-specifier.ts';
import { normalisedName } from '../formats/package-name.ts';
import type { Collector } from './collector.ts';
import type { Declaration, Role } from './declaration.ts';
import { rangeInSource } from '../formats/mapped-text.ts';
import { tomlRange, type TomlPath, type TomlDocument } from '../formats/toml.ts';

/** Keys of a dependency that say where it comes from instead of its version. */
const origins: Readonly<Record<string, string>> = {
  git: 'git',
  hg: 'mercurial',
  svn: 'subversion',
  url: 'an address',
  path: 'a path',
  file: 'an address',
};

/** Keys of a dependency that limit it to some Pythons or systems. */
const markers = ['markers', 'python', 'platform', 'python_version', 'sys_platform', 'os_name', 'platform_system'];

/**
 * A table of dependencies as poetry, pipenv and pixi have them: `name = "^1.2"`, `name = { version = "^1.2", … }`, `name = { git = … }`,
 * or a list of those. `python` in it is a floor.
 */
export function readDependencyTable(
  toml: TomlDocument,
  path: TomlPath,
  { role, how }: { readonly role: Role; readonly how: string },
  collector: Collector,
): void {
  for (const name of toml.keys(path)) {
    const alternatives = toml.items([...path, name]);
    for (const place of alternatives.length > 0 ? alternatives : [[...path, name]])
      collector.add(dependencyAt(toml, place, name, { role, how }));
  }
}

function dependencyAt(
  toml: TomlDocument,
  place: TomlPath,
  name: string,
  { role, how }: { readonly role: Role; readonly how: string },
): Declaration | undefined {
  const isPython = name.toLowerCase() === 'python';
  const marker = markers.flatMap((key) => {
    const text = toml.text([...place, key])?.mapped.text;
    return text === undefined ? [] : [/^(?:markers|python|platform)$/.test(key) ? text : `${key} ${text}`];
  });
  const base: Pick<Declaration, 'subject' | 'role' | 'scheme' | 'how' | 'condition'> = {
    subject: isPython ? 'python' : `pypi:${normalisedName(name)}`,
    role: isPython && role === 'library' ? 'floor' : role,
    scheme: 'pep440',
    how,
    ...(marker.length === 0 ? {} : { condition: marker.join(' and ') }),
  };
  const written = toml.text([...place, 'version']) ?? toml.text(place);
  if (written !== undefined) {
    const specifier = poetrySpecifier(written.mapped.text);
    const unresolved = specifier === undefined ? { unresolved: `alternatives (${written.mapped.text})` } : {};
    return { ...base, ...rangeInSource(toml.source, ...tomlRange(written)), value: specifier, ...unresolved };
  }
  for (const [key, origin] of Object.entries(origins)) {
    const from = toml.text([...place, key]);
    const tag = key === 'git' ? toml.text([...place, 'tag']) : undefined;
    const version = /^v?(\d+(?:\.\w+)+)$/.exec(tag?.mapped.text ?? '')?.[1];
    if (from !== undefined && tag !== undefined && version !== undefined)
      return { ...base, ...rangeInSource(toml.source, ...tomlRange(tag)), value: `==${version}` };
    if (from !== undefined)
      return {
        ...base,
        ...rangeInSource(toml.source, ...tomlRange(from)),
        value: undefined,
        unresolved: `installed from ${origin}`,
      };
  }
  return undefined;
}
