import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import nodeModule, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { cacheFolder } from './core/cache-folder.ts';
import { claimCacheFolder } from './core/cache-owner.ts';

// Starts the program with its code compiled already. Newer Nodes keep compiled code by themselves; for Node 20 it is kept here, a file for each
// command in parity's cache, since most of a short command's time would go into compiling. Compiled code is believed as it is, so it is
// only taken from a folder in which no other user can write; Node's own choice would be a folder that all users share.

type Wrapped = (exports: object, require: (id: string) => unknown, self: Module, file: string, folder: string) => void;

interface Module {
  exports: object;
}

const program = join(__dirname, 'main.cjs');
const require = createRequire(program);
const loaded = new Map<string, Module>();

const { enableCompileCache } = nodeModule as { readonly enableCompileCache?: (folder: string) => void };

// The command itself says why a cache folder is refused.
if (claimCacheFolder() !== undefined) require(program);
else if (enableCompileCache === undefined) load('main.cjs');
else {
  enableCompileCache(join(cacheFolder('code'), 'node'));
  require(program);
}

/** One of the program's files, run at its first use; it asks for another by its name. */
function load(name: string): object {
  const module = loaded.get(name) ?? run(name);
  return module.exports;
}

function run(name: string): Module {
  const path = join(__dirname, name);
  const { size, mtimeMs } = statSync(path);
  const build = `${name}-${process.version}-${process.arch}-${size}-${Math.round(mtimeMs)}`;
  const folder = cacheFolder('code');
  const file = join(folder, `${build}-${commandOf(process.argv.slice(2))}.bin`);
  const cachedData = readCode(file);
  // esbuild writes ASCII only.
  const source = readFileSync(path, 'latin1');
  const script = new Script(nodeModule.wrap(source), {
    filename: path,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  if (cachedData === undefined || script.cachedDataRejected === true) {
    // V8 lets go of compiled code that was not used for some seconds: what starts the program would be missing from what a long command keeps.
    const { setFlagsFromString } = require('node:v8') as typeof import('node:v8');
    setFlagsFromString('--no-flush-bytecode');
    // At the end: then it has all functions that the command used.
    process.once('exit', (code) => {
      // V8 takes no code that was compiled under other flags than its own.
      setFlagsFromString('--flush-bytecode');
      if (code <= 3) keepCode(folder, file, { name, build, code: script.createCachedData() });
    });
  }
  const self: Module = { exports: {} };
  loaded.set(name, self);
  const ask = (id: string): unknown => (/^\.\/\w+\.cjs$/.test(id) ? load(id.slice(2)) : require(id));
  (script.runInThisContext() as Wrapped)(self.exports, ask, self, path, dirname(path));
  return self;
}

/** One file for each word that parity is called with, few enough whatever is typed. */
function commandOf(args: readonly string[]): string {
  const word = args.find((arg) => !arg.startsWith('-')) ?? args[0] ?? '';
  return /^[a-z-]{2,12}$/.test(word) ? word : 'other';
}

/** V8 itself trusts what it is given: the length tells a file that is not whole. */
function readCode(file: string): Buffer | undefined {
  try {
    const bytes = readFileSync(file);
    return bytes.readUInt32LE(0) === bytes.length - 4 ? bytes.subarray(4) : undefined;
  } catch {
    return undefined;
  }
}

interface Kept {
  readonly name: string;
  readonly build: string;
  readonly code: Buffer;
}

/** Keeps compiled code, and lets go of other builds' and of what is too much. What can't be kept costs time, nothing else. */
function keepCode(folder: string, file: string, { name, build, code }: Kept): void {
  try {
    mkdirSync(folder, { recursive: true });
    const known = readdirSync(folder);
    const tooMany = known.length > 60;
    for (const other of known) {
      const isOther = /^\w+\.cjs-/.test(other) && !other.startsWith(`${name}-`);
      if (tooMany || !(isOther || other.startsWith(`${build}-`)))
        rmSync(join(folder, other), { force: true, recursive: true });
    }
    const length = Buffer.alloc(4);
    length.writeUInt32LE(code.length);
    const aside = `${file}.${process.pid}.tmp`;
    const opened = openSync(aside, 'w');
    try {
      writeSync(opened, Buffer.concat([length, code]));
      // A machine that loses power must not find the name without the bytes.
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    renameSync(aside, file);
  } catch {
    // No room, or not allowed.
  }
}
