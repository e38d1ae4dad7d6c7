import { expect, it } from 'vitest';
import type { DependencyLock } from './dependency-lock.ts';
import { freshnessProblem } from './dependency-lock-freshness.ts';

const source = '[[source]]\nurl = "index"\nverify_ssl = true\nname = "index"\n\n';
const packages = '[packages]\nattrs = "<25"\n';
// As plette 2 has it for both of them together.
const hash = '7b64e7880f56e597f9a7b89c98511ec2150084ed8341b52c4495044e838426f8';

function pipfileLock(pipfile: string): DependencyLock {
  const sources = [{ name: 'index', url: 'index', verify_ssl: true }];
  return {
    source: { tool: 'pipenv', file: 'Pipfile.lock', options: [] },
    selection: { extras: [], groups: [], without: [], defaultGroups: true, main: true },
    file: 'Pipfile.lock',
    text: JSON.stringify({ _meta: { hash: { sha256: hash }, sources }, default: { attrs: {} } }, null, 4).replace(
      '{}',
      '{\n        }',
    ),
    manifests: new Map([['Pipfile', pipfile]]),
  };
}

it("Pipfile.lock is of the Pipfile that has its hash; the lock's own source counts where the Pipfile names none", () => {
  expect(freshnessProblem(pipfileLock(source + packages))).toBeUndefined();
  expect(freshnessProblem(pipfileLock(packages))).toBeUndefined();
  expect(freshnessProblem(pipfileLock(packages.replace('25', '26')))).toMatchObject({
    message: 'it was not made from this Pipfile: its sha256 is another',
    hint: 'pipenv lock, and commit Pipfile.lock',
    span: { line: 4 },
  });
  expect(freshnessProblem(pipfileLock(`${source}${packages}six = "*"\n`))).toMatchObject({
    message: 'Pipfile.lock does not have six',
    hint: 'pipenv lock, and commit Pipfile.lock',
    file: 'Pipfile',
    span: { line: 8, column: 7 },
  });
});
