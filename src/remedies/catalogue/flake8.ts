import type { Remedy } from '../remedy.ts';

const codes = 'https://flake8.pycqa.org/en/latest/user/error-codes.html';
const pycodestyle = 'https://pycodestyle.pycqa.org/en/latest/intro.html#error-codes';
const noqa = 'https://flake8.pycqa.org/en/latest/user/violations.html';

// Those of pycodestyle's codes that a formatter makes go away.
const layoutCodes = [
  'E111 E114 E117 E121 E122 E123 E124 E125 E126 E127 E128 E129 E131 E201 E202 E211 E221 E222 E225',
  'E226 E227 E228 E231 E241 E251 E252 E261 E262 E265 E271 E272 E301 E302 E303 E305 E306 E401 E702',
  'E703 W191 W291 W292 W293 W391',
].flatMap((row) => row.split(' '));

/** What flake8 says, with pycodestyle, pyflakes, mccabe and flake8-bugbear; ruff has most of the same codes. */
export const flake8: readonly Remedy[] = [
  {
    id: 'flake8/syntax-error',
    title: 'A file is no valid Python',
    meaning:
      'flake8 could not compile the file, so it checked nothing else in it. Other tools will stumble over it, too.',
    remedy: 'Mend the syntax at that place; the mistake is often in the line before it',
    before: 'prices = [1, 2\nprint(prices)',
    after: 'prices = [1, 2]\nprint(prices)',
    links: [codes],
    matchers: [{ tool: 'flake8', codes: ['E999', 'E902'] }],
    kind: 'cause',
  },
  {
    id: 'flake8/undefined-name',
    title: 'A name is used that is defined nowhere',
    meaning:
      'No import, assignment or parameter in the file gives the name: running that line raises NameError. Mostly an import is missing, or the name is misspelt.',
    remedy: 'Import or define the name, or correct its spelling',
    before: 'def root() -> Path: ...',
    after: 'from pathlib import Path\n\n\ndef root() -> Path: ...',
    links: [codes],
    matchers: [
      {
        tool: 'flake8',
        codes: ['F821', 'F822'],
        pattern: /undefined name '(?<name>[^']+)'/,
        remedy: 'Import or define `{name}`, or correct its spelling',
      },
      { tool: 'ruff', codes: ['F821', 'F822'] },
    ],
    kind: 'cause',
  },
  {
    id: 'flake8/unused-import',
    title: 'Something is imported and never used',
    meaning:
      "An import costs time, may have side effects, and misleads readers. In a package's __init__.py an import is often meant for others: then say so.",
    remedy: 'Delete the import; in an __init__.py list the name in __all__, or write `import x as x`',
    before: 'import os\nimport sys\n\nprint(sys.argv)',
    after: 'import sys\n\nprint(sys.argv)',
    links: [codes, noqa],
    matchers: [
      {
        tool: 'flake8',
        codes: ['F401'],
        pattern: /^'(?<name>[^']+)' imported but unused/,
        remedy: 'Delete the import of `{name}`; in an __init__.py list it in __all__ instead',
      },
      { tool: 'ruff', codes: ['F401'] },
    ],
  },
  {
    id: 'flake8/unused-variable',
    title: 'A local variable gets a value that nobody reads',
    meaning: 'Either the value was to be used and is not, which is a mistake, or the assignment does nothing.',
    remedy: 'Use the value, or drop the assignment and keep the call if it is needed',
    before: 'result = save(order)\nreturn None',
    after: 'save(order)\nreturn None',
    links: [codes],
    matchers: [
      {
        tool: 'flake8',
        codes: ['F841'],
        pattern: /local variable '(?<name>[^']+)' is assigned to but never used/,
        remedy: 'Use `{name}`, or drop the assignment and keep the call if it is needed',
      },
      { tool: 'ruff', codes: ['F841'] },
    ],
  },
  {
    id: 'flake8/star-import',
    title: 'Names come from a star import, so nobody can tell where they are defined',
    meaning:
      'After `from x import *` flake8 cannot tell whether a name exists (F405), and two of them may hide names of each other.',
    remedy: 'Import the names that are used, one by one',
    before: 'from shop.models import *',
    after: 'from shop.models import Order, Product',
    links: [codes],
    matchers: [{ tool: 'flake8', codes: ['F403', 'F405', 'F406'] }],
  },
  {
    id: 'flake8/f-string-without-placeholders',
    title: 'An f-string has nothing to fill in',
    meaning: 'Without a {placeholder} the f does nothing; mostly the braces were forgotten.',
    remedy: 'Write the placeholder, or take the f away',
    before: 'print(f"total: total")',
    after: 'print(f"total: {total}")',
    links: [codes],
    matchers: [{ tool: 'flake8', codes: ['F541'] }],
  },
  {
    id: 'flake8/bare-except',
    title: 'A bare except catches everything, Ctrl-C and exits included',
    meaning: 'KeyboardInterrupt and SystemExit end up there too, and mistakes in the code stay hidden.',
    remedy: 'Name the exceptions that are expected, at most `except Exception:`',
    before: 'try:\n    load()\nexcept:\n    pass',
    after: 'try:\n    load()\nexcept FileNotFoundError:\n    pass',
    links: [pycodestyle],
    matchers: [{ tool: 'flake8', codes: ['E722', 'B001'] }],
  },
  {
    id: 'flake8/comparison-to-singleton',
    title: 'None, True or False is compared with == or !=',
    meaning:
      'An object may answer == as it likes; `is` cannot be overridden. In a SQLAlchemy query, though, `==` is what makes the SQL: use .is_(None) there.',
    remedy: 'Write `is None` or `is not None`; for booleans the value itself; in SQLAlchemy queries .is_(None)',
    before: 'if order.paid_at == None: ...',
    after: 'if order.paid_at is None: ...',
    links: [pycodestyle, 'https://docs.sqlalchemy.org/en/20/core/sqlelement.html'],
    matchers: [{ tool: 'flake8', codes: ['E711', 'E712'] }],
  },
  {
    id: 'flake8/mutable-default',
    title: 'A mutable default argument is shared by all calls',
    meaning:
      'A default is made once, when the function is defined. What one call appends, the next call finds. Tests that pass alone and fail together often have this as their cause.',
    remedy: 'Use None as the default and make the list inside of the function',
    before: 'def add(item: str, basket: list[str] = []) -> list[str]:\n    basket.append(item)\n    return basket',
    after:
      'def add(item: str, basket: list[str] | None = None) -> list[str]:\n    basket = [] if basket is None else basket\n    basket.append(item)\n    return basket',
    links: ['https://github.com/PyCQA/flake8-bugbear#list-of-warnings'],
    matchers: [
      { tool: 'flake8', codes: ['B006'] },
      { tool: 'ruff', codes: ['B006'] },
    ],
  },
  {
    id: 'flake8/call-in-default',
    title: 'A function is called in a default argument, once for all calls',
    meaning:
      "The call runs when the module is imported, and every call of the function gets that one result: the time of the import, one shared object. FastAPI's Depends(...) is meant like this: use Annotated, or list it in extend-immutable-calls.",
    remedy: 'Call it inside of the function; for FastAPI write `Annotated[T, Depends(f)]`',
    before: 'def report(now: datetime = datetime.now()) -> str: ...',
    after: 'def report(now: datetime | None = None) -> str: ...',
    links: ['https://github.com/PyCQA/flake8-bugbear#list-of-warnings'],
    matchers: [
      { tool: 'flake8', codes: ['B008'] },
      { tool: 'ruff', codes: ['B008'] },
    ],
  },
  {
    id: 'flake8/import-not-at-top',
    title: 'An import stands after other code',
    meaning:
      'Imports in the middle of a module run late and in an order that readers do not expect. Mostly code slipped in above them, such as sys.path changes.',
    remedy: 'Move the import up; what it had to wait for (sys.path, environment) belongs into configuration',
    before: 'import sys\n\nsys.path.append("core")\nimport shop',
    after: 'import shop  # PYTHONPATH is set in the step: env: { PYTHONPATH: core }',
    links: [pycodestyle],
    matchers: [{ tool: 'flake8', codes: ['E402'] }],
  },
  {
    id: 'flake8/too-complex',
    title: 'A function has more branches than the limit allows',
    meaning: 'mccabe counts the paths through a function; above max-complexity it is taken to be too hard to test.',
    remedy: 'Split the function, return early, or replace a chain of ifs by a table',
    links: ['https://flake8.pycqa.org/en/latest/user/options.html#cmdoption-flake8-max-complexity'],
    matchers: [{ tool: 'flake8', codes: ['C901'] }],
  },
  {
    id: 'flake8/black-disagrees',
    title: 'flake8 forbids what black writes',
    meaning:
      "black puts spaces around a slice's colon (E203), breaks lines before operators (W503) and writes `def f(): ...` in one line (E704, E701): pycodestyle's defaults do not agree. Whichever wins, the other fails; black's documentation says to switch these codes off.",
    remedy: 'In the flake8 configuration: extend-ignore = E203,E701,E704,W503',
    before: '[flake8]\nselect = E,F,W',
    after: '[flake8]\nmax-line-length = 88\nextend-ignore = E203,E701,E704,W503',
    links: ['https://black.readthedocs.io/en/stable/guides/using_black_with_other_tools.html#flake8'],
    matchers: [{ tool: 'flake8', codes: ['E203', 'E701', 'E704', 'W503'] }],
    kind: 'style',
  },
  {
    id: 'flake8/line-too-long',
    title: 'Lines are longer than the limit',
    meaning:
      "flake8's own limit is 79 characters, black's is 88: unless both have the same, code that black has just formatted fails here. black does not break strings and comments.",
    remedy: 'Give flake8 the length that black has (max-line-length = 88), then break what is still longer',
    before: '[flake8]\n# nothing: 79',
    after: '[flake8]\nmax-line-length = 88',
    links: ['https://black.readthedocs.io/en/stable/guides/using_black_with_other_tools.html#flake8', pycodestyle],
    matchers: [
      {
        tool: 'flake8',
        codes: ['E501'],
        pattern: /line too long \(\d+ > 79 characters\)/,
        remedy: 'flake8 has its default of 79: set max-line-length = 88 as black has, then break what is still longer',
      },
      { tool: 'flake8', codes: ['E501'] },
      { tool: 'ruff', codes: ['E501'] },
    ],
    kind: 'style',
  },
  {
    id: 'flake8/layout',
    title: 'Spaces and blank lines are not as pycodestyle wants them',
    meaning:
      'All of these (E1, E2, E3, W1, W2, W3) are layout: a formatter writes it right, nobody has to do it by hand.',
    remedy: 'Let black write it',
    before: 'def total( prices ):\n  return sum( prices )\ndef empty():pass',
    after: 'def total(prices):\n    return sum(prices)\n\n\ndef empty():\n    pass',
    links: [pycodestyle],
    matchers: [
      {
        tool: 'flake8',
        codes: layoutCodes,
        remedy: 'Let black write it: parity run -- black {files}',
      },
    ],
    kind: 'style',
  },
];
