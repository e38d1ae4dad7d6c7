import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pkg from '../../package.json' with { type: 'json' };
import { installPackage } from '../support/package.ts';
import { scratchFolder } from '../support/parity.ts';

describe('the package, installed from its archive in an empty folder', () => {
  const folder = scratchFolder();
  let bin = '';
  let files: readonly string[] = [];
  beforeAll(() => {
    ({ bin, files } = installPackage(folder.dir));
  }, 120_000);
  afterAll(() => folder.remove());

  it('says its version', () => {
    expect(execFileSync(bin, ['--version'], { cwd: folder.dir, encoding: 'utf8' })).toBe(`${pkg.version}\n`);
  });

  it('helps', () => {
    const help = execFileSync(bin, ['--help'], { cwd: folder.dir, encoding: 'utf8' });
    expect(help).toContain('Usage: parity');
    expect(help).toContain('parity up');
  });

  it('exits 2 on a command that is not there', () => {
    const { status, stderr } = spawnSync(bin, ['upp'], { cwd: folder.dir, encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain("unknown command 'upp'");
  });

  it('holds what runs and no source, test or example', () => {
    const allowed =
      /^(bin|dist|images|schema|types)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md|Dockerfile\.parity|parity\.lock\.json)$/;
    expect(files.filter((file) => !allowed.test(file))).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining([
        'bin/parity.js',
        'bin/package.json',
        'dist/boot.cjs',
        'dist/main.cjs',
        'dist/api.js',
        'types/parity.d.ts',
        'package.json',
        'LICENSE',
        'Dockerfile.parity',
      ]),
    );
    expect(files.filter((file) => /\.pyc$|__pycache__|\.test\./.test(file))).toEqual([]);
  });
});
