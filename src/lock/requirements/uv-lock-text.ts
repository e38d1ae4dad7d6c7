import { readToml, TomlDocument, type TomlPath } from '../../formats/toml.ts';
import { tableAt, tablesOf, textsOf, type Table } from '../../formats/table.ts';
import type { Span } from '../../core/span.ts';
import type { DependencyLock } from './dependency-lock.ts';
import type { Place } from './requirement.ts';

/** A package of the repository itself, as a uv.lock has it. */
export interface UvLockedProject {
  readonly name: string;
  /** Absent for one that its build computes. */
  readonly version: string | undefined;
  /** Relative to the lock file. */
  readonly folder: string;
  /** False where the lock file does not repeat what was asked for, as those of an early uv. */
  readonly hasMetadata: boolean;
  readonly asked: readonly UvAsked[];
  /** Its extras; undefined where the lock file does not name them. */
  readonly extras: readonly string[] | undefined;
  /** Where a value of its entry stands in the lock file. */
  readonly placeOf: (path: TomlPath) => Place;
}

/** One dependency as a uv.lock repeats it from a pyproject.toml. */
export interface UvAsked {
  readonly name: string;
  /** The dependency group; undefined for dependencies and extras. */
  readonly group: string | undefined;
  readonly extra: string | undefined;
  readonly specifier: string | undefined;
  /** The extras of it that are asked for, normalised and sorted. */
  readonly withExtras: readonly string[];
  /** True for what comes from a repository, an address or a folder: it has no version condition there. */
  readonly isSourced: boolean;
  /** Of its entry, for placeOf. */
  readonly path: TomlPath;
}

/** A condition on a package that nobody need ask for. */
export interface UvLimit extends Pick<UvAsked, 'name' | 'specifier' | 'isSourced'> {
  /** Where it stands, for placeOf. */
  readonly path: TomlPath;
}

/** What a uv.lock says besides packages. */
export interface UvLockHead {
  readonly requiresPython: string | undefined;
  /** The names of the workspace's members; of a lone project none. */
  readonly members: readonly string[];
  /** What the workspace's top limits and overrides. */
  readonly limits: Readonly<Record<'constraints' | 'overrides', readonly UvLimit[]>>;
  readonly placeOf: (path: TomlPath) => Place;
}

/** What stands above the packages of a uv.lock; undefined for one that can't be read. Pure. */
export function uvLockHead(lock: Pick<DependencyLock, 'file' | 'text'>): UvLockHead | undefined {
  const text = lock.text.split(/^\[\[package\]\]/m, 1)[0] ?? '';
  const document = readToml(text);
  if (!(document instanceof TomlDocument)) return undefined;
  const requires = document.value(['requires-python']);
  return {
    requiresPython: typeof requires === 'string' ? requires : undefined,
    members: textsOf(document.value(['manifest', 'members'])),
    limits: {
      constraints: limitsIn(document.value(['manifest', 'constraints']), ['manifest', 'constraints']),
      overrides: limitsIn(document.value(['manifest', 'overrides']), ['manifest', 'overrides']),
    },
    placeOf: (path) => placeIn(lock, document.spanOf(path), 0),
  };
}

/** The packages of the repository that a uv.lock holds. By blocks: a whole reader would take seconds for a file of megabytes. Pure. */
export function uvLockedProjects(lock: Pick<DependencyLock, 'file' | 'text'>): readonly UvLockedProject[] {
  const starts = [...lock.text.matchAll(/^\[\[package\]\]/gm)].map(({ index }) => index);
  return starts.flatMap((start, at): readonly UvLockedProject[] => {
    const block = lock.text.slice(start, starts[at + 1] ?? lock.text.length);
    const folder = /^source = \{ (?:editable|directory|virtual) = "([^"]*)" \}/m.exec(block)?.[1];
    const document = folder === undefined ? undefined : readToml(block);
    if (folder === undefined || !(document instanceof TomlDocument)) return [];
    const entry = tablesOf(document.root['package'])[0] ?? {};
    const { name, version } = entry;
    if (typeof name !== 'string') return [];
    const metadata = tableAt(entry, 'metadata');
    const linesAbove = lock.text.slice(0, start).split('\n').length - 1;
    return [
      {
        name,
        version: typeof version === 'string' ? version : undefined,
        folder,
        // One that asks for nothing has nothing to repeat.
        hasMetadata: metadata !== undefined || !/^(?:dependencies = |\[package\.)/m.test(block),
        asked: askedIn(metadata),
        extras: Array.isArray(metadata?.['provides-extras']) ? textsOf(metadata['provides-extras']) : undefined,
        placeOf: (path) => placeIn(lock, document.spanOf(['package', 0, ...path]), linesAbove),
      },
    ];
  });
}

function limitsIn(list: unknown, path: TomlPath): readonly UvLimit[] {
  return tablesOf(list).flatMap((item, index): readonly UvLimit[] => {
    const { name, specifier } = item;
    if (typeof name !== 'string') return [];
    return [
      {
        name,
        specifier: typeof specifier === 'string' ? specifier : undefined,
        isSourced: sourceKeys.some((key) => key in item),
        path: [...path, index],
      },
    ];
  });
}

const sourceKeys = ['git', 'url', 'path', 'editable', 'directory', 'virtual'];

function askedIn(metadata: Table | undefined): readonly UvAsked[] {
  const groups = tableAt(metadata, 'requires-dev') ?? {};
  const lists: readonly (readonly [group: string | undefined, list: unknown, path: TomlPath])[] = [
    [undefined, metadata?.['requires-dist'], ['metadata', 'requires-dist']],
    ...Object.entries(groups).map(
      ([group, list]) => [group, list, ['metadata', 'requires-dev', group] as TomlPath] as const,
    ),
  ];
  return lists.flatMap(([group, list, path]) =>
    tablesOf(list).flatMap((item, index): readonly UvAsked[] => {
      const { name, specifier, marker } = item;
      if (typeof name !== 'string') return [];
      const extra = typeof marker === 'string' ? /\bextra == '([^']+)'/.exec(marker)?.[1] : undefined;
      const isSourced = sourceKeys.some((key) => key in item);
      return [
        {
          name,
          group,
          extra: group === undefined ? extra : undefined,
          specifier: typeof specifier === 'string' ? specifier : undefined,
          withExtras: textsOf(item['extras']).toSorted(),
          isSourced,
          path: [...path, index],
        },
      ];
    }),
  );
}

function placeIn({ file, text }: Pick<DependencyLock, 'file' | 'text'>, span: Span, linesAbove: number): Place {
  const placed = { ...span, line: span.line + linesAbove, endLine: span.endLine + linesAbove };
  return { file, span: placed, sourceLine: text.split(/\r?\n/)[placed.line - 1] ?? '' };
}
