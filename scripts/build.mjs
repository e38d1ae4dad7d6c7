// Bundles the program, src/api.ts (the package's API: a start file, and a chunk for each thing that is imported only when used) and src/boot.ts
// (which loads the program) into dist/. The program is three files (bundling.mjs says which).
// Dependencies are bundled too, since most of a cold start is Node finding and compiling their many small files.
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { analyzeMetafile, build } from 'esbuild';
import { assertAllLazy, cutAtCommands, cutAtSeldom, entryOf, files, lazily, root } from './bundling.mjs';

// Written aside and renamed, so that a parity that runs meanwhile never meets half a dist/.
const aside = `dist.${process.pid}.part`;
const common = {
  absWorkingDir: root,
  outdir: aside,
  bundle: true,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'external',
  platform: 'node',
  target: 'node20',
  plugins: [lazily],
  logLevel: 'warning',
  metafile: process.argv.includes('--analyse'),
};
const program = {
  ...common,
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  // What stays outside is required: code that src/boot.ts has compiled can't import.
  supported: { 'dynamic-import': false },
  // Node's own performance.now loads a module of two milliseconds; both clocks are monotonic.
  define: { 'import.meta.url': '__here', 'performance.now': '__now' },
  banner: {
    js: "const __makeRequire=require('node:module').createRequire,__here=require('node:url').pathToFileURL(__filename).href,__now=()=>process.uptime()*1e3;",
  },
};
try {
  const main = await build({ ...program, plugins: [cutAtCommands, lazily], entryPoints: ['src/main.ts'] });
  const run = await build({ ...partOf(files.run), plugins: [await cutAtSeldom(), lazily] });
  const others = await Promise.all([
    build(partOf(files.rest)),
    build({
      ...common,
      entryPoints: ['src/api.ts'],
      splitting: true,
      format: 'esm',
      // The bundled CommonJS packages ask for Node's own modules.
      banner: {
        js: "import{createRequire as __makeRequire}from'node:module';const __here=import.meta.url,require=__makeRequire(__here);",
      },
    }),
    build({
      ...common,
      plugins: [],
      entryPoints: ['src/boot.ts'],
      outExtension: { '.js': '.cjs' },
      format: 'cjs',
      define: { 'import.meta.url': '__filename' },
    }),
  ]);
  for (const name of Object.values(files)) await escapeBeyondAscii(`${root}${aside}/${name}`);
  assertAllLazy();
  for (const { metafile } of [main, run, ...others])
    if (metafile !== undefined) console.log(await analyzeMetafile(metafile));
  await rm(`${root}dist`, { recursive: true, force: true });
  await rename(`${root}${aside}`, `${root}dist`);
} finally {
  await rm(`${root}${aside}`, { recursive: true, force: true });
}

/** How a file of the program is built that others ask for modules: when those are known. */
function partOf(file) {
  return {
    ...program,
    stdin: { contents: entryOf(file), resolveDir: root, sourcefile: file },
    entryNames: file.replace(/\.cjs$/, ''),
  };
}

/** src/boot.ts reads the program byte by byte. esbuild escapes what strings hold, but not regular expressions and tagged templates. */
async function escapeBeyondAscii(file) {
  const text = await readFile(file, 'utf8');
  const [ambiguous] = /.{0,40}\\\P{ASCII}/u.exec(text) ?? [];
  if (ambiguous !== undefined) throw new Error(`no backslash stands before a character beyond ASCII: ${ambiguous}`);
  const escaped = text.replace(/[^\p{ASCII}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
  if (escaped !== text) await writeFile(file, escaped);
}
