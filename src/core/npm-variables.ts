import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The variables that npm needs beside those of every program: its own, and those that the user's own .npmrc names (`${NPM_TOKEN}`). */
export function npmVariables(env: NodeJS.ProcessEnv = process.env): RegExp {
  const named = [...userSettings(env).matchAll(/\$\{(\w+)\??\}/g)].map(([, name]) => name);
  return new RegExp(`^(?:npm_config_\\w+${named.map((name) => `|${name}`).join('')})$`, 'i');
}

function userSettings(env: NodeJS.ProcessEnv): string {
  const file = env['NPM_CONFIG_USERCONFIG'] ?? env['npm_config_userconfig'] ?? join(env['HOME'] ?? homedir(), '.npmrc');
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
