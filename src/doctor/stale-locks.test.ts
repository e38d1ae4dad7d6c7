import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { briefFindings } from '../../test/support/audit.ts';
import { lockOutOfStep } from './rules/lock-out-of-step.ts';
import { staleLocks } from './stale-locks.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parity-stale-locks-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** What the rule finds in a repository of these files. */
function findings(files: Readonly<Record<string, string>>): readonly (readonly string[])[] {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, dirname(path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return briefFindings(lockOutOfStep, { staleLocks: staleLocks(dir, Object.keys(files)) });
}

const uvLock = `version = 1
requires-python = ">=3.11"

[manifest]
members = [
    "shop",
    "tools",
]

[[package]]
name = "attrs"
version = "25.3.0"
source = { registry = "x" }

[[package]]
name = "shop"
version = "1.0.0"
source = { virtual = "." }
dependencies = [
    { name = "attrs" },
]

[package.metadata]
requires-dist = [{ name = "attrs", specifier = ">=25" }]

[[package]]
name = "tools"
version = "0.1.0"
source = { editable = "packages/tools" }
`;
const project = (name: string, more: string): string => `[project]\nname = "${name}"\n${more}`;
const shop = `version = "1.0.0"\nrequires-python = ">=3.11"\ndependencies = ["attrs>=25"]\n[tool.uv.workspace]\nmembers = ["packages/*"]\nexclude = ["packages/old*"]\n`;

it('says nothing of a uv.lock that is of its workspace', () => {
  expect(
    findings({
      'api/uv.lock': uvLock,
      'api/pyproject.toml': project('shop', shop),
      'api/packages/tools/pyproject.toml': project('tools', 'version = "0.1.0"\n'),
      'api/packages/old-tools/pyproject.toml': project('old-tools', 'version = "0.1.0"\n'),
      'docs/uv.lock': 'no lock file, and nothing beside it',
    }),
  ).toEqual([]);
});

it('names what the workspace asks for and uv.lock has not, at each place, with the command', () => {
  expect(
    findings({
      'api/uv.lock': uvLock,
      'api/pyproject.toml': project('shop', shop.replace('"attrs>=25"', '"attrs>=26"')),
      'api/packages/tools/pyproject.toml': project('tools', 'version = "0.1.0"\ndependencies = ["rich"]\n'),
      'api/packages/web/pyproject.toml': project('web', 'version = "0.1.0"\n'),
    }),
  ).toEqual([
    [
      'api/packages/web/pyproject.toml:2:8',
      "api/uv.lock is out of step with api/pyproject.toml: it does not have the workspace's member web, it does not have rich, it was made for attrs>=25, not attrs>=26",
      '(cd api && uv lock), and commit api/uv.lock',
      'api/packages/tools/pyproject.toml:4:17 api/pyproject.toml:5:17',
    ],
  ]);
  expect(findings({ 'api/uv.lock': uvLock, 'api/pyproject.toml': project('shop', shop) })).toEqual([
    [
      'api/uv.lock:7:5',
      'api/uv.lock is out of step with api/pyproject.toml: it has the member tools, which the workspace has no more',
      '(cd api && uv lock), and commit api/uv.lock',
    ],
  ]);
});

it("goes by poetry's hash, and names what the lock file has not, or the hash itself", () => {
  const lock = `[[package]]\nname = "attrs"\nversion = "25.3.0"\n\n[metadata]\ncontent-hash = "${'0'.repeat(64)}"\n`;
  const pyproject = (name: string): string => `[tool.poetry.dependencies]\npython = "^3.11"\n${name} = "*"\n`;
  expect(findings({ 'poetry.lock': lock, 'pyproject.toml': pyproject('rich') })).toEqual([
    [
      'pyproject.toml:3:8',
      'poetry.lock is out of step with pyproject.toml: it does not have rich',
      'poetry lock, and commit poetry.lock',
    ],
  ]);
  expect(findings({ 'poetry.lock': lock, 'pyproject.toml': pyproject('attrs') })).toEqual([
    [
      'poetry.lock:6:1',
      'poetry.lock is out of step with pyproject.toml: it has the content-hash of another',
      'poetry lock, and commit poetry.lock',
    ],
  ]);
});
