import { expect, it } from 'vitest';
import { catalogue } from './catalogue.ts';

// Where the tools have their own documentation. scripts/check-links.mjs asks whether the pages are there.
const hosts: readonly string[] = [
  'alembic.sqlalchemy.org',
  'black.readthedocs.io',
  'coverage.readthedocs.io',
  'docs.aws.amazon.com',
  'docs.docker.com',
  'docs.npmjs.com',
  'docs.pydantic.dev',
  'docs.pytest.org',
  'docs.python.org',
  'docs.sqlalchemy.org',
  'fastapi.tiangolo.com',
  'flake8.pycqa.org',
  'git-scm.com',
  'mypy.readthedocs.io',
  'nodejs.org',
  'peps.python.org',
  'pip.pypa.io',
  'pycodestyle.pycqa.org',
  'pytest-asyncio.readthedocs.io',
  'pytest-cov.readthedocs.io',
  'tox.wiki',
  'vite.dev',
  'vitest.dev',
  'www.gnu.org',
  'www.postgresql.org',
  'www.typescriptlang.org',
];
// Without a documentation of its own.
const repositories: readonly string[] = ['PyCQA/flake8-bugbear'];

const links = [...new Set(catalogue.flatMap((entry) => entry.links))].sort();

it.each(links)('%s leads to a tool’s own documentation', (link) => {
  const { protocol, host, port, username, search, pathname, href } = new URL(link);
  expect({ protocol, port, username, search }).toEqual({ protocol: 'https:', port: '', username: '', search: '' });
  // As a browser would write it: nothing to be corrected in it.
  expect(href).toBe(link);
  if (host === 'github.com') expect(repositories).toContain(pathname.slice(1));
  else expect(hosts).toContain(host);
});

it('no host is allowed that nothing leads to', () => {
  const used = new Set(links.map((link) => new URL(link).host));
  expect(hosts.filter((host) => !used.has(host))).toEqual([]);
});
