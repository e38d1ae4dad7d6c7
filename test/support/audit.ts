import type { Audit, Rule } from '../../src/doctor/audit.ts';
import { makeAudits } from '../../src/doctor/make-audits.ts';
import { readerOf } from '../../src/doctor/file-kinds.ts';
import { holdsToolSettings, readToolSettings } from '../../src/doctor/tool-settings.ts';
import { runRules } from '../../src/doctor/run-rules.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import type { Observed } from '../../src/doctor/observed.ts';
import type { StepConfig } from '../../src/config/config.ts';
import { noUi, type UiFacts } from '../../src/doctor/ui/facts.ts';
import type { StaleLock } from '../../src/doctor/stale-locks.ts';
import type { Lock } from '../../src/lock/lock.ts';

/** A repository as a test tells it: what its files say, and what the rest of an audit needs. */
export interface TestRepository {
  /** By path; each is read by the reader of its kind. */
  readonly files?: Readonly<Record<string, string>>;
  readonly lock?: Lock;
  readonly toolchains?: ReadonlyMap<string, Lock>;
  readonly pipeline?: readonly StepConfig[];
  readonly stale?: readonly string[];
  readonly observed?: Partial<Observed>;
  readonly ui?: Partial<UiFacts>;
  readonly staleLocks?: readonly StaleLock[];
  readonly today?: string;
}

/** The day of a test's audit, when it says none. */
const someDay = '2026-11-24';

/** The audit of one project at the repository's top. Throws for a file that no reader reads. */
export function auditOf(repository: TestRepository): Audit {
  const texts = Object.entries(repository.files ?? {});
  const files = texts.flatMap(([path, text]) => {
    const reader = readerOf(path);
    if (reader !== undefined) return [{ path, found: reader({ path, text }) }];
    if (holdsToolSettings(path)) return [];
    throw new Error(`no reader reads ${path}`);
  });
  const settings = texts.flatMap(([path, text]) => readToolSettings({ path, text }));
  const [audit] = makeAudits({
    survey: { files, settings, skipped: [] },
    projects: [
      {
        dir: '.',
        lock: repository.lock,
        toolchains: repository.toolchains ?? new Map<string, Lock>(),
        pipeline: repository.pipeline,
        stale: repository.stale ?? [],
        observed: { skipped: [], ...repository.observed },
      },
    ],
    reference: new Map([
      ['python', '3.11'],
      ['node', '24'],
      ['pypi:black', '25.9.0'],
      ['pypi:mypy', '1.18.2'],
    ]),
    ui: { ...noUi, ...repository.ui },
    staleLocks: repository.staleLocks ?? [],
    today: new Date(`${repository.today ?? someDay}T12:00:00Z`),
  });
  if (audit === undefined) throw new Error('no audit');
  return audit;
}

/** What one rule finds, as a reader of the report sees it: place, message, hint, related places, the edit that --fix makes. */
export function briefFindings(rule: Rule, repository: TestRepository): readonly (readonly string[])[] {
  const { findings } = runRules([auditOf(repository)], { rules: [rule], ignored: new Map() });
  return findings.map(briefFinding);
}

function briefFinding({ location, message, hint, related, fix }: Finding): readonly string[] {
  const at = location === undefined ? '' : `${location.path}:${location.span.line}:${location.span.column}`;
  const others = related.map(({ path, span }) => `${path}:${span.line}:${span.column}`).join(' ');
  return [
    at,
    message,
    hint,
    ...(others === '' ? [] : [others]),
    ...(fix === undefined ? [] : [`${fix.raw} → ${fix.replacement}`]),
  ];
}

/** A lock that holds these versions and nothing else of interest. */
export function lockOf({
  python = '3.11.2',
  node,
  ...packages
}: { readonly python?: string; readonly node?: string } & Readonly<Record<string, string>>): Lock {
  const none = { 'linux/amd64': [], 'linux/arm64': [] };
  const npm = (name: string, version: string): { name: string; version: string; integrity: string } => ({
    name,
    version,
    integrity: `sha512-${'A'.repeat(86)}==`,
  });
  return {
    version: 1,
    parity: '0.1.0',
    inputs: {},
    base: { kind: 'debian', suite: 'bookworm', snapshot: '20260101T000000Z', packages: none },
    python: {
      version: python,
      packages: Object.entries(packages).map(([name, version]) => ({ name, version, hashes: [], via: [] })),
    },
    uv: { version: '0.9.0', hashes: [] },
    ...(node === undefined
      ? {}
      : {
          node: {
            version: node,
            platforms: { 'linux/amd64': npm('node-bin', node), 'linux/arm64': npm('node-bin', node) },
            npm: npm('npm', '11.6.0'),
          },
        }),
    system: none,
    platforms: { 'linux/amd64': { image: null }, 'linux/arm64': { image: null } },
  };
}
