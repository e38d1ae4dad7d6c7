import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { isSecretName, looksSecret } from './secret-patterns.ts';

/** A value that must not be shown, and what says so. */
export interface KnownSecret {
  readonly value: string;
  /** For people, never the value: `variable API_KEY`, `STRIPE_KEY of .env`. */
  readonly from: string;
}

/**
 * The values of variables that are secrets by their names, and the passwords in URLs among them. Not what is too short or too plain to be hidden
 * wherever it comes up: no word of letters alone, no number, no path.
 */
export function secretsAmong(variables: Readonly<Record<string, string | undefined>>): readonly KnownSecret[] {
  return Object.entries(variables).flatMap(([name, value = '']) => {
    const from = `variable ${name}`;
    return valuesToHide(value, isSecretName(name)).map((hidden) => ({ value: hidden, from }));
  });
}

/**
 * Secrets in the .env files of a project: in its folder, in those right below it and in those above it up to the git top level. There a value is
 * taken for a secret by its variable's name, or when it looks like nothing else. What can't be read holds none.
 */
export function secretsInEnvFiles(projectDir: string): readonly KnownSecret[] {
  return envFilesOf(projectDir).flatMap((file) => {
    const from = relative(projectDir, file).split(sep).join('/');
    return [...parseEnvFile(textOf(file))].flatMap(([name, value]) => {
      const isSecret = looksSecret(name, value) || isOpaque(value);
      return valuesToHide(value, isSecret).map((hidden) => ({ value: hidden, from: `${name} of ${from}` }));
    });
  });
}

// Examples to copy hold no secret of anybody's.
const envFileName = /^\.env(?:rc|\.(?!example$|sample$|template$|dist$|defaults?$)[\w.-]{1,40})?$/;
const largestEnvFile = 256 * 1024;
const mostFolders = 200;
const mostAbove = 12;

function envFilesOf(projectDir: string): readonly string[] {
  const files: string[] = [];
  const names = entriesOf(projectDir);
  for (const { name } of names) if (envFileName.test(name)) files.push(join(projectDir, name));
  const folders = names.filter((entry) => entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name));
  for (const { name } of folders.slice(0, mostFolders))
    for (const file of ['.env', '.env.local']) files.push(join(projectDir, name, file));
  let dir = projectDir;
  for (let steps = 0; steps < mostAbove && !existsSync(join(dir, '.git')) && dirname(dir) !== dir; steps += 1) {
    dir = dirname(dir);
    files.push(join(dir, '.env'));
  }
  return files;
}

function entriesOf(dir: string): ReturnType<typeof listed> {
  try {
    return listed(dir);
  } catch {
    return [];
  }
}

function listed(dir: string) {
  return readdirSync(dir, { withFileTypes: true });
}

function textOf(file: string): string {
  try {
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat?.isFile() === true && stat.size <= largestEnvFile ? readFileSync(file, 'utf8') : '';
  } catch {
    return '';
  }
}

// NAME=value, `export` before it, quotes of three kinds that may span lines, a comment behind it: what dotenv, direnv and compose read.
const assignment =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*[=:][ \t]*(?:"((?:\\[^]|[^"\\])*)"|'([^']*)'|`([^`]*)`|([^\r\n]*))/gm;

/** The variables of a .env file. */
export function parseEnvFile(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', double, single, back, bare] of text.matchAll(assignment)) {
    const value =
      double?.replace(/\\n/g, '\n').replace(/\\(["\\$])/g, '$1') ?? single ?? back ?? withoutComment(bare ?? '');
    found.set(name, value);
  }
  return found;
}

function withoutComment(bare: string): string {
  return bare.replace(/(?:^|[ \t])#.*$/, '').trim();
}

function valuesToHide(value: string, isSecret: boolean): readonly string[] {
  const passwords = [...value.matchAll(/:\/\/[^\s:@/]{0,256}:([^\s@/]{1,256})@/g)].flatMap(([, password = '']) => [
    password,
    decoded(password),
  ]);
  return [...(isSecret ? [value] : []), ...passwords].filter(isWorthHiding);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Hiding `postgres`, `test1` or `/usr/bin` wherever it stands would make an output unreadable, and nothing secret. */
function isWorthHiding(value: string): boolean {
  if (value.length < 6 || /^[A-Za-z]{1,11}$/.test(value) || /^[\d.:_-]{1,9}$/.test(value)) return false;
  return !/^(?:~|\.{0,2})?\/[\w./@+-]*$/.test(value) || value.length > 100;
}

/** Letters and digits in one word that is no version, path, address or name of something. */
function isOpaque(value: string): boolean {
  if (value.length < 8 || !/^[!-~]+$/.test(value) || !/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  return !/^[a-z][a-z0-9+.-]*:\/\/|^[.~/]|^v?\d+(?:\.\w+)+$|^[\w.-]+:\d{1,5}$|^[\w.-]+\.[a-z]{2,6}$|UTF-?8/i.test(
    value,
  );
}
