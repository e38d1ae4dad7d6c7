const named =
  /(?:^|\/)(?:pyproject\.toml|setup\.py|setup\.cfg|MANIFEST\.in|meson\.build|meson_options\.txt|meson\.options|CMakeLists\.txt|Cargo\.toml|Cargo\.lock|build\.rs|pdm\.lock|\.gitattributes|\.git_archival\.txt)$/;
const sources = /\.(?:c|cc|cpp|cxx|h|hh|hpp|hxx|pyx|pxd|pxi|f|f77|f90|f95|rs|cu|cmake|swg|i)$/i;
const texts = /^(?:readme|license|licence|copying|notice|authors|version)(?:\.[\w.]+)?$/i;

/** Whether a path (relative to its project) is read by a build of the project whatever its settings say: build files and sources that are compiled. */
export function isBuildFile(path: string): boolean {
  return named.test(path) || sources.test(path);
}

/** Whether a path is of what lies at a project's top and that builds often read: its modules, which setup.py may import, its readme and license. */
export function isCloseToRoot(path: string): boolean {
  return !path.includes('/') && (path.endsWith('.py') || texts.test(path));
}

/** The name that a file gives to what is importable of a project, by its path: its top-level package or module below the root or `src`; undefined for others. */
export function topLevelName(path: string): string | undefined {
  const [, root = '', name] = /^((?:src|lib|python)\/)?([A-Za-z_]\w*)(?:\.pyi?$|\/.*\.py$)/.exec(path) ?? [];
  return name === undefined ? undefined : `${root}${name}`;
}
