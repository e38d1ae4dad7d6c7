// What esbuild is told of how parity loads: what stays outside the bundles, what is loaded at its first use, and where the program is cut in two.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import fsPromises, { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Loaded from node_modules when it comes to it: big, seldom needed, or reading files of its own. */
const external = new Set(['protobufjs', 'undici']);

/**
 * What packages import although parity's everyday calls have no use for it (together more than 100 ms): gRPC and protobuf serve BuildKit's
 * sessions, ssh2 nothing (engine/docker/ssh.ts takes its place), the others contexts that dockerode would pack itself, and subcommands that would
 * be programs of their own. Each is loaded at its first use, from dockerode's own folder: so it is found wherever a package manager puts it.
 */
const lazyModules = [
  { importer: /[\\/]dockerode[\\/]lib[\\/]docker\.js$/, path: './session', real: 'dockerode/lib/session.js' },
  { importer: /[\\/]dockerode[\\/]lib[\\/]docker\.js$/, path: './buildkit', real: 'dockerode/lib/buildkit.js' },
  { importer: /[\\/]dockerode[\\/]lib[\\/]util\.js$/, path: 'tar-fs', real: 'tar-fs' },
  { importer: /[\\/]dockerode[\\/]lib[\\/]util\.js$/, path: '@balena/dockerignore', real: '@balena/dockerignore' },
  { importer: /[\\/]docker-modem[\\/]lib[\\/]modem\.js$/, path: './ssh', real: 'docker-modem/lib/ssh.js' },
  { importer: /[\\/]docker-modem[\\/]lib[\\/]http\.js$/, path: 'https', real: 'node:https' },
  { importer: /[\\/]commander[\\/]lib[\\/]command\.js$/, path: 'node:child_process', real: 'node:child_process' },
];

/** Node's own that take milliseconds to load, and what is taken from them. */
const lazyBuiltins = { 'node:fs/promises': Object.keys(fsPromises) };

const missed = new Set(lazyModules.map(({ real }) => real));

/** Throws when a package no longer imports what is loaded at its first use: a release that moves it must not bring 100 ms back unnoticed. */
export function assertAllLazy() {
  if (missed.size > 0) throw new Error(`not imported as they were: ${[...missed].join(', ')}`);
}

/** Loads what is seldom needed at its first use. */
export const lazily = {
  name: 'lazily',
  setup(plugin) {
    plugin.onResolve({ filter: /.*/ }, ({ path, importer, namespace }) => {
      // Its log is nobody's, and takes a millisecond to set up.
      if (path === 'debug') return { path, namespace: 'silent' };
      // The copy for Node versions long gone.
      if (path === 'readable-stream' && /[\\/]docker-modem[\\/]/.test(importer))
        return { path: 'node:stream', external: true };
      const lazy = lazyModules.find((one) => one.path === path && one.importer.test(importer));
      if (lazy !== undefined) {
        missed.delete(lazy.real);
        return { path: lazy.real, namespace: 'lazy' };
      }
      if (path in lazyBuiltins && namespace !== 'lazy-builtin') return { path, namespace: 'lazy-builtin' };
      if (isBuiltin(path)) return { path, external: true };
      const name = path.startsWith('.')
        ? ''
        : path
            .split('/')
            .slice(0, path.startsWith('@') ? 2 : 1)
            .join('/');
      return external.has(name) ? { path, external: true } : undefined;
    });
    plugin.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => {
      const load = isBuiltin(path)
        ? `require(${JSON.stringify(path)})`
        : `__makeRequire(__makeRequire(__here).resolve('dockerode/package.json'))(${JSON.stringify(path)})`;
      return {
        resolveDir: root,
        contents: `
          let real;
          const load = () => real ??= ${load};
          module.exports = new Proxy(function () {}, {
            get: (_, name) => load()[name],
            apply: (_, self, args) => Reflect.apply(load(), self, args),
          });`,
      };
    });
    plugin.onLoad({ filter: /.*/, namespace: 'lazy-builtin' }, ({ path }) => {
      const getters = lazyBuiltins[path].map(
        (name) => `get ${name}() { return require(${JSON.stringify(path)}).${name}; }`,
      );
      return { contents: `module.exports = { ${getters.join(', ')} };` };
    });
    plugin.onLoad({ filter: /[\\/]src[\\/]core[\\/]built-files\.ts$/ }, () => ({
      contents: `export const builtFiles = ${JSON.stringify(packageFiles())};`,
    }));
    plugin.onLoad({ filter: /.*/, namespace: 'silent' }, () => ({ contents: 'module.exports = () => () => {};' }));
    // Docker-modem writes every request out for a debug log that nobody sees: a quarter of what a request costs.
    plugin.onLoad({ filter: /[\\/]docker-modem[\\/]lib[\\/]modem\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replace(/debug\('Sending: %s', util\.inspect\(options, \{[^}]*\}\)\);/, '');
      return contents === text ? { errors: [{ text: `${path} logs its requests otherwise` }] } : { contents };
    });
  },
};

