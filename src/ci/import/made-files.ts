/** Files that a script writes, by the words that say so: redirections, `-o FILE`, a coverage file. Paths as written. */
export function madeFiles(script: string): readonly string[] {
  const found = new Set<string>();
  const patterns = [
    /(?:^|[^\d&<-])>>?\s*["']?([\w./-]+)/g,
    /\btee(?:\s+-a)?\s+["']?([\w./-]+)/g,
    /\s(?:-o|-O|--output|--out|--out-file|--outfile|--output-file)[ =]["']?([\w./-]+)/g,
  ];
  for (const pattern of patterns)
    for (const [, path = ''] of script.matchAll(pattern)) if (isTelling(path)) found.add(plain(path));
  if (/--cov\b|\bcoverage run\b/.test(script)) found.add(coverageFile);
  return [...found];
}

const coverageFile = '.coverage';

/** Whether a script reads a file that another one makes, and does not make it itself. */
export function readsFile(script: string, path: string): boolean {
  if (path === coverageFile)
    return /\bcoverage (?:report|xml|html|json|lcov|combine)\b/.test(script) && !madeFiles(script).includes(path);
  // Most scripts do not name it at all.
  if (!script.includes(path) || madeFiles(script).includes(path)) return false;
  const word = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?:^|[\\s"'=:(<]|\\./)${word}(?![\\w.-])`, 'm').test(script);
}

/** A bare word may mean anything. */
function isTelling(path: string): boolean {
  return /[./]/.test(path.replace(/^\.\/|^\.+$/g, '')) && !path.startsWith('/dev/');
}

function plain(path: string): string {
  return path.replace(/^\.\//, '').replace(/\/$/, '');
}
