// Longer words are data, not paths.
const word = /[A-Za-z0-9_.][\w./-]{0,200}/g;

// `os.path.join(here, "shop", "version.py")`, `here / "shop" / "version.py"`
const parts = /(["'])[\w.-]+\1(?:\s*[,/]\s*(["'])[\w.-]+\2)+/g;

/**
 * The paths that a text may mean, relative to the folder it lies in, and that `has` knows: words as they stand, words in quotes that stand
 * side by side as the parts of a path, and dotted names as modules, in the folder itself or in `src` (`shop.about.version` may mean the module `about` of `shop`). Sorted, each once. Pure.
 */
export function mentionedPaths(text: string, has: (path: string) => boolean): readonly string[] {
  const found = new Set<string>();
  const words = [...text.matchAll(word), ...joined(text)];
  for (const [each = ''] of words) {
    const path = each.replace(/^\.\//, '').replace(/[./-]+$/, '');
    if (path === '' || path.startsWith('/') || path.split('/').includes('..')) continue;
    for (const candidate of path.includes('/') || !isDotted(path) ? [path] : [path, ...modulesOf(path)])
      if (has(candidate)) found.add(candidate);
  }
  return [...found].sort();
}

function joined(text: string): readonly (readonly string[])[] {
  return [...text.matchAll(parts)].flatMap(([list]) => {
    const names = [...list.matchAll(/["']([\w.-]+)["']/g)].map((match) => match[1] ?? '').slice(0, 20);
    return names.flatMap((_, from) => names.map((__, to) => [names.slice(from, to + 1).join('/')]));
  });
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
