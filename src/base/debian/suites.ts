/** Debian's releases that parity can start from, newest first, and the Python each one has. */
export const suites = [
  { suite: 'trixie', python: '3.13' },
  { suite: 'bookworm', python: '3.11' },
  { suite: 'bullseye', python: '3.9' },
] as const;

/** What a Debian base holds besides the essential packages: Python with venv, certificates, git; apt patterns and names. */
export const baseNames = [
  '?essential',
  '?priority(required)',
  'apt',
  'python3',
  'python3-venv',
  'ca-certificates',
  'git',
] as const;

/** The suite whose Python is `X.Y` or `X.Y.Z`; undefined when no suite has it. */
export function suiteFor(python: string): string | undefined {
  const minor = python.split('.').slice(0, 2).join('.');
  return suites.find((entry) => entry.python === minor)?.suite;
}

/** Of the Pythons that Debian has, the nearest to a wanted one; of two as near, the newer. */
export function nearestPython(wanted: string): string {
  const minor = (python: string): number => Number(python.split('.')[1] ?? 0);
  const distance = (python: string): number => Math.abs(minor(python) - minor(wanted));
  const pythons = suites.map(({ python }) => python);
  return pythons.reduce((best, python) => (distance(python) < distance(best) ? python : best));
}

/** `Sat, 21 Nov 2026 00:53:02 UTC` lines as the newest one's stamp, `20261121T005302Z`; undefined without a readable date. */
export function snapshotStamp(dates: readonly string[]): string | undefined {
  const times = dates.map((line) => Date.parse(line.replace(/^Date:\s*/, ''))).filter((time) => !Number.isNaN(time));
  if (times.length === 0) return undefined;
  return new Date(Math.max(...times)).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** A stamp `20261121T005302Z` in seconds since 1970; throws on any other text (the lock was checked before). */
export function stampSeconds(stamp: string): number {
  const iso = stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const time = Date.parse(iso);
  if (Number.isNaN(time)) throw new TypeError(`not a snapshot stamp: ${stamp}`);
  return Math.floor(time / 1000);
}
