import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VersionPair } from './version-pairs.ts';

/** The `packaging` that says what a specifier set admits. */
export const packagingVersion = '26.4';

const judgement = `
import json, sys
from packaging.specifiers import InvalidSpecifier, SpecifierSet
def judge(specifier, version):
    try:
        return int(SpecifierSet(specifier).contains(version, prereleases=True))
    except InvalidSpecifier:
        return None
json.dump([judge(one["specifier"], one["version"]) for one in json.load(sys.stdin)], sys.stdout)
`;

/** What `packaging` says of each pair: 1 admitted, 0 not, null no specifier set. It is installed from the package index for it. */
export function judgedByPackaging(pairs: readonly VersionPair[]): readonly (0 | 1 | null)[] {
  const home = mkdtempSync(join(tmpdir(), 'parity-packaging-'));
  try {
    execFileSync('python3', ['-m', 'venv', home]);
    const quiet = ['--quiet', '--disable-pip-version-check'];
    execFileSync(join(home, 'bin/pip'), ['install', ...quiet, `packaging==${packagingVersion}`]);
    const options = { input: JSON.stringify(pairs), encoding: 'utf8', maxBuffer: 1 << 28 } as const;
    return JSON.parse(execFileSync(join(home, 'bin/python'), ['-c', judgement], options)) as (0 | 1 | null)[];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** The npm that says what its ranges admit. */
export const npmVersion = '11.19.1';

/** What npm says of a pair as a package's version in a range, and as Node's in `engines`: 1 admitted, 0 not, null no range. */
export type NpmVerdict = readonly [asPackage: 0 | 1 | null, asEngine: 0 | 1 | null];

const npmJudgement = `
const { createRequire } = require('node:module');
const { join } = require('node:path');
const npm = createRequire(join(process.cwd(), 'node_modules/npm/package.json'));
const npa = npm('npm-package-arg');
const depValid = npm('./node_modules/@npmcli/arborist/lib/dep-valid.js');
const { checkEngine } = npm('npm-install-checks');
const semver = npm('semver');
function asPackage(specifier, version) {
  let requested;
  try { requested = npa.resolve('it', specifier || '*', '/'); } catch { return null; }
  if (requested.type !== 'range' && requested.type !== 'version') return null;
  return Number(depValid({ name: 'it', version, resolved: '' }, requested, { errors: [] }));
}
function asEngine(specifier, version) {
  if (semver.validRange(specifier) === null) return null;
  try { checkEngine({ engines: { node: specifier } }, undefined, version); } catch { return 0; }
  return 1;
}
const pairs = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(pairs.map((one) => [asPackage(one.specifier, one.version), asEngine(one.specifier, one.version)])));
`;

/** What npm's own packages say of each pair. npm is installed from the registry for it. */
export function judgedByNpm(pairs: readonly VersionPair[]): readonly NpmVerdict[] {
  const home = mkdtempSync(join(tmpdir(), 'parity-npm-'));
  try {
    const quiet = ['--no-audit', '--no-fund', '--silent', '--ignore-scripts'];
    execFileSync('npm', ['install', ...quiet, '--prefix', home, `npm@${npmVersion}`]);
    const options = { cwd: home, input: JSON.stringify(pairs), encoding: 'utf8', maxBuffer: 1 << 28 } as const;
    return JSON.parse(execFileSync(process.execPath, ['-e', npmJudgement], options)) as NpmVerdict[];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
