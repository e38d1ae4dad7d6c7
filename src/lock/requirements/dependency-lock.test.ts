import { describe, expect, it } from 'vitest';
import { overriddenNames, placeInLock, type DependencyLock } from './dependency-lock.ts';

function lock(tool: 'uv' | 'pdm' | 'pipenv', text: string, manifest = ''): DependencyLock {
  const selection = { extras: [], groups: [], without: [], defaultGroups: true, main: true };
  const source = { tool, file: 'x.lock', options: [] };
  return { source, selection, file: 'x.lock', text, manifests: new Map([['pyproject.toml', manifest]]) };
}

describe('packages that hold against what others say', () => {
  it.each([
    ['overrides = [{ name = "pluggy", specifier = "==1.4.0" }]\n', ['pluggy']],
    [
      'overrides = [\n    { name = "a", extras = ["x"], specifier = "==1" },\n    { name = "b" },\n]\nconstraints = [{ name = "c" }]\n',
      ['a', 'b'],
    ],
    ['members = ["app"]\n', []],
  ])('are in the manifest of uv.lock: %j', (manifest, names) => {
    const text = `version = 1\n\n[manifest]\n${manifest}\n[[package]]\nname = "overrides"\n`;
    expect([...overriddenNames(lock('uv', text))]).toEqual(names);
  });

  it("are in pdm's settings", () => {
    const manifest = '[tool.pdm.resolution.overrides]\nAsgi_Ref = "3.2"\n';
    expect([...overriddenNames(lock('pdm', '', manifest))]).toEqual(['asgi-ref']);
  });
});

it('the place of a package is the line with its name, of the version that is meant', () => {
  const text = '[[package]]\nname = "A.b"\nversion = "1"\n\n[[package]]\nname = "a-b"\nversion = "2"\n';
  expect(placeInLock(lock('uv', text), 'a-b', '2')).toMatchObject({ span: { line: 6 }, sourceLine: 'name = "a-b"' });
  expect(placeInLock(lock('uv', text), 'a-b')).toMatchObject({ span: { line: 2 } });
  const json = '{\n    "default": {\n        "a-b": {\n            "version": "==2"\n        }\n    }\n}\n';
  expect(placeInLock(lock('pipenv', json), 'a-b', '2')).toMatchObject({ span: { line: 3 } });
});
