// Writes the JSON Schemas of parity's files from the code; with --check, fails when a file there is another.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const schemas = [
  { file: 'parity.schema.json', source: 'src/config/schema.ts', made: (module) => module.configJsonSchema() },
  { file: 'parity.lock.schema.json', source: 'src/lock/schema.ts', made: (module) => module.lockJsonSchema() },
  { file: 'receipt.schema.json', source: 'src/receipt/schema.ts', made: (module) => module.receiptJsonSchema() },
];

const root = fileURLToPath(new URL('..', import.meta.url));

// Node 20 reads no TypeScript. The bundle lies below node_modules so that it finds zod.
await mkdir(join(root, 'node_modules', '.cache'), { recursive: true });
const folder = await mkdtemp(join(root, 'node_modules', '.cache', 'schema-'));
try {
  for (const { file, source, made } of schemas) {
    const outfile = join(folder, `${file}.mjs`);
    await build({
      absWorkingDir: root,
      entryPoints: [source],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'warning',
    });
    const module = await import(pathToFileURL(outfile).href);
    await writeOrCheck(join('schema', file), `${JSON.stringify(made(module), null, 2)}\n`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function writeOrCheck(path, schema) {
  const target = join(root, path);
  if (process.argv.includes('--check')) {
    const existing = await readFile(target, 'utf8').catch(() => undefined);
    if (existing === schema) return;
    console.error(`${path} is stale. Run: npm run schema`);
    process.exitCode = 1;
    return;
  }
  await mkdir(join(root, 'schema'), { recursive: true });
  await writeFile(target, schema);
  console.log(`wrote ${path}`);
}
