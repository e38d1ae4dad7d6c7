import { posix } from 'node:path';
import { normalisedName } from '../../formats/package-name.ts';
import { readRequirement } from '../../formats/requirement.ts';
import { sameRange, sameSpecifier } from '../../formats/same-specifier.ts';
import { tableAt, tablesOf, textsOf } from '../../formats/table.ts';
import { readToml, TomlDocument, type TomlPath } from '../../formats/toml.ts';
import { equalVersions, readVersion } from '../../formats/version.ts';
import type { DependencyLock } from './dependency-lock.ts';
import type { Place } from './requirement.ts';
import {
  uvLockHead,
  uvLockedProjects,
  type UvAsked,
  type UvLimit,
  type UvLockedProject,
  type UvLockHead,
} from './uv-lock-text.ts';

/** Something that a lock file and its manifest do not agree on, at the place that a person would change. */
export interface LockDifference extends Place {
  /** What the lock file does, to stand after its name: `does not have attrs`. */
  readonly says: string;
  /** True for a name that the lock file does not have at all. */
  readonly isMissing: boolean;
}

/**
 * Where the pyproject.toml files of a uv.lock's projects ask for something else than it was made for, as far as that can be told without uv: names,
 * version conditions, versions of the projects, requires-python. What a build computes, and markers, are uv's to compare. Empty where all is as it
 * was. Pure.
 */
export function uvLockDifferences(lock: DependencyLock): readonly LockDifference[] {
  const found: LockDifference[] = [];
  const head = uvLockHead(lock);
  const pythons: { readonly text: string; readonly place: Place }[] = [];
  for (const project of uvLockedProjects(lock)) {
    const file = posix.join(posix.dirname(lock.file), project.folder, 'pyproject.toml');
    const text = lock.manifests.get(file);
    const document = text === undefined ? undefined : readToml(text);
    if (text === undefined || !(document instanceof TomlDocument)) continue;
    const lines = text.split(/\r?\n/);
    const placeOf = (path: TomlPath): Place => {
      const span = document.spanOf(path);
      return { file, span, sourceLine: lines[span.line - 1] ?? '' };
    };
    const renamed = nameDifference(project, document, placeOf);
    if (renamed !== undefined) {
      found.push(renamed);
      continue;
    }
    found.push(...versionDifference(project, document, placeOf), ...extraDifferences(project, document, placeOf));
    if (project.folder === '.' && head !== undefined) found.push(...limitDifferences(lock, head, document, placeOf));
    // A lock file of an early uv does not repeat what was asked for.
    if (project.hasMetadata) found.push(...askedDifferences(project, document, placeOf));
    const requires = document.value(['project', 'requires-python']);
    const isMember = head?.members.includes(project.name) === true || project.folder === '.';
    if (isMember && typeof requires === 'string')
      pythons.push({ text: requires, place: placeOf(['project', 'requires-python']) });
  }
  found.push(...pythonDifference(head?.requiresPython, pythons));
  // A group that is included in others is looked at with each of them.
  const key = ({ file, span, says }: LockDifference): string => `${file}:${span.line}:${span.column} ${says}`;
  return [...new Map(found.map((one) => [key(one), one])).values()];
}

function pythonDifference(
  locked: string | undefined,
  asked: readonly { readonly text: string; readonly place: Place }[],
): readonly LockDifference[] {
  const [first] = asked;
  const texts = asked.map(({ text }) => text);
  if (first === undefined || locked === undefined || sameRange(texts, locked) !== false) return [];
  return [{ ...first.place, says: `was made for Python ${locked}, not ${texts.join(', ')}`, isMissing: false }];
}

/**
 * The first dependency that a uv.lock does not know, or else the first other difference that can be told without uv. With `onlyNames`, nothing but a
 * missing name, which needs no uv to be a mistake. Pure.
 */
export function undeclaredInUvLock(
  lock: DependencyLock,
  { onlyNames = false } = {},
): (Place & { readonly message: string }) | undefined {
  const all = uvLockDifferences(lock);
  const found = all.find(({ isMissing }) => isMissing) ?? (onlyNames ? undefined : all[0]);
  if (found === undefined) return undefined;
  const { says, file, span, sourceLine } = found;
  return { file, span, ...(sourceLine === undefined ? {} : { sourceLine }), message: `${lock.file} ${says}` };
}

