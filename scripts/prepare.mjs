// npm runs this before it packs parity, after an install here, and when somebody installs parity from its repository. Then npm may not have
// installed what the build needs: with --global (which the pre-commit framework uses) its install of the clone is a global one, too.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const npm = process.env.npm_execpath;

function run(...args) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_config_(global|location|prefix|omit|include)$/i.test(name)),
  );
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(`${root}node_modules/esbuild`)) {
  if (npm === undefined) throw new Error('run this with npm: npm run prepare');
  run(npm, 'ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund');
}
run('scripts/build.mjs');
