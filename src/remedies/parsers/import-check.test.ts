import { expect, test } from 'vitest';
import { parseImportCheck } from './import-check.ts';

const lines = [
  'core/my app/db.py:10:1: connects-at-import: `core.db` connects to db:5432 when it is imported',
  '    POOL = open_pool()',
  'core/conf.py:2:1: reads-secret-at-import: `core.conf` reads API_TOKEN when it is imported',
  'core/db.py:3:1: library-spawns-at-import: `core.db` imports a library that starts git --version',
  '',
  'connects-at-import: connect where it is used first: in a function',
  '2 modules imported in 0.1 s: 1 error, 2 warnings',
];

test('what the import check says of a statement is an error or a warning there', () => {
  const words = new Set(['python3', 'import_check.py']);
  expect(parseImportCheck({ lines, words })).toEqual([
    {
      tool: 'import-check',
      code: 'connects-at-import',
      severity: 'error',
      message: '`core.db` connects to db:5432 when it is imported',
      places: [{ path: 'core/my app/db.py', line: 10, column: 1 }],
      at: 0,
    },
    {
      tool: 'import-check',
      code: 'reads-secret-at-import',
      severity: 'warning',
      message: '`core.conf` reads API_TOKEN when it is imported',
      places: [{ path: 'core/conf.py', line: 2, column: 1 }],
      at: 2,
    },
    {
      tool: 'import-check',
      code: 'library-spawns-at-import',
      severity: 'warning',
      message: '`core.db` imports a library that starts git --version',
      places: [{ path: 'core/db.py', line: 3, column: 1 }],
      at: 3,
    },
  ]);
});

test('another program that prints the same is not the import check', () => {
  expect(parseImportCheck({ lines, words: new Set(['cat', 'log.txt']) })).toEqual([]);
});
