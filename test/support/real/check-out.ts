import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { git } from '../git-repo.ts';
import type { IndexAddresses } from './index-addresses.ts';
import type { RealRepo } from './real-repo.ts';

/** Makes the repository with its commits and tags in a folder that is not there yet. */
export function makeRepository(dir: string, repo: RealRepo, addresses: IndexAddresses): void {
  cpSync(join(repo.dir, 'repo'), dir, { recursive: true });
  git(dir, 'init', '-q', '-b', 'main');
  git(dir, 'add', '-A');
  // What git keeps is what counts: files that it ignores (a build's, from somebody's trying) are not in any checkout.
  git(dir, 'clean', '-fdXq');
  for (const path of git(dir, 'ls-files', '-z').split('\0').filter(Boolean)) withAddresses(join(dir, path), addresses);
  git(dir, 'add', '-A');
  for (const tags of repo.commits) {
    git(dir, 'commit', '-q', '--allow-empty', '-m', 'commit');
    for (const tag of tags) git(dir, 'tag', '-a', tag, '-m', tag);
  }
}

function withAddresses(file: string, addresses: IndexAddresses): void {
  const text = readFileSync(file, 'utf8');
  const changed = Object.entries(addresses).reduce((sum, [from, to]) => sum.replaceAll(from, to as string), text);
  if (changed !== text) writeFileSync(file, changed);
}