function nameDifference(
  { name }: UvLockedProject,
  document: TomlDocument,
  placeOf: (path: TomlPath) => Place,
): LockDifference | undefined {
  const own = document.value(['project', 'name']);
  if (typeof own !== 'string' || normalisedName(own) === name) return undefined;
  return { ...placeOf(['project', 'name']), says: `was made for ${name}, not ${own}`, isMissing: false };
}

function versionDifference(
  { name, version }: UvLockedProject,
  document: TomlDocument,
  placeOf: (path: TomlPath) => Place,
): readonly LockDifference[] {
  const stated = document.value(['project', 'version']);
  if (
    typeof stated !== 'string' ||
    version === undefined ||
    readVersion(stated) === undefined ||
    equalVersions(stated, version)
  )
    return [];
  const says = `was made for ${name} ${version}, not ${stated}`;
  return [{ ...placeOf(['project', 'version']), says, isMissing: false }];
}

/** Extras that the lock file does not name, and those that it names and are gone. */
function extraDifferences(
  { extras, placeOf: placeInLock }: UvLockedProject,
  document: TomlDocument,
  placeOf: (path: TomlPath) => Place,
): readonly LockDifference[] {
  if (extras === undefined || isComputedByBuild(document)) return [];
  const path: TomlPath = ['project', 'optional-dependencies'];
  const own = document.keys(path).map((name) => ({ name, known: normalisedName(name) }));
  return [
    ...own
      .filter(({ known }) => !extras.includes(known))
      .map(({ name }) => ({ ...placeOf([...path, name]), says: `does not have the extra ${name}`, isMissing: false })),
    ...extras.flatMap((name, index) =>
      own.some(({ known }) => known === name)
        ? []
        : [
            {
              ...placeInLock(['metadata', 'provides-extras', index]),
              says: `has the extra ${name}, which is there no more`,
              isMissing: false,
            },
          ],
    ),
  ];
}

/** What the top's pyproject.toml limits or overrides otherwise than the lock file was made with. */
function limitDifferences(
  { manifests, file }: DependencyLock,
  head: UvLockHead,
  document: TomlDocument,
  placeOf: (path: TomlPath) => Place,
): readonly LockDifference[] {
  // uv.toml may hold them in its place.
  if (manifests.has(posix.join(posix.dirname(file), 'uv.toml'))) return [];
  return (['constraints', 'overrides'] as const).flatMap((kind): readonly LockDifference[] => {
    const list: TomlPath = ['tool', 'uv', kind === 'constraints' ? 'constraint-dependencies' : 'override-dependencies'];
    const slot = { group: undefined, extra: undefined };
    const own = document.items(list).flatMap((path) => declaredAt(document, path, slot));
    const same = (one: UvLimit, other: UvLimit): boolean =>
      one.name === other.name && (one.isSourced || other.isSourced || sameSpecifier(one.specifier, other.specifier));
    return [
      ...own
        .filter((one) => !head.limits[kind].some((other) => same(one, other)))
        .map((one) => ({
          ...placeOf(one.path),
          says: `was made without ${spelt(one)} among its ${kind}`,
          isMissing: false,
        })),
      ...head.limits[kind]
        .filter((one) => !own.some((other) => same(one, other)))
        .map((one) => ({
          ...head.placeOf(one.path),
          says: `was made with ${one.name}${one.specifier ?? ''} among its ${kind}`,
          isMissing: false,
        })),
    ];
  });
}

/** A dependency of a pyproject.toml. */
type Declared = UvAsked;

function askedDifferences(
  project: UvLockedProject,
  document: TomlDocument,
  placeOf: (path: TomlPath) => Place,
): readonly LockDifference[] {
  const isComputed = isComputedByBuild(document);
  const declared = declaredIn(document).filter(({ group }) => group !== undefined || !isComputed);
  const known = project.asked.filter(({ group }) => group !== undefined || !isComputed);
  const sameSlot = (one: Pick<UvAsked, 'name' | 'group' | 'extra'>, other: typeof one): boolean =>
    one.name === other.name && one.group === other.group && one.extra === other.extra;
  const found: LockDifference[] = [];
  for (const one of declared) {
    const entries = known.filter((each) => sameSlot(each, one));
    if (entries.some((each) => sameAsked(each, one))) continue;
    const isMissing = !project.asked.some(({ name }) => name === one.name);
    const [entry] = entries;
    const says =
      entry === undefined
        ? isMissing
          ? `does not have ${one.name}`
          : `does not have ${one.name} ${slotOf(one)}`
        : `was made for ${spelt(entry)}, not ${spelt(one)}${one.specifier === undefined ? ' in any version' : ''}`;
    found.push({ ...placeOf(one.path), says, isMissing });
  }
  for (const one of known) {
    if (declared.some((each) => sameSlot(each, one))) continue;
    const says = `has ${one.name} ${slotOf(one)}, which is not asked for there any more`;
    found.push({ ...project.placeOf(one.path), says, isMissing: false });
  }
  return found;
}

