import type { Pin } from './declared.ts';
import { decision, placeText, type Decision } from './decision.ts';
import { referencePins } from './reference.ts';
import { normalisedName } from '../../formats/package-name.ts';
import { admits, parseRequirement } from './requirement.ts';
import type { Declared } from './sources.ts';

/** What decides the tools' versions. */
export interface ToolFacts {
  /** Packages that the steps call. */
  readonly packages: readonly string[];
  /** Requirement lines that stand for no file: poetry's, setup.cfg's, hooks' companions. */
  readonly lines: readonly string[];
  readonly declared: readonly Declared[];
  readonly pins: readonly Pin[];
  /** Packages that only hooks run. */
  readonly hooked: readonly string[];
  /** True for a package that a lock file of the repo holds. */
  readonly isLocked: (name: string) => boolean;
  /** True where the reference lock's versions stand for those that the repo leaves open: the layout that it is made for. */
  readonly isReference: boolean;
}

const sourceWords = {
  requirements: 'the requirements pin it',
  'lock-file': 'the lock file has it',
  ci: 'CI installs it',
  'pre-commit': 'pre-commit runs it',
} as const;

const priority: readonly Pin['source'][] = ['requirements', 'lock-file', 'ci', 'pre-commit'];

/** A tool that only hooks run passes at the hooks' version, whatever a lock file would install beside the code. */
const hookedPriority: readonly Pin['source'][] = ['requirements', 'ci', 'pre-commit', 'lock-file'];

/**
 * Writes the tools as requirement lines: each at the repo's own exact pin (what is installed with the code first, then what
 * CI installs, then the hooks' revs), else at the reference lock's. A pin that the repo's own ranges refuse is passed over.
 */
export function toolLines(facts: ToolFacts): {
  readonly tools: readonly string[];
  readonly decisions: readonly Decision[];
} {
  const decisions: Decision[] = [];
  const tools: string[] = [];
  const written = new Set<string>();
  for (const name of new Set(facts.packages)) {
    const declared = facts.declared.filter((line) => line.name === name);
    if (facts.isLocked(name)) {
      // What is declared comes with the lock file's source; the rest at its version, for it is a limit to all that is asked for besides.
      const pin = facts.pins.find((one) => one.name === name && one.source === 'lock-file');
      // A group that is not installed is no limit.
      const isElsewhere = declared.length > 0 && pin !== undefined;
      if (!declared.some((one) => one.installed)) tools.push(isElsewhere ? `${name}==${pin.version}` : name);
      written.add(name);
      continue;
    }
    const order = facts.hooked.includes(name) ? hookedPriority : priority;
    const chosen = choose(name, declared, facts, order);
    decisions.push(...chosen.decisions);
    const line = facts.lines.find((text) => parseRequirement(text)?.name === name);
    const installed = declared.some((one) => one.installed);
    if (chosen.version !== undefined) tools.push(`${name}${extrasOf(line)}==${chosen.version}`);
    else if (line !== undefined) tools.push(line);
    else if (!installed) {
      tools.push(name);
      decisions.push(
        decision(name, 'any version', 'nothing in the repo asks for a version; the lock takes the newest that fits'),
      );
    }
    if (chosen.version !== undefined || line !== undefined) written.add(name);
  }
  for (const line of facts.lines) {
    const requirement = parseRequirement(line);
    if (requirement === undefined || written.has(requirement.name)) continue;
    if (requirement.marker === undefined) written.add(requirement.name);
    tools.push(line);
  }
  return { tools: [...new Set(tools)], decisions };
}

function choose(
  name: string,
  declared: readonly Declared[],
  { pins, isReference }: ToolFacts,
  order: readonly Pin['source'][],
): { readonly version: string | undefined; readonly decisions: readonly Decision[] } {
  const ranges = declared.filter((line) => line.installed && line.exact === undefined && line.marker === undefined);
  const refusing = (version: string): Declared | undefined =>
    ranges.find(({ specifier }) => !admits(specifier, version));
  const candidates = [
    // What is installed decides before a file that is only read.
    ...[true, false].flatMap((installed) =>
      declared.flatMap((line): Pin[] =>
        line.exact === undefined || line.marker !== undefined || line.installed !== installed
          ? []
          : [{ name, version: line.exact, file: line.file, line: line.line, source: 'requirements' }],
      ),
    ),
    ...order.flatMap((source) => pins.filter((pin) => pin.name === name && pin.source === source)),
  ];
  const chosen = candidates.find(({ version }) => refusing(version) === undefined);
  if (chosen === undefined) {
    const reference = isReference ? referencePins[name] : undefined;
    if (reference === undefined) return { version: undefined, decisions: [] };
    const refused = refusing(reference);
    if (refused !== undefined) {
      const why = `${placeText(refused)} asks for ${refused.text}, which the reference lock's ${reference} does not meet`;
      return { version: undefined, decisions: [decision(name, refused.text, why, { places: [refused] })] };
    }
    return { version: reference, decisions: [decision(name, reference, "the reference lock's; the repo pins none")] };
  }
  const others = candidates.filter(({ version }) => version !== chosen.version);
  const why = `${sourceWords[chosen.source]}: ${placeText(chosen)}`;
  if (others.length === 0)
    return { version: chosen.version, decisions: [decision(name, chosen.version, why, { places: [chosen] })] };
  const disagreeing = others.map((pin) => `${placeText(pin)} has ${pin.version}`).join(', ');
  const byHook = order === hookedPriority && chosen.source === 'pre-commit';
  const rule = byHook
    ? 'nothing but the hooks runs it'
    : 'what is installed with the code counts before CI, and CI before hooks';
  const more = `${why}; but ${disagreeing}; ${rule}`;
  return {
    version: chosen.version,
    decisions: [decision(name, chosen.version, more, { severity: 'warning', places: [chosen, ...others] })],
  };
}

function extrasOf(line: string | undefined): string {
  return /^[A-Za-z0-9._-]+\s*(\[[^\]]*\])/.exec(line ?? '')?.[1] ?? '';
}

const checkTool =
  /^(?:black|flake8(?:-.*)?|pep8-naming|mypy|ruff|isort|pytest(?:-.*)?|coverage|hypothesis|types-.+|.+-stubs)$/;

/** What of CI's `pip install` words belongs to checking, as pins and as lines for what nothing else brings. */
export function fromInstalls(
  installs: readonly { readonly text: string; readonly file: string; readonly line: number }[],
): { readonly pins: readonly Pin[]; readonly companions: readonly string[] } {
  const pins: Pin[] = [];
  const companions: string[] = [];
  for (const { text, file, line } of installs) {
    const requirement = parseRequirement(text);
    if (requirement === undefined || !checkTool.test(normalisedName(requirement.name))) continue;
    if (requirement.exact !== undefined)
      pins.push({ name: requirement.name, version: requirement.exact, file, line, source: 'ci' });
    if (/^(?:pytest-|flake8-|pep8-naming|types-|hypothesis)|-stubs$/.test(requirement.name))
      companions.push(requirement.text);
  }
  return { pins, companions };
}
