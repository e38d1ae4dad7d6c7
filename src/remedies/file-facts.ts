import { posix } from 'node:path';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';
import type { RawDiagnostic } from './raw-diagnostic.ts';

/** What can be learnt of the repository's files. */
export interface RepositoryText {
  /** A printed path as one from the repository's top; null when it is no file of the repository. */
  readonly place: (printed: string) => string | null;
  /** The text of a file by its path from the top; undefined when it can't be read. */
  readonly readText: (path: string) => string | undefined;
}

/**
 * Adds what a file shows of a failure and the tool could not say: what a script's first line names, or that lines end with a carriage return; and where a lock
 * file names the address that npm could not use. The diagnostic as it is when there is nothing of the kind.
 */
export function withFileFacts(
  diagnostic: ToolDiagnostic,
  { about = [] }: Pick<RawDiagnostic, 'about'>,
  { place, readText }: RepositoryText,
): ToolDiagnostic {
  for (const printed of about) {
    const path = place(printed);
    const text = path === null ? undefined : readText(path);
    if (path === null || text === undefined) continue;
    const told = ofFile(diagnostic, path, text);
    if (told !== undefined) return told;
  }
  return diagnostic;
}

function ofFile(diagnostic: ToolDiagnostic, path: string, text: string): ToolDiagnostic | undefined {
  if (lockFiles.has(posix.basename(path))) return ofLockFile(diagnostic, path, text);
  // env names the program itself; what it does not say is whose first line asks for it, with a character that nobody sees.
  if (diagnostic.tool === 'env' && !/^#![^\n]*\r(?:\n|$)/.test(text)) return undefined;
  return ofScript(diagnostic, path, text);
}

function ofScript(diagnostic: ToolDiagnostic, path: string, text: string): ToolDiagnostic {
  // It was started, and then not understood.
  if (diagnostic.line !== null && /\r\n/.test(text))
    return { ...diagnostic, message: `${diagnostic.message}\nthe lines of ${path} end with a carriage return` };
  if (diagnostic.line !== null) return diagnostic;
  const [, first] = /^#!\s*([^\n]*)/.exec(text) ?? [];
  if (first === undefined) return { ...diagnostic, file: path };
  const fact = first.endsWith('\r') ? 'ends with a carriage return' : `names ${first.trim()}`;
  return { ...diagnostic, message: `${diagnostic.message}\nthe first line of ${path} ${fact}`, file: path, line: 1 };
}

/** How each lock file writes where a package comes from: what stands before the address, and the name of the package before that. */
const lockFiles: ReadonlyMap<string, { readonly before: string; readonly name: RegExp }> = new Map([
  ['package-lock.json', { before: '"resolved": "', name: /"node_modules\/((?:@[^"/]+\/)?[^"/]+)": \{[^{}]*$/ }],
  // ms@^2.1.3:\n  version "2.1.3"\n  resolved "https://…"
  ['yarn.lock', { before: 'resolved "', name: /(?:^|\n)"?((?:@[^@\s/]+\/)?[^@\s"]+)@[^\n]*:\n(?: +[^\n]*\n)* +$/ }],
  //   ms@2.1.3:\n    resolution: {integrity: sha512-…, tarball: https://…}
  ['pnpm-lock.yaml', { before: 'tarball: ', name: /(?:^|\n) +['"/]?((?:@[^@\s/]+\/)?[^@\s'"]+)@[^\n]*:\n[^\n]*$/ }],
]);

// What npm puts its own registry in the place of, wherever a lock file names it.
const publicRegistry = /^https?:\/\/(?:registry\.npmjs\.org|registry\.yarnpkg\.com)\//;

function ofLockFile(diagnostic: ToolDiagnostic, path: string, text: string): ToolDiagnostic | undefined {
  const { before: written, name: named } = lockFiles.get(posix.basename(path)) ?? {};
  if (written === undefined || named === undefined) return undefined;
  for (const [address] of diagnostic.message.matchAll(/https?:\/\/[^\s"',)]*[^\s"',):]/g)) {
    const at = publicRegistry.test(address) ? -1 : text.indexOf(`${written}${address}`);
    if (at < 0) continue;
    const before = text.slice(0, at);
    const name = named.exec(before.slice(-4000))?.[1] ?? 'a package';
    const [host = address] = /^https?:\/\/[^/]+/.exec(address) ?? [];
    const message = `${diagnostic.message}\n${path} takes ${name} from ${host}`;
    return { ...diagnostic, message, file: path, line: before.split('\n').length, column: null };
  }
  return undefined;
}
