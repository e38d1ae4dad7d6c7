import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Builds dist/ once before the tests that run the real binary; `npm run verify` has built it already. */
export default function setup(): void {
  if (process.env['PARITY_TEST_BUILT'] === 'yes') return;
  const root = fileURLToPath(new URL('../..', import.meta.url));
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
}
