import { delimiter, isAbsolute } from 'node:path';

// How to find programs, settings and the network: nothing else of the user's environment is a program's business.
const shown = new RegExp(
  `^(?:${[
    'PATH|HOME|USER|LOGNAME|SHELL|TERM|TZ|LANG|LANGUAGE|LC_\\w+|TMPDIR|TMP|TEMP|XDG_\\w+|LD_LIBRARY_PATH',
    // Windows.
    'SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|USERNAME|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|PROGRAM(?:DATA|FILES)',
    'HTTP_PROXY|HTTPS_PROXY|FTP_PROXY|ALL_PROXY|NO_PROXY',
    'SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NIX_SSL_CERT_FILE',
    // Where version managers keep what their programs in PATH stand for.
    'NVM_DIR|VOLTA_HOME|FNM_DIR|FNM_MULTISHELL_PATH|ASDF_DIR|ASDF_DATA_DIR|MISE_DATA_DIR|PYENV_ROOT|NODENV_ROOT|N_PREFIX|CONDA_PREFIX',
  ].join('|')})$`,
  'i',
);

/**
 * The environment of a program that parity starts on the host: an allow-list, so that secrets of the user's reach no program that has
 * no need of them. `also` names what this one needs besides. Folders in PATH that depend on where a program starts are left out.
 */
export function programEnvironment(env: NodeJS.ProcessEnv, also?: RegExp): NodeJS.ProcessEnv {
  const seen = Object.entries(env).filter(([name]) => shown.test(name) || also?.test(name) === true);
  return Object.fromEntries(
    seen.map(([name, value]) => [name, /^path$/i.test(name) ? absoluteFolders(value ?? '') : value]),
  );
}

function absoluteFolders(path: string): string {
  return path
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .join(delimiter);
}
