import type { Remedy } from '../remedy.ts';

// What the standard library, requests, httpx, aiohttp, database drivers and botocore raise when nobody answers.
const connectionError =
  /^(?:[\w.]+\.)?(?:gaierror|ConnectionRefusedError|ConnectionError|ConnectError|ConnectTimeout|ClientConnectorError|OperationalError|URLError|EndpointConnectionError|NoCredentialsError|TimeoutError|OSError: (?:Multiple exceptions|\[Errno (?:101|111|113)\]))/;

/** What Python itself says when code is loaded. */
export const python: readonly Remedy[] = [
  {
    id: 'python/mutable-default',
    title: "A dataclass's field has a mutable default",
    meaning:
      'The one list would be shared by all objects of the class, so dataclasses refuses it when the class is made, that is, when the module is imported.',
    remedy: 'Use field(default_factory=list)',
    before: '@dataclass\nclass Basket:\n    items: list[str] = []',
    after: '@dataclass\nclass Basket:\n    items: list[str] = field(default_factory=list)',
    links: ['https://docs.python.org/3/library/dataclasses.html#mutable-default-values'],
    matchers: [
      {
        pattern: /mutable default <class '(?<type>[\w.]+)'> for field (?<name>\w+) is not allowed: use default_factory/,
        remedy: 'Write `{name}: … = field(default_factory={type})`',
      },
      { tool: 'ruff', codes: ['RUF008', 'RUF012'] },
    ],
    kind: 'cause',
  },
  {
    id: 'python/import-side-effect',
    title: 'A module talks to the network or a database when it is imported',
    meaning:
      'Importing the module connects, so collecting the tests already needs the database. Steps have no network unless it is declared, which is how this shows here and not on a laptop where the server happens to run.',
    remedy: 'Connect at first use instead of at import: a function with functools.cache, and a fixture in tests',
    before: 'connection = socket.create_connection(("db", 5432))',
    after: '@functools.cache\ndef connection() -> socket.socket:\n    return socket.create_connection(("db", 5432))',
    links: [
      'https://docs.pytest.org/en/stable/how-to/fixtures.html',
      'https://docs.python.org/3/library/functools.html#functools.cache',
    ],
    matchers: [
      { tool: 'pytest', phase: 'collect', pattern: connectionError },
      {
        pattern:
          /^ImportError while loading conftest '[^'\n]+'\.\n(?:.*\n){1,80}?E +(?:[\w.]+\.)?(?:gaierror|ConnectionRefusedError|ConnectError|OperationalError|URLError|EndpointConnectionError)\b/m,
      },
    ],
    kind: 'cause',
    covers: [
      'infrastructure/name-resolution',
      'infrastructure/connection-refused',
      'infrastructure/database-unreachable',
      'infrastructure/kms-unreachable',
    ],
  },
  {
    id: 'python/circular-import',
    title: 'Two modules import each other',
    meaning:
      'The first is still being loaded when the second asks for a name of it, which is not there yet. Which of them fails depends on who is imported first.',
    remedy: 'Move what both need into a third module, or import inside of the function that uses it',
    before: '# a.py\nfrom b import price\n\n# b.py\nfrom a import tax',
    after: '# a.py\nfrom rates import tax\n\n# b.py\nfrom rates import tax',
    links: ['https://docs.python.org/3/faq/programming.html#what-are-the-best-practices-for-using-import-in-a-module'],
    matchers: [
      {
        pattern: /cannot import name '(?<name>[^']+)' from partially initialized module '(?<module>[^']+)'/,
        remedy: 'Break the circle at `{module}`: move `{name}` into a third module, or import it where it is used',
      },
      { pattern: /partially initialized module '(?<module>[^']+)' has no attribute/ },
    ],
    kind: 'cause',
    covers: ['python/cannot-import-name'],
  },
  {
    id: 'python/module-not-found',
    title: 'A module that is imported is not in the image',
    meaning:
      'A library is missing in the requirements that the lock was made from, or a module of your own is not below the folders that Python looks in. What is installed on a laptop by chance is not here.',
    remedy:
      'A library: add it to the requirements, then parity lock. Your own: set PYTHONPATH in the step, and see that it is committed',
    before: 'pipeline:\n  - { name: tests, run: pytest -q }',
    after: 'pipeline:\n  - { name: tests, run: pytest -q, env: { PYTHONPATH: . } }',
    links: [
      'https://docs.pytest.org/en/stable/explanation/pythonpath.html',
      'https://docs.python.org/3/library/exceptions.html#ModuleNotFoundError',
    ],
    matchers: [
      {
        pattern: /ModuleNotFoundError: No module named '(?<module>[^']+)'/,
        remedy:
          '`{module}`: add it to the requirements and run parity lock; if it is your own, set PYTHONPATH in the step and commit it',
      },
    ],
    kind: 'cause',
  },
  {
    id: 'python/cannot-import-name',
    title: 'A module does not have a name that is imported from it',
    meaning:
      'It was renamed or removed, or the library is another version than the code was written for: the lock decides which.',
    remedy: "Correct the import; if it is a library's, compare its version in parity.lock.json with the code's",
    links: ['https://docs.python.org/3/library/exceptions.html#ImportError'],
    matchers: [
      {
        pattern: /ImportError: cannot import name '(?<name>[^']+)' from '(?<module>[^']+)'/,
        remedy:
          '`{module}` has no `{name}`: correct the import, or compare the version in parity.lock.json with the code',
      },
    ],
    kind: 'cause',
  },
  {
    id: 'python/version-not-here',
    title: 'The image has no Python of the version that is asked for',
    meaning:
      'An image has one Python, the one of its toolchain. tox, nox and uv look for others that a session or environment names; uv would fetch them from GitHub.',
    remedy: 'Give the step a toolchain with that Python (`toolchains:` in parity.yaml), or leave it to CI',
    before: 'toolchain: { python: "3.11" }\npipeline:\n  - { name: typing, run: tox run -e py314-types }',
    after:
      'toolchain: { python: "3.11" }\ntoolchains:\n  newest: { python: "3.14", tools: [tox] }\npipeline:\n  - { name: typing, toolchain: newest, run: tox run -e py314-types }',
    links: ['https://tox.wiki/en/latest/config.html#base_python'],
    matchers: [
      {
        pattern: /Python interpreter (?<version>[\w.-]+) not found/,
        remedy:
          'Python {version} is not in this image: give the step a toolchain with it (`toolchains:`), or leave it to CI',
      },
      {
        pattern:
          /could not find python interpreter (?:with spec\(s\):|matching any of the specs) ?(?<version>[\w.-]+)/i,
        remedy:
          'Python {version} is not in this image: give the step a toolchain with it (`toolchains:`), or leave it to CI',
      },
      {
        pattern: /No interpreter found for (?:executable name `|path `)?(?<version>Python [\d.]+|[\w.-]+)/,
        remedy: 'This image has no {version}: give the step a toolchain with it (`toolchains:`), or leave it to CI',
      },
      {
        pattern: /Failed to download [^\n]*\/cpython-(?<version>\d+\.\d+)/,
        remedy:
          'Python {version} is not in this image: give the step a toolchain with it (`toolchains:`), or leave it to CI',
      },
    ],
    kind: 'cause',
    covers: ['infrastructure/name-resolution'],
  },
];
