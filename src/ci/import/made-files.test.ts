import { expect, test } from 'vitest';
import { madeFiles, readsFile } from './made-files.ts';

test.each<[string, readonly string[]]>([
  ['docker run x > out/data.json 2>&1', ['out/data.json']],
  ['gen -o ./schema.json && gen --output=b.txt', ['schema.json', 'b.txt']],
  ['gen 2>/dev/null | tee -a log.txt', ['log.txt']],
  ['pytest --cov=src', ['.coverage']],
  ['test 1 -gt 2; echo a->b', []],
])('%s makes %j', (script, made) => {
  expect(madeFiles(script)).toEqual(made);
});

test.each<[string, string, boolean]>([
  ['check out/data.json', 'out/data.json', true],
  ['check --in=./schema.json', 'schema.json', true],
  ['check schema.json.bak', 'schema.json', false],
  ['gen > schema.json; check schema.json', 'schema.json', false],
  ['coverage report', '.coverage', true],
  ['coverage run -m pytest && coverage report', '.coverage', false],
])('%s reads %s: %s', (script, path, reads) => {
  expect(readsFile(script, path)).toBe(reads);
});
