import type { Severity } from '../core/diagnostic.ts';
import type { FoundRemedy } from '../core/found-remedy.ts';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';
import { filesWord, snapshotsWord, testWord, type CommandFolder } from './command-words.ts';
import type { Matcher, Remedy } from './remedy.ts';

/** What is known of a failure. */
export interface FailureOutput {
  readonly diagnostics: readonly ToolDiagnostic[];
  /** The output, cleaned: no escapes, no line that is longer than any tool's. */
  readonly text: string;
  /** Where the remedies' commands are typed. */
  readonly commands?: CommandFolder;
  /** The name of the step that failed, when it had no network. */
  readonly offlineStep?: string;
}

/** A remedy with the entry that it comes from. */
export interface RemedyMatch {
  readonly remedy: FoundRemedy;
  readonly entry: Remedy;
  /** It failed for want of a network that the step does not have. */
  readonly isOffline: boolean;
}

/** The entries to look through: the team's own come before the catalogue's, and stand for those of the same id. */
export interface KnownRemedies {
  readonly catalogue: readonly Remedy[];
  readonly team?: readonly Remedy[];
}

// A name that is longer than this is no name to show in a sentence.
const longestName = 60;

/**
 * The remedies for what a failing step's output shows, the most telling first, each once. Of the entries that fit a diagnostic only the one
 * that says most of it counts: a code with its message before the code alone, the code before the tool. Pure.
 */
export function findRemedies(failure: FailureOutput, known: KnownRemedies): readonly FoundRemedy[] {
  return matchRemedies(failure, known).map(({ remedy }) => remedy);
}

/** The same with the entries that they come from. */
export function matchRemedies(
  { diagnostics, text, commands = {}, offlineStep }: FailureOutput,
  known: KnownRemedies,
): readonly RemedyMatch[] {
  const entries = entriesOf(known);
  const found = new Map<string, Candidate>();
  diagnostics.forEach((diagnostic, at) => {
    const match = matchDiagnostic(diagnostic, entries, { at, text });
    if (match === undefined) return;
    const earlier = found.get(match.entry.remedy.id);
    if (earlier === undefined) found.set(match.entry.remedy.id, match);
    else
      found.set(match.entry.remedy.id, {
        ...(severities[match.severity] < severities[earlier.severity] ? match : earlier),
        diagnostics: [...earlier.diagnostics, diagnostic],
      });
  });
  entries.forEach((entry) => {
    if (found.has(entry.remedy.id)) return;
    const match = matchOutput(text, entry, diagnostics.length);
    if (match !== undefined) found.set(entry.remedy.id, match);
  });
  const covered = new Set([...found.values()].flatMap(({ entry }) => entry.remedy.covers ?? []));
  return [...found.values()]
    .filter(({ entry }) => !covered.has(entry.remedy.id))
    .sort(byWeight)
    .map((match) => remedyMatchOf(match, commands, offlineStep));
}

interface Entry {
  readonly remedy: Remedy;
  readonly isTeams: boolean;
}

interface Candidate {
  readonly entry: Entry;
  readonly matcher: Matcher;
  /** What the groups of the matcher's `pattern` matched. */
  readonly groups: Readonly<Record<string, string>>;
  /** How much of the failure the matcher speaks of. */
  readonly weight: number;
  readonly severity: Severity;
  /** The diagnostic that it fits; none for what only the output shows. */
  readonly diagnostic?: ToolDiagnostic;
  /** All that it fits, `diagnostic` among them. */
  readonly diagnostics: readonly ToolDiagnostic[];
  readonly at: number;
}

const severities: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };
const kinds = { cause: 0, usual: 1, style: 2 } as const;

function entriesOf({ catalogue, team = [] }: KnownRemedies): readonly Entry[] {
  const own = new Set(team.map(({ id }) => id));
  return [
    ...team.map((remedy) => ({ remedy, isTeams: true })),
    ...catalogue.filter(({ id }) => !own.has(id)).map((remedy) => ({ remedy, isTeams: false })),
  ];
}

