/**
 * Variables that speak to what installs packages, to CI's caches, and to its own fetching: the image has the packages, and an environment its
 * own caches. So do versions that a setup action is given. They matter only to a script that names them.
 */
export function isInstallerSetting(name: string): boolean {
  // It decides what `uv run` installs, in scripts of the repository, too.
  if (name === 'UV_NO_SYNC') return false;
  return (
    /^(?:PIP|UV|POETRY|PDM|PIPENV|PRE_COMMIT|GIT|FF|CACHE|ARTIFACT|TRANSFER)_/.test(name) ||
    /_CACHE_DIR$|^(?:npm_config_cache|YARN_CACHE_FOLDER|SECURE_ANALYZERS_PREFIX)$/.test(name) ||
    /(?:^|_)(?:PYTHON|PY|NODE|NODEJS|PNPM|YARN|NPM|UV|POETRY|JAVA|GO|RUST)_?VERSIONS?(?:_|$)/.test(name)
  );
}
