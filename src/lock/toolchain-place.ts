import { join, relative, resolve, sep } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Failure } from '../core/failure.ts';
import { readTextIfExists } from '../core/read-text-if-exists.ts';
import { spanAt } from '../core/span.ts';
import type { Place } from './requirements/requirement.ts';

// Without a parity.yaml: the files that say a version and nothing else, in the order in which detection takes them.
const versionFiles = {
  python: ['.python-version', '.tool-versions', 'runtime.txt'],
  node: ['.nvmrc', '.node-version', '.tool-versions'],
} as const;

/** A failure to have the Python or the Node that is asked for, with the place that asks for it; as it is where no file of the project names that version. */
export function withToolchainPlace(
  found: Failure,
  what: 'python' | 'node',
  { config, projectDir }: { readonly config: Config; readonly projectDir: string },
): Failure {
  const version = config.toolchain[what];
  const place = version === undefined ? undefined : versionPlace(config, projectDir, what, version);
  if (place === undefined) return found;
  const message = `${what === 'python' ? 'Python' : 'Node'} ${version} can't be had`;
  const diagnostic = { severity: 'error', code: 'toolchain-not-there', message, ...place } as const;
  return { ...found, diagnostics: [...(found.diagnostics ?? []), diagnostic] };
}

function versionPlace(
  { source, toolchain: { name } }: Config,
  projectDir: string,
  what: 'python' | 'node',
  version: string,
): Place | undefined {
  if (source.kind === 'file') {
    const path = resolve(projectDir, source.path);
    const text = readTextIfExists(path) ?? '';
    return placeAfter(relative(projectDir, path).split(sep).join('/'), text, startOf(text, name, what), version);
  }
  for (const file of versionFiles[what]) {
    const text = readTextIfExists(join(projectDir, file));
    const place = text === undefined ? undefined : placeAfter(file, text, 0, version);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** Where the toolchain's own key stands, or the text's start. */
function startOf(text: string, name: string | undefined, key: string): number {
  const section = name === undefined ? /^toolchain\s*:/m : /^toolchains\s*:/m;
  const from = Math.max(0, text.search(section));
  const own = name === undefined ? from : Math.max(from, text.indexOf(`${name}:`, from));
  return Math.max(own, text.indexOf(`${key}:`, own));
}

function placeAfter(file: string, text: string, from: number, version: string): Place | undefined {
  const at = text.indexOf(version, from);
  if (at < 0) return undefined;
  const span = spanAt(text, at, version.length);
  return { file, span, sourceLine: text.split(/\r?\n/)[span.line - 1] ?? '' };
}
