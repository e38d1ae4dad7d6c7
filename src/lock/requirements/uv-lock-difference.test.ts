import { expect, it } from 'vitest';
import { undeclaredInUvLock } from './uv-lock-difference.ts';

const text = `version = 1
requires-python = "==3.11.*"

[[package]]
name = "shop"
version = "1.0"
source = { editable = "." }
dependencies = [
    { name = "attrs" },
]

[package.metadata]
requires-dist = [
    { name = "attrs", specifier = ">=25,<26" },
    { name = "rich", marker = "extra == 'cli'" },
]

[package.metadata.requires-dev]
dev = [
    { name = "numpy", marker = "python_full_version < '3.12'", specifier = "<2" },
    { name = "numpy", specifier = ">=2" },
    { name = "pytest", specifier = ">=8" },
]

[[package]]
name = "attrs"
version = "25.3.0"
source = { registry = "x" }

[[package]]
name = "tomli-w"
version = "1.2.0"
source = { registry = "x" }
`;

function difference(pyproject: string): string | undefined {
  const manifests = new Map([['pyproject.toml', pyproject]]);
  const source = { tool: 'uv', file: 'uv.lock', options: [] } as const;
  const selection = { extras: [], groups: [], without: [], defaultGroups: true, main: true };
  const found = undeclaredInUvLock({ source, selection, file: 'uv.lock', text, manifests });
  return found === undefined ? undefined : `${found.file}:${found.span.line}: ${found.message}`;
}

function pyproject(dependencies: string, dev = '"pytest>=8"'): string {
  return `[project]
name = "shop"
dependencies = [
  ${dependencies}
]
[project.optional-dependencies]
cli = ["Rich"]
[dependency-groups]
dev = [${dev}, {include-group = "docs"}]
docs = []
`;
}

const numpy = '"numpy>=2", "numpy < 2.0 ; python_version < \'3.12\'"';

it('is nothing where every dependency is known', () => {
  expect(difference(pyproject('"attrs<26,>=25.0"', `"pytest>=8", ${numpy}`))).toBeUndefined();
});

it('is the first dependency that the lock file has not, though another package may bring it', () => {
  expect(difference(pyproject('"attrs>=25,<26", "tomli-w==1.2.0"'))).toBe(
    'pyproject.toml:4: uv.lock does not have tomli-w',
  );
});

it('is a condition that the lock file was not made for', () => {
  expect(difference(pyproject('"attrs>=26"'))).toBe(
    'pyproject.toml:4: uv.lock was made for attrs>=25,<26, not attrs>=26',
  );
  expect(difference(pyproject('"attrs>=25,<26"', `"pytest>=9", ${numpy}`))).toBe(
    'pyproject.toml:9: uv.lock was made for pytest>=8, not pytest>=9',
  );
  expect(difference(pyproject('"attrs"'))).toBe(
    'pyproject.toml:4: uv.lock was made for attrs>=25,<26, not attrs in any version',
  );
});

it('is a dependency that is asked for no more, or somewhere else', () => {
  expect(difference(pyproject('"attrs>=25,<26"'))).toBe(
    'uv.lock:20: uv.lock has numpy in the group dev, which is not asked for there any more',
  );
  expect(difference(pyproject('"attrs>=25,<26", "rich"', `"pytest>=8", ${numpy}`))).toBe(
    'pyproject.toml:4: uv.lock does not have rich as a dependency',
  );
});

it("is the project's own version, or another Python", () => {
  const whole = pyproject('"attrs>=25,<26"', `"pytest>=8", ${numpy}`);
  const head = (more: string): string => whole.replace('name = "shop"', `name = "shop"\n${more}`);
  expect(difference(head('version = "1.0.0"\nrequires-python = ">=3.11,<3.12"'))).toBeUndefined();
  expect(difference(head('version = "1.1"'))).toBe('pyproject.toml:3: uv.lock was made for shop 1.0, not 1.1');
  expect(difference(head('requires-python = ">=3.12"'))).toBe(
    'pyproject.toml:3: uv.lock was made for Python ==3.11.*, not >=3.12',
  );
});

it('is nothing where a build computes the dependencies, or they come from elsewhere than an index', () => {
  const dynamic = `[project]\nname = "shop"\ndynamic = ["version", "dependencies"]\n[dependency-groups]\ndev = ["pytest>=8", ${numpy}]\n`;
  expect(difference(dynamic)).toBeUndefined();
  const sourced = pyproject('"attrs>=24"', `"pytest>=8", ${numpy}`);
  expect(difference(`${sourced}[tool.uv.sources]\nattrs = { git = "https://git.example/attrs" }\n`)).toBeUndefined();
});
