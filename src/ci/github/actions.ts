/**
 * The actions that a generated workflow uses, each pinned by the full commit of a release: a tag can be moved, a commit
 * can't. Each pair was looked up in public workflows and found with that very version beside it in several repositories
 * that have nothing to do with one another. An update changes this table; `parity ci github --check` then says which
 * workflows are to be written anew.
 */
const pins = {
  'actions/checkout': ['de0fac2e4500dabe0009e67214ff5f5447ce83dd', 'v6.0.2'],
  'actions/cache': ['cdf6c1fa76f9f475f3d7449005a359c84ca0f306', 'v5.0.3'],
  'actions/upload-artifact': ['b7c566a772e6b6bfb58ed0dc250532a479d7789f', 'v6.0.0'],
  'actions/download-artifact': ['37930b1c2abaa49bbe596cd826c3c89aef350131', 'v7.0.0'],
  'docker/login-action': ['c94ce9fb468520275223c153574b00df6fe4bcc9', 'v3.7.0'],
  'github/codeql-action': ['89a39a4e59826350b863aa6b6252a07ad50cf83e', 'v4.32.4'],
} as const;

/** A repository of actions that is pinned. */
export type PinnedAction = keyof typeof pins;

/** The value of `uses:` for an action, with its version as a comment; `path` is the action's folder in its repository. */
export function uses(action: PinnedAction, path = ''): string {
  const [commit, version] = pins[action];
  return `${action}${path === '' ? '' : `/${path}`}@${commit} # ${version}`;
}
