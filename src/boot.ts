import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';
import { cacheDir } from './core/paths.ts';

// Starts the program with its code compiled already. Newer Nodes keep compiled code by themselves; for Node 20 it is kept here, a file for each
// command in parity's cache, since most of a short command's time would go into compiling.

type Wrapped = (exports: object, require: NodeJS.Require, self: object, file: string, folder: string) => void;

const program = join(__dirname, 'main.cjs');
const require = createRequire(program);

const { enableCompileCache } = module as { readonly enableCompileCache?: () => void };

if (enableCompileCache === undefined) run();
else {
  enableCompileCache();
  require(program);
}

function run(): void {
  const { size, mtimeMs } = statSync(program);
  const build = `${process.version}-${process.arch}-${size}-${Math.round(mtimeMs)}`;
  const folder = join(cacheDir(), 'code');
  const file = join(folder, `${build}-${commandOf(process.argv.slice(2))}.bin`);
  const cachedData = readCode(file);
  // esbuild writes ASCII only.
  const source = readFileSync(program, 'latin1');
  const script = new Script(module.wrap(source), {
    filename: program,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  if (cachedData === undefined || script.cachedDataRejected === true)
    // At the end: then it has all functions that the command used.
    process.once('exit', (code) => {
      if (code <= 3) keepCode(folder, file, build, script.createCachedData());
    });
  (script.runInThisContext() as Wrapped)({}, require, {}, program, dirname(program));
}

/** One file for each word that parity is called with, few enough whatever is typed. */
function commandOf(args: readonly string[]): string {
  const word = args.find((arg) => !arg.startsWith('-')) ?? args[0] ?? '';
  return /^[a-z-]{2,12}$/.test(word) ? word : 'other';
}

function readCode(file: string): Buffer | undefined {
  try {
    const bytes = readFileSync(file);
    // V8 itself trusts what it is given.
    return crc32(bytes.subarray(4)) === bytes.readUInt32LE(0) ? bytes.subarray(4) : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps compiled code, and lets go of other builds' and of what is too much. What can't be kept costs time, nothing else. */
function keepCode(folder: string, file: string, build: string, code: Buffer): void {
  try {
    mkdirSync(folder, { recursive: true });
    const known = readdirSync(folder);
    const tooMany = known.length > 30;
    for (const name of known) if (tooMany || !name.startsWith(`${build}-`)) rmSync(join(folder, name), { force: true });
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(crc32(code));
    const aside = `${file}.${process.pid}.tmp`;
    writeFileSync(aside, Buffer.concat([sum, code]));
    renameSync(aside, file);
  } catch {
    // No room, or not allowed.
  }
}
