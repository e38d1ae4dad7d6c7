// (k) What a workspace shows, file by file, beside git's own word on it. The program of each row starts anew: node -e 0 is what that costs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { commitAll, must, race } from './measure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** 10,000 files in 100 folders, none changed since they were read. */
export function unchangedContents(scratch, rounds) {
  const folder = join(scratch, 'contents');
  for (let n = 0; n < 10_000; n += 1) {
    const file = join(folder, `m${Math.floor(n / 100)}`, `f${n}.py`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `value = ${n}\n`);
  }
  commitAll(folder);
  const program = join(scratch, 'contents.mjs');
  const lookAt = join(scratch, 'look.mjs');
  buildSync({
    absWorkingDir: root,
    entryPoints: ['src/workspace/contents.ts'],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  writeFileSync(
    lookAt,
    `import { readContents } from ${JSON.stringify(pathToFileURL(program).href)};
const contents = await readContents(process.argv[2], { cacheDir: process.argv[3], now: () => Date.now() + 60_000 });
if (!contents.ok || contents.value.files.length !== 10_000) throw new Error(JSON.stringify(contents));
await contents.value.remember();
`,
  );
  const contenders = [
    { name: 'git status', run: () => must('git', ['status', '--porcelain'], { cwd: folder }) },
    { name: 'node -e 0', run: () => must(process.execPath, ['-e', '0']) },
    {
      name: 'node, digests of all files',
      run: () => must(process.execPath, [lookAt, folder, join(scratch, 'contents-cache')]),
    },
  ];
  for (const contender of contenders) contender.run();
  return race(contenders, rounds);
}
