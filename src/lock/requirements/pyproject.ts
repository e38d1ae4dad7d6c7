import type { Span } from '../../core/span.ts';
import { poetryDependency } from './poetry.ts';
import { normalisedName } from '../../formats/package-name.ts';
import { poetrySpecifier } from '../../formats/poetry-specifier.ts';
import { tableAt, type Table } from '../../formats/table.ts';
import { readToml, TomlDocument, type TomlPath, type TomlProblem } from '../../formats/toml.ts';

/** A dependency, or what stands in its place, with where it is written. */
export type Declared = { readonly span: Span } & (
  | { readonly kind: 'requirement'; readonly text: string }
  | { readonly kind: 'refused'; readonly message: string; readonly hint: string; readonly isSecret?: true }
  /** Setuptools' dynamic dependencies: a requirements file. */
  | { readonly kind: 'file'; readonly path: string }
  /** What only the build backend can tell: it is asked. */
  | { readonly kind: 'backend' }
  /** Poetry's path dependency: the folder of a project of its own. */
  | { readonly kind: 'path'; readonly path: string }
  /** `{include-group = "…"}`. */
  | { readonly kind: 'group'; readonly name: string }
);

/** What pyproject.toml or setup.cfg says about what a project needs. Names of extras and groups are normalised. */
export interface ProjectMetadata {
  /** Normalised; absent when it names no project. */
  readonly name?: string;
  readonly requiresPython?: { readonly text: string; readonly span: Span };
  /** False when the file holds settings of tools only. */
  readonly hasProject: boolean;
  readonly dependencies: readonly Declared[];
  readonly extras: ReadonlyMap<string, readonly Declared[]>;
  readonly groups: ReadonlyMap<string, readonly Declared[]>;
}

/** Reads what a pyproject.toml declares: PEP 621, dependency groups (PEP 735), poetry, setuptools' dynamic files. Pure. */
export function parsePyproject(text: string): ProjectMetadata | TomlProblem {
  const document = readToml(text);
  if (!(document instanceof TomlDocument)) return document;
  const groups = dependencyGroups(document);
  const project = tableAt(document.root, 'project');
  const poetry = tableAt(document.root, 'tool', 'poetry');
  // Poetry 2 lets both tables stand side by side; [project] is the one that counts then, and poetry's groups are added.
  const fromPoetry = poetry === undefined ? undefined : poetryMetadata(document, poetry);
  const allGroups = new Map([...(fromPoetry?.groups ?? []), ...groups]);
  if (project === undefined) {
    if (fromPoetry !== undefined) return { ...fromPoetry, groups: allGroups };
    return { hasProject: false, dependencies: [], extras: new Map(), groups: allGroups };
  }
  const extras = dynamic(project, 'optional-dependencies')
    ? (dynamicExtras(document) ?? fromPoetry?.extras)
    : lists(document, ['project', 'optional-dependencies']);
  const requires = project['requires-python'];
  const name = typeof project['name'] === 'string' ? { name: normalisedName(project['name']) } : {};
  return {
    ...name,
    ...(typeof requires === 'string'
      ? { requiresPython: { text: requires, span: document.spanOf(['project', 'requires-python']) } }
      : {}),
    hasProject: true,
    dependencies: [
      ...(dynamic(project, 'dependencies')
        ? dynamicDependencies(document, fromPoetry)
        : list(document, ['project', 'dependencies'])),
      // Extras that no file has are in setup.py or a plugin of the backend.
      ...(extras === undefined ? [backendSays(document)] : []),
    ],
    extras: extras ?? new Map(),
    groups: allGroups,
  };
}

function dynamic(project: Table, field: string): boolean {
  const fields = project['dynamic'];
  return Array.isArray(fields) && fields.includes(field);
}

function dynamicDependencies(document: TomlDocument, poetry: ProjectMetadata | undefined): readonly Declared[] {
  if (poetry !== undefined) return poetry.dependencies;
  const path = ['tool', 'setuptools', 'dynamic', 'dependencies', 'file'];
  const files = filesAt(document, path);
  if (files.length > 0) return files;
  return [backendSays(document)];
}

function backendSays(document: TomlDocument): Declared {
  return { kind: 'backend', span: document.spanOf(['project', 'dynamic']) };
}

