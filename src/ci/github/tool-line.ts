/** The requirement line of a tool in a version as an action's input says it: `0.4.4`, `0.4.x`, `>=0.4,<0.5`; any version for words that move. */
export function toolLine(name: string, version: string | undefined): string {
  const said = (version ?? '').trim().replace(/^v(?=\d)/, '');
  if (/^\d+(?:\.\d+)*\.[x*]$/.test(said)) return `${name}==${said.slice(0, -1)}*`;
  if (/^\d[\w.]*$/.test(said)) return `${name}==${said}`;
  return /^[~=!<>]=?\s*\d/.test(said) ? `${name}${said.replace(/\s+/g, '')}` : name;
}
