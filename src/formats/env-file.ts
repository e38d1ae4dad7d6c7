// NAME=value, `export` before it, quotes of three kinds that may span lines, a comment behind it: what dotenv, direnv and compose read.
const assignment =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*[=:][ \t]*(?:"((?:\\[^]|[^"\\])*)"|'([^']*)'|`([^`]*)`|([^\r\n]*))/gm;

/** The variables of a .env file, the last of equal names. Never throws: what is no assignment is passed over. */
export function parseEnvFile(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', double, single, back, bare] of text.matchAll(assignment)) {
    const value =
      double?.replace(/\\n/g, '\n').replace(/\\(["\\$])/g, '$1') ?? single ?? back ?? withoutComment(bare ?? '');
    found.set(name, value);
  }
  return found;
}

function withoutComment(bare: string): string {
  return bare.replace(/(?:^|[ \t])#.*$/, '').trim();
}