function matchDiagnostic(
  diagnostic: ToolDiagnostic,
  entries: readonly Entry[],
  { at, text }: { readonly at: number; readonly text: string },
): Candidate | undefined {
  let best: Candidate | undefined;
  for (const entry of entries)
    for (const matcher of entry.remedy.matchers) {
      const weight = weightOf(matcher, entry);
      if (best !== undefined && best.weight >= weight) continue;
      const { tool, codes, phase, pattern, except } = matcher;
      if (tool !== undefined && tool !== diagnostic.tool) continue;
      if (codes !== undefined && (diagnostic.code === null || !codes.includes(diagnostic.code))) continue;
      if (phase !== undefined && phase !== diagnostic.phase) continue;
      const match = pattern?.exec(diagnostic.message);
      if (match === null || except?.test(text) === true) continue;
      const { severity } = diagnostic;
      const groups = match?.groups ?? {};
      best = { entry, matcher, groups, weight, severity, diagnostic, diagnostics: [diagnostic], at };
    }
  return best;
}

function matchOutput(text: string, entry: Entry, at: number): Candidate | undefined {
  for (const matcher of entry.remedy.matchers) {
    if (matcher.tool !== undefined || matcher.pattern === undefined) continue;
    const match = matcher.pattern.exec(text);
    if (match === null || matcher.except?.test(text) === true) continue;
    const weight = weightOf(matcher, entry);
    return {
      entry,
      matcher,
      groups: match.groups ?? {},
      weight,
      severity: 'error',
      diagnostics: [],
      at: at + match.index,
    };
  }
  return undefined;
}

// Whatever the team says of a diagnostic counts more than what the catalogue does.
const ofTeam = 10;

function weightOf({ tool, codes, phase, pattern, isDecisive = false }: Matcher, { isTeams }: Entry): number {
  return (
    (isTeams ? ofTeam : 0) +
    (isDecisive ? 3 : 0) +
    (pattern === undefined ? 0 : 4) +
    (codes === undefined ? 0 : 2) +
    (phase === undefined ? 0 : 1) +
    (tool === undefined ? 0 : 1)
  );
}

/** The remedy with the output's own names in it; the general one when a name is missing or no name to show. */
function remedyText({ entry, matcher, groups, diagnostic, diagnostics }: Candidate, commands: CommandFolder): string {
  if (matcher.remedy === undefined) return entry.remedy.remedy;
  const known: Readonly<Record<string, () => string | undefined>> = {
    test: () => testWord(diagnostic, commands),
    files: () => filesWord(diagnostics, commands),
    snapshots: () => snapshotsWord(diagnostics, commands),
  };
  let isWhole = true;
  const text = matcher.remedy.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = nameOf(groups[name]) ?? known[name]?.();
    if (value === undefined) isWhole = false;
    return value ?? '';
  });
  return isWhole ? text : entry.remedy.remedy;
}

function nameOf(group: string | undefined): string | undefined {
  const name = group?.replace(/\s+/g, ' ').trim() ?? '';
  return name === '' || name.length > longestName ? undefined : name;
}

function byWeight(a: Candidate, b: Candidate): number {
  const kind = ({ entry }: Candidate): number => kinds[entry.remedy.kind ?? 'usual'];
  return (
    Number(b.entry.isTeams) - Number(a.entry.isTeams) ||
    kind(a) - kind(b) ||
    severities[a.severity] - severities[b.severity] ||
    b.weight - a.weight ||
    b.diagnostics.length - a.diagnostics.length ||
    a.at - b.at
  );
}

function remedyMatchOf(match: Candidate, commands: CommandFolder, offlineStep: string | undefined): RemedyMatch {
  const { entry, matcher } = match;
  const { id, title, links } = entry.remedy;
  const { file = null, line = null } = match.diagnostic ?? {};
  const count = Math.max(1, match.diagnostics.length);
  const isOffline = matcher.offline !== undefined && offlineStep !== undefined;
  const remedy = isOffline ? matcher.offline.replace('{step}', () => offlineStep) : remedyText(match, commands);
  const link = links[0] ?? null;
  return { remedy: { id, title, remedy, count, file, line, link }, entry: entry.remedy, isOffline };
}
