import { expect, it } from 'vitest';
import { mentionedPaths } from './mentioned-paths.ts';

it('finds the files that a build file names, and nothing outside', () => {
  const files = new Set([
    'README.md',
    'docs/LICENSE',
    'src/shop/about.py',
    'src/shop/__init__.py',
    'tools/x.py',
    '../x',
  ]);
  const text = [
    'readme = "README.md"',
    'license-files = ["./docs/LICENSE", "../x", "/docs/LICENSE"]',
    'version = {attr = "shop.about.version"}',
    'read("tools/x.py").',
    'no = "docs/other"',
  ].join('\n');
  expect(mentionedPaths(text, (path) => files.has(path))).toEqual([
    'README.md',
    'docs/LICENSE',
    'src/shop/__init__.py',
    'src/shop/about.py',
    'tools/x.py',
  ]);
});
