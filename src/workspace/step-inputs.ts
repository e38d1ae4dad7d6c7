import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import picomatch from 'picomatch';
import type { StepConfig } from '../config/config.ts';
import type { Digest } from '../core/digest.ts';
import { isEscapedPath, pathBytes } from '../git/path-text.ts';
import type { FileState } from './file-state.ts';

/** A step's inputs, and where its globs start. */
export interface StepInputs extends Pick<StepConfig, 'inputs' | 'cwd'> {
  /** The project's folder relative to the workspace's root; `.` for the root itself. */
  readonly project: string;
}

/**
 * The files that a step's `inputs` select, in the order given. Globs are relative to the step's folder and may climb out of it (`../shared/**`);
 * `*` stays in a folder, `**` does not, names that start with a dot count as any, the plain name of a folder means all that is in it, and what a
 * glob with `!` matches is out wherever it stands. Without `inputs`, or with nothing but `!` globs, every file is in at first.
 */
export function selectInputs(files: readonly FileState[], { inputs, cwd, project }: StepInputs): readonly FileState[] {
  if (inputs === undefined) return files;
  const folder = posix.join(project, cwd);
  const isNegation = (glob: string): boolean => glob.startsWith('!') && !glob.startsWith('!(');
  const wanted = inputs.filter((glob) => !isNegation(glob)).map((glob) => matcher(glob, folder));
  const unwanted = inputs.filter(isNegation).map((glob) => matcher(glob.slice(1), folder));
  return files.filter(
    ({ path }) =>
      (wanted.length === 0 || wanted.some((matches) => matches(path))) && !unwanted.some((matches) => matches(path)),
  );
}

function matcher(glob: string, folder: string): (path: string) => boolean {
  let pattern = glob.replace(/^(?:\.\/+)+/, '');
  let base = folder;
  for (let climbs = /^\.\.(?:\/+|$)/.exec(pattern); climbs !== null; climbs = /^\.\.(?:\/+|$)/.exec(pattern)) {
    pattern = pattern.slice(climbs[0].length);
    base = posix.join(base, '..');
  }
  if (base === '..' || base.startsWith('../')) return () => false;
  const prefix = base === '.' ? '' : `${base}/`;
  const matches = withinFolder(pattern.replace(/\/+$/, ''));
  return (path) => path.startsWith(prefix) && matches(path.slice(prefix.length));
}

function withinFolder(pattern: string): (path: string) => boolean {
  if (pattern === '' || pattern === '.') return () => true;
  if (!picomatch.scan(pattern).isGlob) {
    const name = pattern.replace(/\\(.)/g, '$1');
    return (path) => path === name || path.startsWith(`${name}/`);
  }
  return picomatch(pattern, { dot: true, nonegate: true });
}

/**
 * The digest of files: of each one's path, mode and content, in the order given. It depends on nothing else: not on where the checkout lies, nor on
 * the machine. Another form of it gets another number in its first line.
 */
export function filesDigest(files: readonly FileState[]): Digest {
  const digest = createHash('sha256');
  let text = 'parity files 1\n';
  for (const { path, mode, digest: content } of files) {
    if (isEscapedPath(path)) {
      digest.update(`${text}${mode} ${content} `).update(pathBytes(path));
      text = '\0';
    } else text += `${mode} ${content} ${path}\0`;
    if (text.length > 1 << 16) {
      digest.update(text);
      text = '';
    }
  }
  return `sha256:${digest.update(text).digest('hex')}`;
}

/** The digest of what a step's `inputs` select of a workspace's files; of all files it is made once. */
export function inputsDigest(files: readonly FileState[], step: StepInputs): Digest {
  if (step.inputs !== undefined) return filesDigest(selectInputs(files, step));
  const known = ofAll.get(files) ?? filesDigest(files);
  ofAll.set(files, known);
  return known;
}

const ofAll = new WeakMap<readonly FileState[], Digest>();