/**
 * The program's files, each loaded when the one before it asks for it. The first reads the command line; the second runs a pipeline whose
 * environment is there, and has nothing else, since finding and linking what a file holds costs every run of it; the last has all the rest.
 */
export const files = { main: 'main.cjs', run: 'run.cjs', rest: 'commands.cjs' };

/** What runs in an environment that is warm, most of the time. */
const runModules = ['src/cli/commands/up.ts', 'src/cli/commands/run.ts'];

/** What a run loads at its first use although every run has it: it stays beside what has it from the start. */
const ofEveryRun = ['records/run-history', 'records/run-logs', 'config/detect/files', 'config/detect/detect-node'].map(
  (name) => `src/${name}.ts`,
);

/** The modules in each file that others ask for. */
const asked = { [files.run]: new Set(runModules), [files.rest]: new Set() };

/** Cuts the first file where a command is chosen, and where a kind of report is written: the command line needs the kinds' names only. */
export const cutAtCommands = cut('cut-at-commands', ({ importer, name }) =>
  !/[\\/]src[\\/](?:cli[\\/]program[\\/]|report[\\/]report-kinds\.ts$)/.test(importer)
    ? undefined
    : runModules.includes(name)
      ? files.run
      : files.rest,
);

/** Cuts the second file where it comes to what a run seldom needs: all that it loads at its first use. */
export async function cutAtSeldom() {
  const gone = ofEveryRun.filter((name) => !existsSync(`${root}${name}`));
  if (gone.length > 0) throw new Error(`${gone.join(', ')}: every run has it, and it is not there`);
  const stays = new Set([...(await loadedAtOnce(runModules)), ...ofEveryRun]);
  return cut('cut-at-seldom', ({ name }) => (stays.has(name) ? undefined : files.rest));
}

/** A file's own text: the modules that others ask it for. */
export function entryOf(file) {
  const load = (name) => `exports[${JSON.stringify(name)}] = () => require(${JSON.stringify(`./${name}`)});`;
  return [...asked[file]].toSorted().map(load).join('\n');
}

/** Looks for a module that is loaded at its first use in the file that `fileOf` names, if it names one. */
function cut(name, fileOf) {
  return {
    name,
    setup(plugin) {
      const mark = { resolved: true };
      plugin.onResolve({ filter: /^\.\.?\// }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (Object.values(files).some((file) => path === `./${file}`)) return { path, external: true };
        if (kind !== 'dynamic-import' || pluginData === mark) return undefined;
        const found = await plugin.resolve(path, { kind, importer, resolveDir, pluginData: mark });
        const module = nameOf(found.path);
        const file = fileOf({ importer, name: module });
        if (file === undefined) return found;
        asked[file].add(module);
        return { path: module, namespace: 'cut', pluginData: file };
      });
      plugin.onLoad({ filter: /.*/, namespace: 'cut' }, ({ path, pluginData: file }) => ({
        resolveDir: root,
        contents: `module.exports = require('./${file}')[${JSON.stringify(path)}]();`,
      }));
    },
  };
}

/** The modules that are loaded with some, whatever those then do. */
async function loadedAtOnce(modules) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: modules,
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
    outdir: 'dist',
    packages: 'external',
    plugins: [
      {
        name: 'only-at-once',
        setup(plugin) {
          plugin.onResolve({ filter: /.*/ }, ({ path, kind }) =>
            kind === 'dynamic-import' ? { path, external: true } : undefined,
          );
        },
      },
    ],
  });
  return Object.keys(metafile.inputs);
}

function nameOf(path) {
  return relative(root, path).replaceAll('\\', '/');
}

/** The digests of what containers and images get from the package, by path: every run of the program would have to read it otherwise. */
function packageFiles() {
  const paths = [
    'Dockerfile.parity',
    ...readdirSync(`${root}images`, { recursive: true }).map((path) => `images/${path}`),
  ];
  const digests = paths
    .filter((path) => statSync(`${root}${path}`).isFile())
    .map((path) => [
      path,
      `sha256:${createHash('sha256')
        .update(readFileSync(`${root}${path}`))
        .digest('hex')}`,
    ]);
  return Object.fromEntries(digests.sort());
}
