import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { isOpaque, valuesToHide, type KnownSecret } from '../core/known-secrets.ts';
import { looksSecret } from '../core/secret-patterns.ts';
import { parseEnvFile } from '../formats/env-file.ts';

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
