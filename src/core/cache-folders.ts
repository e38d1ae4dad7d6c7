import { join } from 'node:path';
import { cacheDir } from './paths.ts';

/** A subfolder of parity's cache folder. */
export interface CacheFolder {
  /** The room (of src) that reads and writes it; no other does. */
  readonly owner: string;
  readonly holds: string;
  /** Permission bits of the files in it, before the umask. */
  readonly fileMode: number;
  /** Permission bits of the folder, before the umask. */
  readonly folderMode: number;
  /** What `parity clean` removes from it: nothing, what nobody needs any more (with `--all` all that is not in use), or everything. */
  readonly cleaned: 'nothing' | 'unneeded' | 'everything';
}

const readable = { fileMode: 0o644, folderMode: 0o777 } as const;

/** Every subfolder of parity's cache folder. */
export const cacheFolders = {
  audit: {
    owner: 'records',
    holds: 'the run history: a file of JSON lines for each project, and one of the machine',
    fileMode: 0o600,
    folderMode: 0o777,
    cleaned: 'unneeded',
  },
  'base-layers': { owner: 'base', holds: "sizes of a base image's layers", ...readable, cleaned: 'nothing' },
  code: { owner: 'boot', holds: "parity's own compiled code, for Node 20", ...readable, cleaned: 'nothing' },
  commits: { owner: 'workspace', holds: 'clean checkouts of commits', ...readable, cleaned: 'unneeded' },
  configs: { owner: 'config', holds: 'configs that were read or detected', ...readable, cleaned: 'nothing' },
  contents: { owner: 'workspace', holds: 'digests and stat data of repositories', ...readable, cleaned: 'nothing' },
  debian: { owner: 'base', holds: 'work folders of Debian bases being made', ...readable, cleaned: 'nothing' },
  'debian/debs': { owner: 'base', holds: 'Debian packages, by their SHA-256', ...readable, cleaned: 'nothing' },
  drafts: { owner: 'app', holds: 'claims on the drafts that fix commands change', ...readable, cleaned: 'nothing' },
  engines: {
    owner: 'app, environment',
    holds: 'what an engine last said of itself, and whether it sees the files of this machine',
    ...readable,
    cleaned: 'nothing',
  },
  expected: { owner: 'receipt', holds: 'how long the steps of earlier runs took', ...readable, cleaned: 'nothing' },
  'image-parts': {
    owner: 'image',
    holds: 'parts of images, and the layers they make',
    ...readable,
    cleaned: 'unneeded',
  },
  images: { owner: 'image', holds: 'work folders of images being made', ...readable, cleaned: 'nothing' },
  locks: { owner: 'lock', holds: 'marks of locks that were found valid or current', ...readable, cleaned: 'nothing' },
  logs: { owner: 'records', holds: "the logs of runs' steps", ...readable, cleaned: 'unneeded' },
  observed: { owner: 'app', holds: 'what an image was found to hold', ...readable, cleaned: 'nothing' },
  probe: { owner: 'environment', holds: 'files that an engine is asked to see', ...readable, cleaned: 'nothing' },
  receipts: { owner: 'receipt', holds: 'the receipts of the last runs', ...readable, cleaned: 'nothing' },
  repositories: { owner: 'workspace', holds: 'keys of flattened repositories', ...readable, cleaned: 'nothing' },
  results: { owner: 'pipeline', holds: 'passes of earlier runs, by their key', ...readable, cleaned: 'everything' },
  'results/distrust': {
    owner: 'pipeline',
    holds: 'steps whose passes are not believed',
    ...readable,
    cleaned: 'nothing',
  },
  'results/unchanged': { owner: 'app', holds: 'runs to be replayed', ...readable, cleaned: 'nothing' },
  rewriter: { owner: 'lock', holds: 'the library that rewrites Python code', ...readable, cleaned: 'nothing' },
  run: {
    owner: 'environment',
    holds: 'sockets of the supervisors in containers: whoever can open one runs commands there',
    fileMode: 0o600,
    folderMode: 0o700,
    cleaned: 'nothing',
  },
  'uv-images': { owner: 'base', holds: 'which base images have which uv', ...readable, cleaned: 'nothing' },
  volumes: { owner: 'environment', holds: 'which step filled a volume last', ...readable, cleaned: 'nothing' },
} as const satisfies Readonly<Record<string, CacheFolder>>;

/** The name of a subfolder of parity's cache folder. */
export type CacheFolderName = keyof typeof cacheFolders;

/** The path of a subfolder of parity's cache folder, or of another cache's at `root`. It may not exist yet. */
export function cacheFolder(name: CacheFolderName, root: string = cacheDir()): string {
  return join(root, name);
}
