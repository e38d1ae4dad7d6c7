import { placesOf } from '../../formats/places.ts';
import { jsonAt, readJson } from '../json.ts';
import type { SourceFile } from '../declaration.ts';
import type { PlatformGap } from './facts.ts';

/**
 * The optional packages that an npm lock file's entries name and that it does not have (npm/cli#4828): npm wrote the file from a node_modules
 * that had those of one platform only. Empty for a file that can't be read, and for one of version 1, which does not say what is optional.
 */
export function platformGaps({ path, text }: SourceFile): readonly PlatformGap[] {
  const { root, problem } = readJson(text);
  const packages = problem === undefined ? (jsonAt(root, 'packages')?.members ?? []) : [];
  const known = new Set(packages.map(([key]) => key.text));
  const places = placesOf(text);
  return packages.flatMap(([key, entry]) =>
    // Of a package of the project's own, `npm ci` looks at each dependency, and another rule with it.
    !key.text.includes('node_modules/')
      ? []
      : (jsonAt(entry, 'optionalDependencies')?.members ?? []).flatMap(([name]): readonly PlatformGap[] =>
          isInstalled(name.text, key.text, known)
            ? []
            : [
                {
                  path,
                  span: places.span(name.start, name.end),
                  name: name.text,
                  by: key.text.slice(key.text.lastIndexOf('node_modules/') + 'node_modules/'.length),
                },
              ],
        ),
  );
}

/** Whether Node would find a package from the folder of another one. */
function isInstalled(name: string, from: string, known: ReadonlySet<string>): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (known.has(`${folder}/node_modules/${name}`)) return true;
    if (!folder.includes('/node_modules/')) return known.has(`node_modules/${name}`);
  }
}
