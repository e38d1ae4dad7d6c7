import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gitScratch, repository } from '../../../test/support/git-repo.ts';
import { addFiles } from '../../../test/support/repo.ts';
import { projectFiles } from '../../config/detect/files.ts';
import { readUi } from './read-ui.ts';

const app = `// import { Gone } from './Comment';
import { Table } from './table';
import type { Row } from "./Row.js";
import './app.css';
import { kept } from '@/lib/kept';
import { hidden } from '@/lib/hidden';
export * from './api';
const lazy = () => import('./pages/Lazy');
const old = require('../legacy');
import react from 'react';
import { nowhere } from './nowhere';
const url = 'https://example.com/from "./Row"';
import made from '../dist/made';
`;

test("imports are held against git's names: what is here and not there, ignored, or otherwise in capital letters", async () => {
  const dir = repository(join(gitScratch(), 'shop'), {
    '.gitignore': 'hidden.ts\ndist/\n',
    'ui/package.json': '{}',
    // Comments and trailing commas, as tsc allows them.
    'ui/tsconfig.json': '{ // aliases\n "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["./src/*"], } } }',
    'ui/src/App.tsx': app,
    'ui/src/Table.tsx': '',
    'ui/src/api/index.ts': '',
    'ui/src/lib/kept.ts': '',
  });
  addFiles(dir, {
    'ui/src/Row.ts': '',
    'ui/src/app.css': '',
    'ui/src/lib/hidden.ts': '',
    'ui/src/Comment.ts': '',
    'ui/src/pages/Lazy.tsx': '',
    'ui/legacy.cjs': '',
    'ui/dist/made.js': '',
    // Not committed: what it imports is its author's business until then.
    'ui/src/New.tsx': "import './app.css';",
  });
  const files = await projectFiles(dir);
  const { strayImports } = await readUi(dir, files.ok ? files.value : []);
  expect(
    strayImports.map(
      ({ path, span, raw, found, state }) => `${path}:${span.line}:${span.column} ${raw} ${state} ${found}`,
    ),
  ).toEqual([
    'ui/src/App.tsx:2:24 ./table other-case ui/src/Table.tsx',
    'ui/src/App.tsx:3:27 ./Row.js untracked ui/src/Row.ts',
    'ui/src/App.tsx:4:9 ./app.css untracked ui/src/app.css',
    'ui/src/App.tsx:6:25 @/lib/hidden ignored ui/src/lib/hidden.ts',
    'ui/src/App.tsx:8:28 ./pages/Lazy untracked ui/src/pages/Lazy.tsx',
    'ui/src/App.tsx:9:22 ../legacy untracked ui/legacy.cjs',
  ]);
});

test('a repository without a package.json has no UI', async () => {
  const dir = repository(join(gitScratch(), 'shop'), { 'core/app.py': '', 'docs/site.js': "import './gone'" });
  expect(await readUi(dir, ['core/app.py', 'docs/site.js'])).toEqual({
    lockGaps: [],
    strayImports: [],
    typedFolders: [],
    platformGaps: [],
    foreignSources: [],
  });
});
