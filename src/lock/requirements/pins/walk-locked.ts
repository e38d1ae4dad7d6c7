import { evaluateMarker, type MarkerEnvironment } from '../../../formats/evaluate-marker.ts';
import { normalisedName } from '../../../formats/package-name.ts';
import { readRequirement } from '../../../formats/requirement.ts';
import { admitsVersion } from '../../../formats/version-specifier.ts';

/** A package of a lock file that says what it needs itself. */
export interface LockedNode {
  readonly name: string;
  readonly version: string;
  /** PEP 440; the Python that it runs on. */
  readonly python?: string;
  /** What it needs with these extras, as PEP 508 lines. */
  readonly needs: (extras: ReadonlySet<string>) => readonly string[];
}

/**
 * Which packages of a lock file an environment installs, from what is asked for at first. For lock files that do not say of each package who
 * asks for it. Pure.
 */
export function walkLocked<Node extends LockedNode>(
  roots: readonly string[],
  nodes: readonly Node[],
  environment: MarkerEnvironment,
): readonly Node[] {
  const byName = new Map<string, Node[]>();
  for (const node of nodes) byName.set(node.name, [...(byName.get(node.name) ?? []), node]);
  const python = environment.values['python_full_version'] ?? '';
  const taken = new Map<Node, Set<string>>();
  // With the extras of whoever needs it: poetry before 2 writes `extra == "socks"` to what an extra brings.
  const queue = roots.map((line) => ({ line, by: environment.extras }));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { requirement } = readRequirement(next.line);
    if (requirement === undefined) continue;
    if (evaluateMarker(requirement.marker?.text ?? '', { ...environment, extras: next.by }) === false) continue;
    const fitting = (byName.get(normalisedName(requirement.name.text)) ?? []).filter(
      (node) => node.python === undefined || admitsVersion(node.python, python) !== false,
    );
    const specifier = requirement.specifier?.text ?? '';
    const node = fitting.find(({ version }) => admitsVersion(specifier, version) === true) ?? fitting[0];
    if (node === undefined) continue;
    const before = taken.get(node);
    const extras = new Set([...(before ?? []), ...requirement.extras.map(({ text }) => normalisedName(text))]);
    if (before !== undefined && before.size === extras.size) continue;
    taken.set(node, extras);
    queue.push(...node.needs(extras).map((line) => ({ line, by: extras })));
  }
  return [...taken.keys()];
}
