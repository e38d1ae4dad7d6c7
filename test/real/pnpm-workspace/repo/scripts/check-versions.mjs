// Every package has the same version, and pnpm is the one that package.json names.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const read = (path) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'));
const versions = new Set(['core', 'app'].map((name) => read(`packages/${name}/package.json`).version));
const pnpm = execFileSync('pnpm', ['--version'], { encoding: 'utf8' }).trim();
const declared = read('package.json').packageManager;
if (versions.size !== 1 || `pnpm@${pnpm}` !== declared) {
  console.error(`versions ${[...versions].join(', ')}; pnpm ${pnpm}, declared ${declared}`);
  process.exit(1);
}
console.log(`all at ${[...versions][0]}`);
