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
 * Adds what a file shows of a failure and the tool could not say: what a script's first line names, or that it ends with a carriage return; and where a lock
 * file names the address that npm could not use. The diagnostic as it is when there is nothing of the kind.
 */
export function withFileFacts(
  diagnostic: ToolDiagnostic,
  { about }: Pick<RawDiagnostic, 'about'>,
  { place, readText }: RepositoryText,
): ToolDiagnostic {
  const path = about === undefined ? null : place(about);
  const text = path === null ? undefined : readText(path);
  if (path === null || text === undefined) return diagnostic;
  return diagnostic.tool === 'npm' ? ofLockFile(diagnostic, path, text) : ofScript(diagnostic, path, text);
}

function ofScript(diagnostic: ToolDiagnostic, path: string, text: string): ToolDiagnostic {
  const [, first] = /^#!\s*([^\n]*)/.exec(text) ?? [];
  if (first === undefined) return { ...diagnostic, file: path };
  const fact = first.endsWith('\r') ? 'ends with a carriage return' : `names ${first.trim()}`;
  return { ...diagnostic, message: `${diagnostic.message}\nthe first line of ${path} ${fact}`, file: path, line: 1 };
}

// What npm puts its own registry in the place of, wherever a lock file names it.
const publicRegistry = /^https?:\/\/(?:registry\.npmjs\.org|registry\.yarnpkg\.com)\//;

function ofLockFile(diagnostic: ToolDiagnostic, path: string, text: string): ToolDiagnostic {
  for (const [address] of diagnostic.message.matchAll(/https?:\/\/[^\s"',)]+/g)) {
    const at = publicRegistry.test(address) ? -1 : text.indexOf(`"resolved": "${address}`);
    if (at < 0) continue;
    const before = text.slice(0, at);
    const name = /"node_modules\/((?:@[^"/]+\/)?[^"/]+)": \{[^{}]*$/.exec(before.slice(-4000))?.[1] ?? 'a package';
    const [host = address] = /^https?:\/\/[^/]+/.exec(address) ?? [];
    const message = `${diagnostic.message}\n${path} takes ${name} from ${host}`;
    return { ...diagnostic, message, file: path, line: before.split('\n').length, column: null };
  }
  return diagnostic;
}
