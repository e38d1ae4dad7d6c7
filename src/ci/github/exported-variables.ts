/** Variables that a script sets for all later steps with a value of its own: `echo "NAME=value" >> $GITHUB_ENV`. */
export function exportedVariables(script: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [, , name, value] of script.matchAll(
    /^\s*echo\s+(["']?)([A-Za-z_]\w*)=([^"'`$\n>]*)\1\s*>>\s*["']?\$\{?GITHUB_ENV\}?["']?\s*$/gm,
  ))
    if (name !== undefined) found[name] = (value ?? '').trim();
  return found;
}
