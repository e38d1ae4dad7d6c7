// Records what Python's `packaging` and npm say of 5,000 pairs each of a version condition and a version, as test/fixtures/versions/*.tsv, for the
// unit tests. Their versions are those of test/support/judges.ts. Network (PyPI, npm) is needed, no engine; it takes some seconds.
//
// usage: node scripts/record-version-verdicts.mjs
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'test/fixtures/versions');
const [seed, count] = [440, 5000];

const work = await mkdtemp(join(root, 'node_modules/.judges-'));
try {
  const { judgedByNpm, judgedByPackaging, npmPairs, npmVersion, packagingVersion, pythonPairs } = await support();
  await mkdir(folder, { recursive: true });
  const python = pythonPairs(seed, count);
  await record('packaging', packagingVersion, python, judgedByPackaging(python));
  const npm = npmPairs(seed, count);
  await record('npm', npmVersion, npm, judgedByNpm(npm));
} finally {
  await rm(work, { recursive: true, force: true });
}

/** The tests' own modules, as JavaScript. */
async function support() {
  const outfile = join(work, 'support.mjs');
  const contents = "export * from './test/support/judges.ts';\nexport * from './test/support/version-pairs.ts';\n";
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  return await import(pathToFileURL(outfile).href);
}

/** A line for each pair: condition, version, and what is said of it (nothing for what is no condition). */
async function record(name, version, pairs, verdicts) {
  const lines = pairs.map((pair, index) => [pair.specifier, pair.version, ...[verdicts[index]].flat()].join('\t'));
  await writeFile(join(folder, `${name}.tsv`), `# ${name} ${version}\n${lines.join('\n')}\n`);
  console.log(`${name} ${version}: ${pairs.length} pairs`);
}
