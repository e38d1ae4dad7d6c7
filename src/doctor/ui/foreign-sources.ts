import { placesOf } from '../../formats/places.ts';
import { jsonAt, readJson, type JsonValue } from '../json.ts';
import type { SourceFile } from '../declaration.ts';
import type { ForeignSource } from './facts.ts';

// Where a dependency comes from that package.json asks for by its address.
const codeHosts = /(?:^|\.)(?:github\.com|gitlab\.com|bitbucket\.org|githubusercontent\.com)$/;
const ownMachine = /^(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\]|host\.docker\.internal)(?::\d+)?$/;

/**
 * The packages of an npm lock file whose `resolved` leads to another host than the registry in use: what .npmrc names (`npmrc`, the text of
 * those that hold for the file), and the one that most packages come from. An address of the machine itself is never a registry that others have.
 * Empty for a file that can't be read.
 */
export function foreignSources({ path, text }: SourceFile, npmrc = ''): readonly ForeignSource[] {
  const { root, problem } = readJson(text);
  if (problem !== undefined) return [];
  const named = [...npmrc.matchAll(/^\s*(?:@[\w.-]+:)?registry\s*=\s*["']?(\S+?)["']?\s*$/gm)];
  const declared = new Set(named.flatMap(([, address = '']) => hostOf(address) ?? []));
  const asked = addressesAsked(root);
  const sources = entriesOf(root).flatMap(({ name, resolved }) => {
    const host = resolved === undefined ? undefined : hostOf(resolved.text);
    return resolved === undefined || host === undefined || asked.has(resolved.text) ? [] : [{ name, resolved, host }];
  });
  const usual = mostOf(sources.map(({ host }) => host));
  const places = placesOf(text);
  return sources.flatMap(({ name, resolved, host }): readonly ForeignSource[] => {
    const isKnown = declared.has(host) || usual.has(host) || codeHosts.test(host);
    const isOwnMachine = ownMachine.test(host);
    if (isKnown && !isOwnMachine) return [];
    return [{ path, span: places.span(resolved.start, resolved.end), raw: resolved.text, name, host, isOwnMachine }];
  });
}

interface LockEntry {
  readonly name: string;
  readonly resolved: JsonValue | undefined;
}

function entriesOf(root: JsonValue | undefined): readonly LockEntry[] {
  const packages = jsonAt(root, 'packages')?.members ?? [];
  if (packages.length > 0)
    return packages.map(([key, entry]) => ({
      name: key.text.slice(key.text.lastIndexOf('node_modules/') + 'node_modules/'.length),
      resolved: jsonAt(entry, 'resolved'),
    }));
  return (jsonAt(root, 'dependencies')?.members ?? []).map(([key, entry]) => ({
    name: key.text,
    resolved: jsonAt(entry, 'resolved'),
  }));
}

/** Addresses that a package of the project asks for itself: they are meant. */
function addressesAsked(root: JsonValue | undefined): ReadonlySet<string> {
  const own = (jsonAt(root, 'packages')?.members ?? []).filter(([key]) => !key.text.includes('node_modules/'));
  return new Set(
    own.flatMap(([, entry]) =>
      ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((table) =>
        (jsonAt(entry, table)?.members ?? []).map(([, wanted]) => wanted.text),
      ),
    ),
  );
}

function hostOf(address: string): string | undefined {
  return /^https?:\/\/(?:[^/@]*@)?([^/]+)/.exec(address)?.[1]?.toLowerCase();
}

/** The hosts that most come from: several when equally many do, of which none is the odd one out. */
function mostOf(hosts: readonly string[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const host of hosts) counts.set(host, (counts.get(host) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return new Set([...counts].filter(([, count]) => count === most).map(([host]) => host));
}