function sameAsked(one: UvAsked, other: UvAsked): boolean {
  if (one.withExtras.join() !== other.withExtras.join()) return false;
  return one.isSourced || other.isSourced || sameSpecifier(one.specifier, other.specifier);
}

function spelt({ name, withExtras, specifier = '' }: UvAsked): string {
  return `${name}${withExtras.length === 0 ? '' : `[${withExtras.join(',')}]`}${specifier}`;
}

function slotOf({ group, extra }: Pick<UvAsked, 'group' | 'extra'>): string {
  if (group !== undefined) return `in the group ${group}`;
  return extra === undefined ? 'as a dependency' : `in the extra ${extra}`;
}

/** Whether the dependencies are the build backend's to tell: uv then builds metadata, or reads another tool's table. */
function isComputedByBuild(document: TomlDocument): boolean {
  const dynamic = textsOf(document.value(['project', 'dynamic']));
  if (dynamic.some((name) => name === 'dependencies' || name === 'optional-dependencies')) return true;
  if (document.value(['project', 'name']) === undefined) return true;
  const hasPoetry = document.value(['tool', 'poetry']) !== undefined;
  return hasPoetry && document.value(['project', 'dependencies']) === undefined;
}

function declaredIn(document: TomlDocument): readonly Declared[] {
  const read = (list: TomlPath, slot: Pick<Declared, 'group' | 'extra'>): readonly Declared[] =>
    document.items(list).flatMap((path) => declaredAt(document, path, slot));
  const extras = document
    .keys(['project', 'optional-dependencies'])
    .flatMap((name) =>
      read(['project', 'optional-dependencies', name], { group: undefined, extra: normalisedName(name) }),
    );
  const groups = document
    .keys(['dependency-groups'])
    .flatMap((name) =>
      groupItems(document, name, []).flatMap((path) =>
        declaredAt(document, path, { group: normalisedName(name), extra: undefined }),
      ),
    );
  return [
    ...read(['project', 'dependencies'], { group: undefined, extra: undefined }),
    ...extras,
    ...groups,
    ...read(['tool', 'uv', 'dev-dependencies'], { group: 'dev', extra: undefined }),
  ];
}

/** The items of a group and of those that it includes. */
function groupItems(document: TomlDocument, name: string, above: readonly string[]): readonly TomlPath[] {
  if (above.includes(name)) return [];
  return document.items(['dependency-groups', name]).flatMap((path): readonly TomlPath[] => {
    const included = tableAt(document.value(path))?.['include-group'];
    if (typeof included !== 'string') return [path];
    const wanted = normalisedName(included);
    const other = document.keys(['dependency-groups']).find((each) => normalisedName(each) === wanted);
    return other === undefined ? [] : groupItems(document, other, [...above, name]);
  });
}

function declaredAt(
  document: TomlDocument,
  path: TomlPath,
  { group, extra }: Pick<Declared, 'group' | 'extra'>,
): readonly Declared[] {
  const { requirement } = readRequirement(document.text(path)?.mapped.text ?? '');
  if (requirement === undefined) return [];
  const name = normalisedName(requirement.name.text);
  return [
    {
      name,
      group,
      extra,
      specifier: requirement.specifier?.text,
      withExtras: requirement.extras.map(({ text }) => normalisedName(text)).toSorted(),
      isSourced: requirement.url !== undefined || hasSource(document, name),
      path,
    },
  ];
}

/** Whether `tool.uv.sources` takes it from elsewhere than an index; of one by marker that is not looked at closer. */
function hasSource(document: TomlDocument, name: string): boolean {
  const key = document.keys(['tool', 'uv', 'sources']).find((each) => normalisedName(each) === name);
  if (key === undefined) return false;
  const source = document.value(['tool', 'uv', 'sources', key]);
  return [tableAt(source), ...tablesOf(source)].some((each) => each !== undefined && !('index' in each));
}