/** Undefined when setuptools' settings name no file of them. */
function dynamicExtras(document: TomlDocument): ReadonlyMap<string, readonly Declared[]> | undefined {
  const base = ['tool', 'setuptools', 'dynamic', 'optional-dependencies'];
  const names = Object.keys(tableAt(document.value(base)) ?? {});
  if (names.length === 0) return undefined;
  return new Map(names.map((name) => [normalisedName(name), filesAt(document, [...base, name, 'file'])]));
}

function filesAt(document: TomlDocument, path: TomlPath): Declared[] {
  const value = document.value(path);
  if (typeof value === 'string') return [{ kind: 'file', path: value, span: document.spanOf(path) }];
  if (!Array.isArray(value)) return [];
  return value.map((file, index) => ({ kind: 'file', path: String(file), span: document.spanOf([...path, index]) }));
}

function dependencyGroups(document: TomlDocument): Map<string, readonly Declared[]> {
  return lists(document, ['dependency-groups']);
}

function lists(document: TomlDocument, path: TomlPath): Map<string, readonly Declared[]> {
  const names = Object.keys(tableAt(document.value(path)) ?? {});
  return new Map(names.map((name) => [normalisedName(name), list(document, [...path, name])]));
}

function list(document: TomlDocument, path: TomlPath): Declared[] {
  const value = document.value(path);
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [notAList(document.spanOf(path), path)];
  return value.map((item, index): Declared => {
    const span = document.spanOf([...path, index]);
    const group = tableAt(item)?.['include-group'];
    if (typeof item === 'string') return { kind: 'requirement', text: item, span };
    if (typeof group === 'string') return { kind: 'group', name: normalisedName(group), span };
    return notAList(span, path);
  });
}

function notAList(span: Span, path: TomlPath): Declared {
  const message = `${path.join('.')} must be a list of requirement strings`;
  return { kind: 'refused', span, message, hint: 'write: ["package>=1.0", "other==2.0"]' };
}

function poetryMetadata(document: TomlDocument, poetry: Table): ProjectMetadata {
  const base = ['tool', 'poetry'];
  const main = poetryTable(document, [...base, 'dependencies']);
  const groups = new Map<string, readonly Declared[]>();
  const dev = poetryTable(document, [...base, 'dev-dependencies']);
  if (dev.length > 0)
    groups.set(
      'dev',
      dev.map(({ declared }) => declared),
    );
  for (const name of Object.keys(tableAt(poetry['group']) ?? {})) {
    const entries = poetryTable(document, [...base, 'group', name, 'dependencies']);
    groups.set(normalisedName(name), [
      ...(groups.get(normalisedName(name)) ?? []),
      ...entries.map((one) => one.declared),
    ]);
  }
  const python = tableAt(poetry['dependencies'])?.['python'];
  const requires = typeof python === 'string' ? poetrySpecifier(python) : undefined;
  const extras = new Map<string, readonly Declared[]>();
  for (const [extra, members] of Object.entries(tableAt(poetry['extras']) ?? {})) {
    const wanted = Array.isArray(members) ? members.map((member) => normalisedName(String(member))) : [];
    extras.set(
      normalisedName(extra),
      main.filter((one) => wanted.includes(one.name)).map((one) => one.declared),
    );
  }
  return {
    ...(typeof poetry['name'] === 'string' ? { name: normalisedName(poetry['name']) } : {}),
    ...(requires !== undefined
      ? { requiresPython: { text: requires, span: document.spanOf([...base, 'dependencies', 'python']) } }
      : {}),
    hasProject: poetry['dependencies'] !== undefined || poetry['name'] !== undefined,
    dependencies: main.filter((one) => !one.optional).map((one) => one.declared),
    extras,
    groups,
  };
}

function poetryTable(
  document: TomlDocument,
  path: TomlPath,
): { readonly name: string; readonly optional: boolean; readonly declared: Declared }[] {
  return Object.entries(tableAt(document.value(path)) ?? {})
    .filter(([name]) => name !== 'python')
    .flatMap(([name, value]) =>
      poetryDependency(name, value).map((dependency) => {
        const span = document.spanOf([...path, name]);
        const declared: Declared =
          dependency.path !== undefined
            ? { kind: 'path', span, path: dependency.path }
            : dependency.text === undefined
              ? {
                  kind: 'refused',
                  span,
                  message: dependency.refused ?? "it can't be read",
                  hint: dependency.hint ?? 'publish it to your package index and ask for a version of it',
                }
              : { kind: 'requirement', text: dependency.text, span };
        return { name: normalisedName(name), optional: dependency.optional, declared };
      }),
    );
}
