// What esbuild is told of how parity loads: what stays outside the bundles, what is loaded at its first use, and where the program is cut in two.
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

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

const missed = new Set(lazyModules.map(({ real }) => real));

/** Throws when a package no longer imports what is loaded at its first use: a release that moves it must not bring 100 ms back unnoticed. */
export function assertAllLazy() {
  if (missed.size > 0) throw new Error(`not imported as they were: ${[...missed].join(', ')}`);
}

/** Loads what is seldom needed at its first use. */
export const lazily = {
  name: 'lazily',
  setup(plugin) {
    plugin.onResolve({ filter: /.*/ }, ({ path, importer }) => {
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
    plugin.onLoad({ filter: /.*/, namespace: 'silent' }, () => ({ contents: 'module.exports = () => () => {};' }));
    // Docker-modem writes every request out for a debug log that nobody sees: a quarter of what a request costs.
    plugin.onLoad({ filter: /[\\/]docker-modem[\\/]lib[\\/]modem\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replace(/debug\('Sending: %s', util\.inspect\(options, \{[^}]*\}\)\);/, '');
      return contents === text ? { errors: [{ text: `${path} logs its requests otherwise` }] } : { contents };
    });
  },
};

/** The program's second file, and the modules in it: those that src/cli/program/ imports when a command is chosen. */
export const commands = { file: 'commands.cjs', modules: new Set() };

/** Cuts the program where a command is chosen: what comes then is looked for in the second file. */
export const cutAtCommands = {
  name: 'cut-at-commands',
  setup(plugin) {
    const cut = { commandModule: true };
    plugin.onResolve({ filter: /^\.\.?\// }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (path === `./${commands.file}`) return { path, external: true };
      if (kind !== 'dynamic-import' || pluginData === cut || !/[\\/]src[\\/]cli[\\/]program[\\/]/.test(importer))
        return undefined;
      const found = await plugin.resolve(path, { kind, importer, resolveDir, pluginData: cut });
      const name = relative(root, found.path).replaceAll('\\', '/');
      commands.modules.add(name);
      return { path: name, namespace: 'command' };
    });
    plugin.onLoad({ filter: /.*/, namespace: 'command' }, ({ path }) => ({
      resolveDir: root,
      contents: `module.exports = require('./${commands.file}')[${JSON.stringify(path)}]();`,
    }));
  },
};

/** The second file's own text. */
export function commandsEntry() {
  const modules = [...commands.modules].toSorted();
  return modules
    .map((name) => `exports[${JSON.stringify(name)}] = () => require(${JSON.stringify(`./${name}`)});`)
    .join('\n');
}
