// Documentation that scripts/lint-code.mjs enforces; the program has only its names (cache-folder.ts), so that no start of it reads the rest.

/** A subfolder of parity's cache folder. */
export interface CacheFolder {
  /** The room (of src) that reads and writes it; no other does. */
  readonly owner: string;
  readonly holds: string;
  /** What `parity clean` removes from it: nothing, what nobody needs any more (with `--all` all that is not in use), or everything. */
  readonly cleaned: 'nothing' | 'unneeded' | 'everything';
}

/** Every subfolder of parity's cache folder. */
export const cacheFolders = {
  audit: {
    owner: 'records',
    holds: 'the run history: a file of JSON lines for each project, and one of the machine',
    cleaned: 'unneeded',
  },
  'base-layers': { owner: 'base', holds: "sizes of a base image's layers", cleaned: 'nothing' },
  code: { owner: 'boot', holds: "parity's own compiled code, for Node 20", cleaned: 'nothing' },
  commits: { owner: 'workspace', holds: 'clean checkouts of commits', cleaned: 'unneeded' },
  configs: { owner: 'config', holds: 'configs that were read or detected', cleaned: 'nothing' },
  contents: { owner: 'workspace', holds: 'digests and stat data of repositories', cleaned: 'nothing' },
  debian: { owner: 'base', holds: 'work folders of Debian bases being made', cleaned: 'nothing' },
  'debian/bases': {
    owner: 'base',
    holds: "what Debian's packages were resolved to in the last day",
    cleaned: 'nothing',
  },
  'debian/debs': { owner: 'base', holds: 'Debian packages, by their SHA-256', cleaned: 'nothing' },
  drafts: { owner: 'app', holds: 'claims on the drafts that fix commands change', cleaned: 'nothing' },
  engines: {
    owner: 'app, environment',
    holds: 'what an engine last said of itself, and whether it sees the files of this machine',

    cleaned: 'nothing',
  },
  expected: { owner: 'receipt', holds: 'how long the steps of earlier runs took', cleaned: 'nothing' },
  'image-parts': {
    owner: 'image',
    holds: 'parts of images, and the layers they make',

    cleaned: 'unneeded',
  },
  images: { owner: 'image', holds: 'work folders of images being made', cleaned: 'nothing' },
  locks: { owner: 'lock', holds: 'marks of locks that were found valid or current', cleaned: 'nothing' },
  logs: { owner: 'records', holds: "the logs of runs' steps", cleaned: 'unneeded' },
  observed: { owner: 'app', holds: 'what an image was found to hold', cleaned: 'nothing' },
  probe: { owner: 'environment', holds: 'files that an engine is asked to see', cleaned: 'nothing' },
  receipts: { owner: 'receipt', holds: 'the receipts of the last runs', cleaned: 'nothing' },
  repositories: { owner: 'workspace', holds: 'keys of flattened repositories', cleaned: 'nothing' },
  results: { owner: 'pipeline', holds: 'passes of earlier runs, by their key', cleaned: 'everything' },
  'results/distrust': {
    owner: 'pipeline',
    holds: 'steps whose passes are not believed',

    cleaned: 'nothing',
  },
  'results/unchanged': { owner: 'app', holds: 'runs to be replayed', cleaned: 'nothing' },
  rewriter: { owner: 'lock', holds: 'the library that rewrites Python code', cleaned: 'nothing' },
  tests: { owner: 'app', holds: 'programs that test files name, by the stat data of the files', cleaned: 'nothing' },
  run: {
    owner: 'environment',
    holds: 'sockets of the supervisors in containers: whoever can open one runs commands there',
    cleaned: 'nothing',
  },
  'uv-images': { owner: 'base', holds: 'which base images have which uv', cleaned: 'nothing' },
  volumes: { owner: 'environment', holds: 'which step filled a volume last', cleaned: 'nothing' },
} as const satisfies Readonly<Record<string, CacheFolder>>;

/** The name of a subfolder of parity's cache folder. */
export type CacheFolderName = keyof typeof cacheFolders;
