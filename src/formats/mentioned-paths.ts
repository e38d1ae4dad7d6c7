// Longer words are data, not paths.
const word = /[A-Za-z0-9_.][\w./-]{0,200}/g;

/**
 * The paths that a text may mean, relative to the folder it lies in, and that `has` knows: words as they stand, and dotted names as
 * modules, in the folder itself or in `src` (`shop.about.version` may mean the module `about` of `shop`). Sorted, each once. Pure.
 */
export function mentionedPaths(text: string, has: (path: string) => boolean): readonly string[] {
  const found = new Set<string>();
  for (const [each] of text.matchAll(word)) {
    const path = each.replace(/^\.\//, '').replace(/[./-]+$/, '');
    if (path === '' || path.startsWith('/') || path.split('/').includes('..')) continue;
    for (const candidate of path.includes('/') || !isDotted(path) ? [path] : [path, ...modulesOf(path)])
      if (has(candidate)) found.add(candidate);
  }
  return [...found].sort();
}

function isDotted(path: string): boolean {
  return /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/.test(path);
}

function modulesOf(dotted: string): readonly string[] {
  const names = dotted.split('.');
  return names.flatMap((_, index) => {
    const module = names.slice(0, index + 1).join('/');
    return ['', 'src/'].flatMap((root) => [`${root}${module}.py`, `${root}${module}/__init__.py`]);
  });
}
