import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { folderOf } from '../../../test/support/repo.ts';
import { importCi } from '../../cli/commands/import-ci.ts';
import { init } from '../../cli/commands/init.ts';
import type { Config } from '../../config/config.ts';
import { projectFiles } from '../../config/detect/files.ts';
import { loadConfig } from '../../config/load.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/ci/', import.meta.url));

/** A config without what depends on where it was read: source and spans. */
function content({ toolchain, image, services, pipeline }: Config): unknown {
  const plain = <T extends object>(each: T): T => ({ ...each, span: undefined });
  return { toolchain, image, services: services.map(plain), pipeline: pipeline.map(plain) };
}

test.each(readdirSync(fixtures).sort())('imports %s, and the file loads back as the same config', async (name) => {
  const dir = folderOf({});
  cpSync(join(fixtures, name), dir, { recursive: true });
  const files = await projectFiles(dir);
  const imported = await importCi({ dir, cwd: dir, from: 'auto', files: files.ok ? files.value : [] });
  if (!imported.ok) throw new Error(JSON.stringify(imported.error));
  let said = '';
  const stdout = (text: string): void => void (said += text);
  const written = await init({ cwd: dir, force: false, from: 'auto', stdout, stderr: stdout });
  expect(written.ok).toBe(true);
  const loaded = await loadConfig({ dir, configPath: join(dir, 'parity.yaml') });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error.diagnostics ?? loaded.error, null, 1));
  expect(content(loaded.value)).toEqual(content(imported.value.config));
  await expect(readFileSync(join(dir, 'parity.yaml'), 'utf8')).toMatchFileSnapshot(
    join(fixtures, `../../snapshots/ci/${name}.yaml`),
  );
  await expect(said.replaceAll(dir, 'DIR')).toMatchFileSnapshot(join(fixtures, `../../snapshots/ci/${name}.txt`));
});
