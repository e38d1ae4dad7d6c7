// Bundles src/main.ts (the program, one file), src/api.ts (the package's API: a start file, and a chunk for each thing that is imported only when
// used) and src/boot.ts (which loads the program) into dist/.
// Dependencies are bundled too, since most of a cold start is Node finding and compiling their many small files.
import { readFile, rename, rm } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';
import { analyzeMetafile, build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Loaded from node_modules when it comes to it: big, seldom needed, or reading files of its own. */
const external = new Set(['protobufjs', 'undici']);

/**
 * What dockerode and docker-modem import although parity's everyday calls have no use for it (together more than 100 ms):
 * gRPC and protobuf serve BuildKit's sessions, ssh2 nothing (engine/docker/ssh.ts takes its place), the others contexts
 * that dockerode would pack itself. Each is loaded at its first use, from dockerode's own folder: so it is found wherever a
 * package manager puts it.
 */
const lazyModules = [
  { importer: /[\\/]dockerode[\\/]lib[\\/]docker\.js$/, path: './session', real: 'dockerode/lib/session.js' },
  { importer: /[\\/]dockerode[\\/]lib[\\/]docker\.js$/, path: './buildkit', real: 'dockerode/lib/buildkit.js' },
  { importer: /[\\/]dockerode[\\/]lib[\\/]util\.js$/, path: 'tar-fs', real: 'tar-fs' },
  { importer: /[\\/]dockerode[\\/]lib[\\/]util\.js$/, path: '@balena/dockerignore', real: '@balena/dockerignore' },
  { importer: /[\\/]docker-modem[\\/]lib[\\/]modem\.js$/, path: './ssh', real: 'docker-modem/lib/ssh.js' },
];

const lazily = {
  name: 'lazily',
  setup(plugin) {
    const seen = new Set();
    plugin.onResolve({ filter: /.*/ }, ({ path, importer }) => {
      if (isBuiltin(path)) return { path, external: true };
      // The copy for Node versions long gone.
      if (path === 'readable-stream' && /[\\/]docker-modem[\\/]/.test(importer))
        return { path: 'node:stream', external: true };
      const lazy = lazyModules.find((one) => one.path === path && one.importer.test(importer));
      if (lazy !== undefined) {
        seen.add(lazy.real);
        return { path: lazy.real, namespace: 'lazy' };
      }
      const name = path.startsWith('.')
        ? ''
        : path
            .split('/')
            .slice(0, path.startsWith('@') ? 2 : 1)
            .join('/');
      return external.has(name) ? { path, external: true } : undefined;
    });
    plugin.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({
      resolveDir: root,
      contents: `
        let real;
        const load = () => real ??= __makeRequire(__makeRequire(__here).resolve('dockerode/package.json'))(${JSON.stringify(path)});
        module.exports = new Proxy(function () {}, {
          get: (_, name) => load()[name],
          apply: (_, self, args) => Reflect.apply(load(), self, args),
        });`,
    }));
    // Docker-modem writes every request out for a debug log that nobody sees: a quarter of what a request costs.
    plugin.onLoad({ filter: /[\\/]docker-modem[\\/]lib[\\/]modem\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replace(/debug\('Sending: %s', util\.inspect\(options, \{[^}]*\}\)\);/, '');
      return contents === text ? { errors: [{ text: `${path} logs its requests otherwise` }] } : { contents };
    });
    // A release of dockerode that moves them must not bring 100 ms back unnoticed.
    plugin.onEnd(() => {
      const missed = lazyModules.filter(({ real }) => !seen.has(real)).map(({ real }) => real);
      return missed.length === 0
        ? undefined
        : { errors: missed.map((real) => ({ text: `${real} is not imported as it was` })) };
    });
  },
};

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
try {
  const [{ metafile }] = await Promise.all([
    // One file: a start that finds, reads and links sixty small ones takes twice as long. What is imported lazily is run lazily all the same.
    build({
      ...common,
      entryPoints: ['src/main.ts'],
      outExtension: { '.js': '.cjs' },
      format: 'cjs',
      // What stays outside is required: code that src/boot.ts has compiled can't import.
      supported: { 'dynamic-import': false },
      define: { 'import.meta.url': '__here' },
      banner: {
        js: "const __makeRequire=require('node:module').createRequire,__here=require('node:url').pathToFileURL(__filename).href;",
      },
    }),
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
  if (metafile !== undefined) console.log(await analyzeMetafile(metafile));
  await rm(`${root}dist`, { recursive: true, force: true });
  await rename(`${root}${aside}`, `${root}dist`);
} finally {
  await rm(`${root}${aside}`, { recursive: true, force: true });
}
