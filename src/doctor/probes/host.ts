import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { gitSettings } from '../../git/git.ts';
import type { ObservedHost } from '../observed.ts';
import { probeTools, probeVenv } from './host-tools.ts';

/** The machine that the developer works on: tools in PATH, virtual environments of the project, git's settings, locale, variables. */
export async function probeHost(options: {
  /** Absolute. */
  readonly topDir: string;
  readonly projectDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Tools to look for. */
  readonly programs: readonly string[];
}): Promise<ObservedHost> {
  const { topDir, projectDir, env, programs } = options;
  const folders = [...new Set([projectDir, topDir])].flatMap((dir) => ['.venv', 'venv'].map((name) => join(dir, name)));
  const [tools, venvs, git, isCaseInsensitive] = await Promise.all([
    probeTools(programs, { topDir, env }),
    Promise.all(folders.map(async (dir) => ({ dir, found: await probeVenv(dir) }))),
    gitSettings(topDir, ['core.autocrlf', 'core.filemode']),
    ignoresCase(projectDir),
  ]);
  const autocrlf = git.get('core.autocrlf')?.toLowerCase();
  const fileMode = git.get('core.filemode')?.toLowerCase();
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '');
  return {
    tools,
    venvs: venvs.flatMap(({ dir, found }) =>
      found === undefined ? [] : [{ path: relative(topDir, dir).split(sep).join('/'), ...found }],
    ),
    git: {
      ...(autocrlf === undefined ? {} : { autocrlf }),
      ...(fileMode === undefined ? {} : { fileMode: fileMode !== 'false' }),
    },
    isCaseInsensitive,
    ...(locale === undefined ? {} : { locale }),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    env: changingVariables(env),
  };
}

/** Variables that change what Python, its tools, pip, uv, npm or Node do; not those that only move caches or colours. */
const changing =
  /^(?:PYTHONPATH|PYTHONHOME|PYTHONSTARTUP|PYTHONWARNINGS|PYTHONOPTIMIZE|PYTHONHASHSEED|PYTHONUTF8|PYTHONIOENCODING|PYTHONSAFEPATH|PYTHONNOUSERSITE|MYPYPATH|MYPY_CONFIG_FILE_DIR|PYTEST_ADDOPTS|PYTEST_PLUGINS|COVERAGE_\w+|BLACK_\w+|RUFF_\w+|PIP_(?!CERT$|CLIENT_CERT|(?:DEFAULT_)?TIMEOUT|RETRIES|PROXY|TRUSTED_HOST|LOG|QUIET|VERBOSE|CACHE_DIR|NO_CACHE_DIR|NO_COLOR|PROGRESS_BAR|DISABLE_PIP_VERSION_CHECK|ROOT_USER_ACTION)\w+|UV_(?!CACHE_DIR|NO_PROGRESS)\w+|NODE_OPTIONS|NODE_PATH|NODE_ENV|NPM_CONFIG_(?!CACHE|COLOR|LOGLEVEL|UPDATE_NOTIFIER|FUND|AUDIT)\w+)$/i;

function changingVariables(env: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(env)
      .filter(([name, value]) => value !== undefined && value !== '' && changing.test(name))
      .map(([name, value = '']) => [name, withoutSecrets(name, value)] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}

function withoutSecrets(name: string, value: string): string {
  if (/token|password|auth|secret|_key/i.test(name)) return '***';
  return value.replace(/(\w+:\/\/)[^/@\s]+@/g, '$1***@');
}

/** Asks for the project's folder under another spelling of its name: nothing is written. */
async function ignoresCase(dir: string): Promise<boolean> {
  const name = basename(dir);
  const swapped = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
  if (swapped === name) return false;
  const [one, other] = await Promise.all([stat(dir), stat(join(dirname(dir), swapped)).catch(() => undefined)]);
  return other !== undefined && one.ino === other.ino && one.dev === other.dev;
}
