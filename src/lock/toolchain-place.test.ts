import { expect, it } from 'vitest';
import { folderOf } from '../../test/support/repo.ts';
import type { Config } from '../config/config.ts';
import { failure } from '../core/failure.ts';
import { withToolchainPlace } from './toolchain-place.ts';

const yaml = `version: 1
toolchain: { node: "22", python: "3.16" }
toolchains:
  old:
    python: "3.8"
`;

function place(tree: Readonly<Record<string, string>>, python: string, name?: string): string | undefined {
  const source = 'parity.yaml' in tree ? { kind: 'file', path: 'parity.yaml' } : { kind: 'detected' };
  const config = { source, toolchain: { python, ...(name === undefined ? {} : { name }) } } as unknown as Config;
  const { diagnostics } = withToolchainPlace(failure('network', 'no base'), 'python', {
    config,
    projectDir: folderOf(tree),
  });
  const [one] = diagnostics ?? [];
  return one === undefined ? undefined : `${one.file}:${one.span.line}:${one.span.column} ${one.message}`;
}

it('a Python that can’t be had is told where it is asked for', () => {
  expect(place({ 'parity.yaml': yaml }, '3.16')).toBe("parity.yaml:2:35 Python 3.16 can't be had");
  expect(place({ 'parity.yaml': yaml }, '3.8', 'old')).toBe("parity.yaml:5:14 Python 3.8 can't be had");
  expect(place({ '.python-version': '# ours\n3.16\n' }, '3.16')).toBe(".python-version:2:1 Python 3.16 can't be had");
  expect(place({ '.tool-versions': 'nodejs 22.1.0\npython 3.16.1\n' }, '3.16.1')).toContain('.tool-versions:2:8 ');
  expect(place({ '.python-version': '3.12\n' }, '3.16')).toBeUndefined();
});

it('so is a Node', () => {
  const toolchain = { python: '3.11', node: '99' };
  const config = { source: { kind: 'file', path: 'parity.yaml' }, toolchain } as unknown as Config;
  const projectDir = folderOf({ 'parity.yaml': 'version: 1\ntoolchain:\n  python: "3.11"\n  node: "99"\n' });
  const found = withToolchainPlace(failure('package-vanished', 'no Node 99'), 'node', { config, projectDir });
  expect(found.diagnostics).toMatchObject([
    { file: 'parity.yaml', span: { line: 4 }, message: "Node 99 can't be had" },
  ]);
});
