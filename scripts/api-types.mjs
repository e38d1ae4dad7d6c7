// Writes types/parity.d.ts, the types of the package's API in one file, from src/api.ts; with --check, fails when it is another. It is
// committed, so that a change of the API shows in review.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateDtsBundle } from 'dts-bundle-generator';
import { format, resolveConfig } from 'prettier';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'types', 'parity.d.ts');

// It reports on its own work.
console.log = () => {};
const [bundled] = generateDtsBundle(
  [{ filePath: join(root, 'src', 'api.ts'), output: { noBanner: true, sortNodes: true } }],
  { preferredConfigPath: join(root, 'tsconfig.json') },
);
const text = await format(`// Written by \`npm run api-types\` from src/api.ts.\n${bundled}`, {
  ...(await resolveConfig(target)),
  parser: 'typescript',
});
if (!process.argv.includes('--check')) {
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, text);
} else if ((await readFile(target, 'utf8').catch(() => undefined)) !== text) {
  console.error('types/parity.d.ts is stale. Run: npm run api-types');
  process.exitCode = 1;
}
