import type { Remedy } from '../remedy.ts';

const fixtures = 'https://docs.pytest.org/en/stable/how-to/fixtures.html';
const strictMode = 'https://pytest-asyncio.readthedocs.io/en/stable/concepts.html#test-discovery-modes';

/** What pytest and its plugins say. */
export const pytest: readonly Remedy[] = [
  {
    id: 'pytest/async-not-marked',
    title: 'An async test has nobody to run it',
    meaning:
      'pytest itself cannot run `async def` tests. pytest-asyncio does, in its strict mode only those that are marked. Without it they are not run at all.',
    remedy: 'Mark the test @pytest.mark.asyncio; pytest-asyncio must be among toolchain.tools or the requirements',
    before: 'async def test_total() -> None:\n    assert await total() == 3',
    after: '@pytest.mark.asyncio\nasync def test_total() -> None:\n    assert await total() == 3',
    links: [strictMode],
    matchers: [{ pattern: /async def functions are not natively supported/ }],
  },
  {
    id: 'pytest/async-fixture',
    title: 'An async fixture is declared with @pytest.fixture',
    meaning:
      "In pytest-asyncio's strict mode only fixtures of its own decorator are awaited; the test would get an unawaited generator or coroutine.",
    remedy: 'Declare it with @pytest_asyncio.fixture',
    before: '@pytest.fixture\nasync def client():\n    yield Client()',
    after: '@pytest_asyncio.fixture\nasync def client():\n    yield Client()',
    links: ['https://pytest-asyncio.readthedocs.io/en/stable/reference/decorators/index.html', strictMode],
    matchers: [
      {
        pattern: /requested an async fixture '(?<name>[^']+)'/,
        remedy: 'Declare `{name}` with @pytest_asyncio.fixture',
      },
    ],
  },
  {
    id: 'pytest/fixture-not-found',
    title: 'A test asks for a fixture that nobody defines',
    meaning:
      "A fixture is found in the test's own file, in conftest.py of its folder and those above, and in plugins. Another test file's fixtures are not, and a plugin must be in the image.",
    remedy: 'Define it in conftest.py, or put the plugin that has it into toolchain.tools',
    links: [fixtures],
    matchers: [
      {
        pattern: /fixture '(?<name>[^']+)' not found/,
        remedy:
          'Define `{name}` in a conftest.py at or above the test, or put the plugin that has it into toolchain.tools',
      },
    ],
  },
  {
    id: 'pytest/scope-mismatch',
    title: 'A fixture of wide scope uses one of narrow scope',
    meaning: 'A session fixture lives longer than the function fixture that it asks for.',
    remedy: 'Give both the same scope, or make what is needed inside of the wider one',
    before: '@pytest.fixture(scope="session")\ndef app(database): ...',
    after: '@pytest.fixture\ndef app(database): ...',
    links: [`${fixtures}#scope-sharing-fixtures-across-classes-modules-packages-or-session`],
    matchers: [{ pattern: /ScopeMismatch: You tried to access the/ }],
  },
  {
    id: 'pytest/unknown-mark',
    title: 'A marker is not registered',
    meaning:
      'With --strict-markers, or with warnings as errors, a misspelt marker is an error: without, the test would silently not be selected.',
    remedy: 'Register it under markers in the pytest configuration, or correct its spelling',
    before: '@pytest.mark.slow\ndef test_all(): ...',
    after: '[tool.pytest.ini_options]\nmarkers = ["slow: takes more than a second"]',
    links: ['https://docs.pytest.org/en/stable/how-to/mark.html#registering-marks'],
    matchers: [
      {
        pattern: /'(?<name>[\w-]+)' not found in `markers` configuration option/,
        remedy: 'Register it: markers = ["{name}: …"] in the pytest configuration, or correct its spelling',
      },
      {
        pattern: /Unknown pytest\.mark\.(?<name>\w+)/,
        remedy: 'Register it: markers = ["{name}: …"] in the pytest configuration, or correct its spelling',
      },
    ],
  },
  {
    id: 'pytest/unknown-option',
    title: 'pytest is given an option that no installed plugin has',
    meaning:
      '--cov is of pytest-cov, -n of pytest-xdist, --timeout of pytest-timeout: the option is in the command or in addopts, the plugin is not in the image.',
    remedy: 'Add the plugin to toolchain.tools and run parity lock, or take the option out',
    links: ['https://docs.pytest.org/en/stable/how-to/plugins.html'],
    matchers: [
      {
        pattern: /error: unrecognized arguments: .*--cov\b/,
        remedy: 'Add pytest-cov, which has --cov, to toolchain.tools and run parity lock',
      },
      {
        pattern: /error: unrecognized arguments: .*-n\b/,
        remedy: 'Add pytest-xdist, which has -n, to toolchain.tools and run parity lock',
      },
      { pattern: /^\S*pytest\S*: error: unrecognized arguments: (?<option>\S+)/m },
    ],
    kind: 'cause',
  },
  {
    id: 'pytest/no-tests',
    title: 'pytest found no test to run',
    meaning:
      'Its exit code 5 is a failure: nothing was checked. The folder is wrong, files are not called test_*.py, or -k and -m deselect everything.',
    remedy: "Check testpaths, the folder that the step runs in, the files' names and -k or -m",
    links: [
      'https://docs.pytest.org/en/stable/reference/exit-codes.html',
      'https://docs.pytest.org/en/stable/explanation/goodpractices.html#conventions-for-python-test-discovery',
    ],
    matchers: [
      {
        pattern:
          /^(?:=+ )?(?:no tests (?:ran|collected)|(?:\d+ (?:deselected|warnings?), )*\d+ (?:deselected|warnings?)) in \d/m,
      },
    ],
  },
  {
    id: 'pytest/import-file-mismatch',
    title: 'Two test files have the same name',
    meaning:
      'Without __init__.py pytest imports test files by their bare names, so the second test_api.py is taken for the first. With one in both folders they are `tests.test_api` twice, unless the folders above are packages, too.',
    remedy: 'Give both folders an __init__.py, rename one file, or use --import-mode=importlib',
    links: ['https://docs.pytest.org/en/stable/explanation/pythonpath.html'],
    matchers: [
      {
        pattern: /import file mismatch:\s+imported module '(?<name>\w+(?:\.\w+)+)' has this/,
        remedy:
          'Both files are `{name}`, as both folders have an __init__.py: delete it, or use --import-mode=importlib',
      },
      { pattern: /import file mismatch:/ },
    ],
    kind: 'cause',
  },
  {
    id: 'pytest/coverage-too-low',
    title: 'The tests cover less of the code than the limit asks for',
    meaning: '--cov-fail-under (or fail_under) fails the run, though each test passed.',
    remedy: 'See the missing lines with --cov-report=term-missing and test them, or exclude what cannot be tested',
    links: [
      'https://pytest-cov.readthedocs.io/en/latest/config.html',
      'https://coverage.readthedocs.io/en/latest/excluding.html',
    ],
    matchers: [
      { pattern: /Required test coverage of (?<wanted>[\d.]+)% not reached/ },
      { pattern: /Coverage failure: total of [\d.]+ is less than fail-under=/ },
    ],
  },
  {
    id: 'pytest/warning-as-error',
    title: 'A deprecation warning fails a test because warnings are errors here',
    meaning:
      'filterwarnings = error (or -W error) turns each warning into an exception. It is of the code or of a library that the lock has at this version.',
    remedy: 'Do what the warning says; when a library is at fault, ignore that one message in filterwarnings',
    before: 'filterwarnings = ["error"]',
    after: 'filterwarnings = ["error", "ignore:old way:DeprecationWarning:somelibrary"]',
    links: ['https://docs.pytest.org/en/stable/how-to/capture-warnings.html'],
    matchers: [
      {
        tool: 'pytest',
        codes: ['DeprecationWarning', 'PendingDeprecationWarning', 'FutureWarning', 'UserWarning', 'ResourceWarning'],
        pattern: /Warning: /,
      },
    ],
  },
  {
    id: 'pytest/loop-scope-unset',
    title: "pytest-asyncio wants to be told its fixtures' loop scope, and warnings are errors here",
    meaning:
      'Its default will change from the scope of the fixture to "function", so it warns until the setting says which is meant. With -W error that ends pytest before any test.',
    remedy: 'Set asyncio_default_fixture_loop_scope = "function" in the pytest configuration',
    before: '[tool.pytest.ini_options]\nasyncio_mode = "strict"',
    after: '[tool.pytest.ini_options]\nasyncio_mode = "strict"\nasyncio_default_fixture_loop_scope = "function"',
    links: ['https://pytest-asyncio.readthedocs.io/en/stable/reference/configuration.html'],
    // As a mere warning it is no reason for a failure.
    matchers: [{ pattern: /^INTERNALERROR> .*"asyncio_default_fixture_loop_scope" is unset/m }],
    kind: 'cause',
  },
  {
    id: 'pytest/assertion',
    title: 'An assertion does not hold',
    meaning: 'The test ran and found another value than it expects. pytest shows both sides; -vv shows them in full.',
    remedy: 'See both sides in full: run the test with pytest -vv',
    links: ['https://docs.pytest.org/en/stable/how-to/assert.html'],
    matchers: [
      {
        tool: 'pytest',
        codes: ['AssertionError'],
        remedy: 'See both sides in full: parity run -- pytest -vv {test}',
      },
    ],
    kind: 'style',
  },
];
