import { validRange } from 'semver';
import { createCollector, type Collector } from '../collector.ts';
import { jsonAt, readJson, type JsonValue } from '../json.ts';
import { pinsInstalled } from '../pinned-dependencies.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader, Declaration, Role, Subject } from '../declaration.ts';
import { rangeInSource, type Source } from '../../formats/mapped-text.ts';
import { shellCommands } from '../../formats/shell.ts';

/** package.json (https://docs.npmjs.com/cli/configuring-npm/package-json), with corepack's, volta's, pnpm's and yarn's keys. */
export const readPackageJson: Reader = ({ text }) => {
  const source = { text, places: placesOf(text) };
  const collector = createCollector();
  const { root, problem } = readJson(text);
  if (problem !== undefined)
    collector.problem({ message: `no JSON: ${problem.message}`, span: source.places.span(problem.at, problem.at) });
  const isPrivate = jsonAt(root, 'private')?.text === 'true';
  readEngines(root, source, collector);
  readDependencies(root, isPrivate, source, collector);
  for (const [name, script] of jsonAt(root, 'scripts')?.members ?? []) readScript(name.text, script, source, collector);
  return collector.collect();
};

function readEngines(root: JsonValue | undefined, source: Source, collector: Collector): void {
  for (const key of ['node', 'npm', 'pnpm', 'yarn', 'bun']) {
    const subject: Subject = key === 'node' ? 'node' : `npm:${key}`;
    collector.add(range(jsonAt(root, 'engines', key), { subject, role: 'floor', how: `engines.${key}` }, source));
    collector.add(range(jsonAt(root, 'volta', key), { subject, role: 'install', how: `volta.${key}` }, source));
  }
  for (const part of ['runtime', 'packageManager']) {
    const declared = jsonAt(root, 'devEngines', part);
    for (const one of declared?.kind === 'array' ? declared.items : [declared]) {
      const name = jsonAt(one, 'name')?.text;
      if (name === undefined) continue;
      const subject: Subject = name === 'node' ? 'node' : `npm:${name}`;
      collector.add(range(jsonAt(one, 'version'), { subject, role: 'install', how: `devEngines.${part}` }, source));
    }
  }
  const manager = jsonAt(root, 'packageManager');
  const match = /^(npm|pnpm|yarn|bun)@(\d[\w.-]*)/.exec(manager?.text ?? '');
  if (manager === undefined || match?.[1] === undefined || match[2] === undefined) return;
  const from = manager.start + match[1].length + 1;
  collector.add({
    subject: `npm:${match[1]}`,
    role: 'install',
    scheme: 'semver',
    value: match[2],
    ...rangeInSource(source, from, from + match[2].length),
    how: 'packageManager',
  });
}

function readDependencies(root: JsonValue | undefined, isPrivate: boolean, source: Source, collector: Collector): void {
  const tables: readonly (readonly [role: Role, ...path: string[]])[] = [
    [isPrivate ? 'install' : 'library', 'dependencies'],
    ['install', 'devDependencies'],
    ['library', 'peerDependencies'],
    [isPrivate ? 'install' : 'library', 'optionalDependencies'],
    ['install', 'overrides'],
    ['install', 'resolutions'],
    ['install', 'pnpm', 'overrides'],
  ];
  for (const [role, ...path] of tables) {
    const how = path.join('.');
    for (const [key, value] of jsonAt(root, ...path)?.members ?? []) {
      // `foo>bar`, `**/bar`, `bar@^2`: selectors of overrides; a nested object holds overrides below that package only.
      if (value.kind !== 'string' || !/^(?:@[\w.-]+\/)?[\w.-]+$/.test(key.text)) continue;
      const into = how === 'peerDependencies' ? collector : pinsInstalled(collector);
      into.add(range(value, { subject: npmSubject(key.text, value.text), role, how }, source));
    }
  }
}

/** The package that is meant: `npm:prettier@3` under another name is prettier. */
function npmSubject(name: string, npmSpec: string): Subject {
  const alias = /^npm:((?:@[\w.-]+\/)?[\w.-]+)/.exec(npmSpec)?.[1];
  return `npm:${alias ?? name}`;
}

function range(
  value: JsonValue | undefined,
  base: Pick<Declaration, 'subject' | 'role' | 'how'>,
  source: Source,
): Declaration | undefined {
  if (value === undefined || value.kind !== 'string') return undefined;
  const alias = /^npm:(?:@[\w.-]+\/)?[\w.-]+@/.exec(value.text)?.[0] ?? '';
  const specifier = value.text.slice(alias.length);
  const place = rangeInSource(source, value.start + alias.length, value.end);
  if (/^(?:latest|\*|)$/.test(specifier.trim())) return { ...base, scheme: 'semver', value: '', ...place };
  const isRange = validRange(specifier) !== null;
  return {
    ...base,
    scheme: 'semver',
    value: isRange ? specifier.trim() : undefined,
    ...(isRange ? {} : { unresolved: originOf(specifier) }),
    ...place,
  };
}

function originOf(npmSpec: string): string {
  if (npmSpec.startsWith('workspace:')) return 'a package of this workspace';
  if (npmSpec.startsWith('catalog:')) return 'the version of a catalog';
  if (/^(?:file|link|portal):|^[./~]/.test(npmSpec)) return 'installed from a path';
  if (/^(?:git|github|gitlab|bitbucket|https?|ssh)[:+@]|^[\w.-]+\/[\w.-]+/.test(npmSpec))
    return 'installed from an address';
  return `no version (${npmSpec})`;
}

function readScript(name: string, script: JsonValue, source: Source, collector: Collector): void {
  for (const { words, ignored } of shellCommands(script.text))
    collector.command({
      command: words.map(({ text }) => text).join(' '),
      by: 'npm-script',
      where: name,
      span: source.places.span(script.start, script.end),
      ...(ignored === undefined ? {} : { failureIgnored: ignored }),
    });
}
