import { expect, it } from 'vitest';
import type { DependencyLock } from './dependency-lock.ts';
import { lockIndexes } from './lock-indexes.ts';

const publicIndex = ['https://pypi', 'org/simple'].join('.');

function read(tool: 'uv' | 'poetry' | 'pdm' | 'pipenv' | 'pylock', text: string, manifest = ''): object {
  const selection = { extras: [], groups: [], without: [], defaultGroups: true, main: true };
  const source = { tool, file: 'x.lock', options: [] };
  const lock: DependencyLock = {
    source,
    selection,
    file: 'x.lock',
    text,
    manifests: new Map([['pyproject.toml', manifest]]),
  };
  const { packages, shared, assigned } = lockIndexes(lock);
  return { packages: Object.fromEntries(packages), shared, assigned };
}

it('uv: each package from the index that uv took it from; explicit ones are asked for nothing else', () => {
  const entry = (name: string, url: string): string =>
    `[[package]]\nname = "${name}"\nversion = "1.0"\nsource = { registry = "${url}" }\n\n`;
  const text = `${entry('six', publicIndex)}${entry('ours', 'https://a.example/simple/')}${entry('torch', 'https://b.example/cpu')}${entry('here', '../wheels')}`;
  const manifest =
    '[[tool.uv.index]]\nname = "b"\nurl = "https://b.example/cpu"\nexplicit = true\n[[tool.uv.index]]\nname = "a"\nurl = "https://a.example/simple"\n';
  expect(read('uv', text, manifest)).toEqual({
    packages: { 'six==1.0': '', 'ours==1.0': 'https://a.example/simple', 'torch==1.0': 'https://b.example/cpu' },
    shared: ['https://a.example/simple'],
    assigned: ['https://b.example/cpu'],
  });
});

it('poetry: explicit and supplemental sources are asked for nothing else', () => {
  const text = `[[package]]\nname = "six"\nversion = "1.0"\n\n[[package]]\nname = "ours"\nversion = "2"\n\n[package.source]\ntype = "legacy"\nurl = "https://a.example/simple"\n\n[[package]]\nname = "fork"\nversion = "3"\n\n[package.source]\ntype = "git"\nurl = "https://git.example/fork"\n`;
  const manifest = (priority: string): string =>
    `[[tool.poetry.source]]\nname = "a"\nurl = "https://a.example/simple/"\npriority = "${priority}"\n`;
  const packages = { 'six==1.0': '', 'ours==2': 'https://a.example/simple' };
  const url = 'https://a.example/simple';
  expect(read('poetry', text, manifest('primary'))).toEqual({ packages, shared: [url], assigned: [] });
  expect(read('poetry', text, manifest('explicit'))).toEqual({ packages, shared: [], assigned: [url] });
  expect(read('poetry', text, manifest('supplemental'))).toEqual({ packages, shared: [], assigned: [url] });
});

it('Pipenv: the first source has what names no other one', () => {
  const sources = [
    { name: 'pypi', url: publicIndex },
    { name: 'a', url: 'https://a.example/simple' },
  ];
  const text = JSON.stringify({
    _meta: { sources },
    default: { six: { version: '==1.0' }, ours: { version: '==2', index: 'a' } },
  });
  expect(read('pipenv', text)).toEqual({
    packages: { 'six==1.0': '', 'ours==2': 'https://a.example/simple' },
    shared: [],
    assigned: ['https://a.example/simple'],
  });
});

it('pdm: all sources are equal, and its lock file does not say which one had a package', () => {
  const manifest = '[[tool.pdm.source]]\nname = "a"\nurl = "https://a.example/simple"\n';
  expect(read('pdm', '[[package]]\nname = "six"\nversion = "1.0"\n', manifest)).toEqual({
    packages: {},
    shared: ['https://a.example/simple'],
    assigned: [],
  });
});
