import { expect, it } from 'vitest';
import { mentionedPaths } from './mentioned-paths.ts';

it('finds the files that a build file names, and nothing outside', () => {
  const files = new Set([
    'README.md',
    'docs/LICENSE',
    'src/shop/about.py',
    'src/shop/__init__.py',
    'src/shop/version.py',
    'tools/x.py',
    'data/needs.txt',
    '../x',
  ]);
  const text = [
    'readme = "README.md"',
    'license-files = ["./docs/LICENSE", "../x", "/docs/LICENSE"]',
    'version = {attr = "shop.about.version"}',
    'read("tools/x.py").',
    'no = "docs/other"',
    'open(os.path.join(here, "src", "shop", "version.py"))',
    "(here / 'data' / 'needs.txt').read_text()",
  ].join('\n');
  expect(mentionedPaths(text, (path) => files.has(path))).toEqual([
    'README.md',
    'data/needs.txt',
    'docs/LICENSE',
    'src/shop/__init__.py',
    'src/shop/about.py',
    'src/shop/version.py',
    'tools/x.py',
  ]);
});
