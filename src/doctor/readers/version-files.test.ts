import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { brief, declarationsOf } from '../../../test/support/declarations.ts';
import { readNodeVersionFile, readPythonVersionFile, readToolVersions } from './version-files.ts';

it('reads .python-version', () => {
  const read = (text: string) => brief(declarationsOf(readPythonVersionFile, '.python-version', text));
  expect(read('3.11.9\n')).toEqual([['python', '3.11.9', '1:1', '3.11.9']]);
  expect(read('# the first counts\n  3.11\r\n3.12\n')).toEqual([
    ['python', '3.11', '2:3', '3.11'],
    ['python', '3.12', '3:1', '3.12'],
  ]);
  expect(read('cpython-3.13.0rc1\n')).toEqual([['python', '3.13.0rc1', '1:9', '3.13.0rc1']]);
  expect(read('pypy3.10-7.3\n')).toEqual([['python', '? another Python (pypy3.10-7.3)', '1:1', 'pypy3.10-7.3']]);
  expect(read('3.11-dev\n')).toEqual([['python', '3.11', '1:1', '3.11-dev']]);
  expect(read('cpython-3.12.1-linux-x86_64-gnu\n')).toEqual([['python', '3.12.1', '1:9', '3.12.1']]);
  expect(read('3.11.4/envs/shop\n')).toEqual([['python', '3.11.4', '1:1', '3.11.4']]);
  expect(read('3.13+freethreaded\n')).toEqual([['python', '3.13', '1:1', '3.13']]);
  expect(read('shop-3.11\n3.11.4\n')).toEqual([
    ['python', '? a virtual environment (shop-3.11)', '1:1', 'shop-3.11'],
    ['python', '3.11.4', '2:1', '3.11.4'],
  ]);
  expect(read('graalpy-24.1\n')).toEqual([['python', '? another Python (graalpy-24.1)', '1:1', 'graalpy-24.1']]);
  expect(read('\n')).toEqual([]);
});

it('reads .nvmrc and .node-version', () => {
  const read = (text: string) => brief(declarationsOf(readNodeVersionFile, 'ui/.nvmrc', text));
  expect(read('v24.1.0\n')).toEqual([['node', '24.1.0', '1:2', '24.1.0']]);
  expect(read('24')).toEqual([['node', '24', '1:1', '24']]);
  expect(read('lts/*\n')).toEqual([['node', '? a name that moves, or no version (lts/*)', '1:1', 'lts/*']]);
});

it('reads .tool-versions', () => {
  const text = 'ruby 3.1.0\npython 3.11.9 3.10.1 # both\nnodejs 24.1.0\n#node 1\n';
  expect(brief(declarationsOf(readToolVersions, '.tool-versions', text))).toEqual([
    ['python', '3.11.9', '2:8', '3.11.9'],
    ['python', '3.10.1', '2:15', '3.10.1'],
    ['node', '24.1.0', '3:8', '24.1.0'],
  ]);
});

it('never throws, whatever the text', () => {
  const pieces = fc.constantFrom('python', 'node', 'v', '3.1', ' ', '\t', '\n', '\r\n', '#', '\uFEFF', 'cpython-', '/');
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 15 }).map((all) => all.join('')),
      (text) => {
        for (const reader of [readPythonVersionFile, readNodeVersionFile, readToolVersions])
          declarationsOf(reader, 'x', text);
      },
    ),
  );
});
