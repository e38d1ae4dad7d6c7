import { admitsVersion } from '../formats/version-specifier.ts';

/** What says which Pythons a project runs on. */
export interface PythonEvidence {
  /** The locked Python, `3.11.2`. */
  readonly locked: string;
  /** The project's declaring files by name: pyproject.toml, setup.cfg, setup.py, mypy.ini; absent ones left out. */
  readonly files: Readonly<Record<string, string>>;
}

/** How an optional type is written: `T | None` needs Python 3.10 where annotations are evaluated. */
export type UnionSyntax = 'pipe' | 'optional';

// requires-python = ">=3.9" · python_requires='>=3.9' · poetry: python = "^3.9" · python_version = 3.9 · target-version = "py39"
const ranges = /^\s*(?:requires-python|python_requires|python)\s*=\s*["']?([~^<>=!][^"'#\n]*)/gm;
const versions = /^\s*(?:python_version|target-version)\s*=\s*\[?\s*["']?(?:py)?3\.?([6-9])\b/m;
const before310 = ['3.6.99', '3.7.99', '3.8.99', '3.9.99'];

/** `optional` as soon as anything says that the code also runs, or is checked, with a Python before 3.10. Pure. */
export function unionSyntax({ locked, files }: PythonEvidence): UnionSyntax {
  if (before310.some((old) => admitsVersion(`<=${old}`, locked))) return 'optional';
  for (const text of Object.values(files)) {
    if (versions.test(text)) return 'optional';
    for (const [, range = ''] of text.matchAll(ranges)) {
      const specifiers = range
        .replace(/[\^~](?=\d)/g, '>=')
        .trim()
        .replace(/,$/, '');
      if (before310.some((old) => admitsVersion(specifiers, old))) return 'optional';
    }
  }
  return 'pipe';
}
