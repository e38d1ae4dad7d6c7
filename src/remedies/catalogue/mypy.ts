import type { Remedy } from '../remedy.ts';

const codes = 'https://mypy.readthedocs.io/en/stable/error_code_list.html';
const optional = 'https://mypy.readthedocs.io/en/stable/error_code_list2.html';
const missing = 'https://mypy.readthedocs.io/en/stable/running_mypy.html#missing-imports';

/** What mypy says. */
export const mypy: readonly Remedy[] = [
  {
    id: 'mypy/implicit-optional',
    title: 'A parameter whose default is None is not annotated as optional',
    meaning:
      'Since PEP 484 was amended, `x: int = None` no longer means that x may be None: mypy takes the annotation at its word (no_implicit_optional is the default). Say that None is allowed, and the checker will also make sure that the code handles it.',
    remedy: 'Annotate it as `T | None`',
    before: 'def half(amount: int = None) -> int:\n    return amount // 2',
    after: 'def half(amount: int | None = None) -> int:\n    return 0 if amount is None else amount // 2',
    links: [
      'https://mypy.readthedocs.io/en/stable/kinds_of_types.html#optional-types-and-the-none-type',
      'https://peps.python.org/pep-0484/#union-types',
    ],
    matchers: [
      {
        tool: 'mypy',
        codes: ['assignment'],
        pattern:
          /^Incompatible default for (?:argument|parameter) "(?<name>[^"]+)" \(default has type "None", (?:argument|parameter) has type "(?<type>[^"]+)"\)/,
        remedy: 'Annotate it as `{name}: {type} | None = None`',
      },
      { tool: 'mypy', pattern: /no_implicit_optional=True/ },
    ],
  },
  {
    id: 'mypy/optional-access',
    title: 'A value that may be None is used as if it never were',
    meaning:
      'One of the types that the value may have lacks the attribute, mostly None. Running the line with None raises AttributeError.',
    remedy: 'Handle None first: `if x is None: …`, an early return, or an assert where it cannot happen',
    before: 'def shout(name: str | None) -> str:\n    return name.upper()',
    after: 'def shout(name: str | None) -> str:\n    if name is None:\n        return ""\n    return name.upper()',
    links: [`${codes}#code-union-attr`, 'https://mypy.readthedocs.io/en/stable/type_narrowing.html'],
    matchers: [
      {
        tool: 'mypy',
        codes: ['union-attr'],
        pattern: /^Item "None" of "(?<type>[^"]+)" has no attribute "(?<name>[^"]+)"/,
        remedy: 'Handle None before `.{name}`: an `if … is None`, an early return, or an assert where it cannot happen',
      },
      { tool: 'mypy', codes: ['union-attr'] },
    ],
  },
  {
    id: 'mypy/missing-stubs',
    title: 'A package has type stubs on PyPI that are not installed',
    meaning:
      'The package itself has no annotations; the typeshed project publishes them as a package of their own, types-…. mypy needs it in the image to check what is used of it.',
    remedy: 'Add the types-… package that mypy names to the requirements or to toolchain.tools, then: parity lock',
    before: 'toolchain:\n  tools: [mypy==1.18.2]',
    after: 'toolchain:\n  tools: [mypy==1.18.2, types-requests]',
    links: ['https://mypy.readthedocs.io/en/stable/running_mypy.html#library-stubs-not-installed'],
    matchers: [
      {
        tool: 'mypy',
        pattern: /^Library stubs not installed for "(?<module>[^"]+)"[^]*pip install (?<stubs>types-[\w-]+)/,
        remedy: 'Add {stubs} (and what has `{module}`, if that is missing) to the requirements, then: parity lock',
      },
      { tool: 'mypy', pattern: /^Library stubs not installed for/ },
    ],
  },
  {
    id: 'mypy/untyped-library',
    title: 'A library that is imported has no type annotations',
    meaning: 'It is installed, but has no py.typed file, so mypy does not look into it; everything of it would be Any.',
    remedy: 'Look for its stubs (types-… on PyPI); without, allow that one module in mypy.ini: ignore_missing_imports',
    before: '[mypy]\nstrict = True',
    after: '[mypy]\nstrict = True\n\n[mypy-mccabe.*]\nignore_missing_imports = True',
    links: ['https://mypy.readthedocs.io/en/stable/running_mypy.html#missing-library-stubs-or-py-typed-marker'],
    matchers: [
      {
        tool: 'mypy',
        codes: ['import-untyped'],
        pattern: /^Skipping analyzing "(?<module>[\w]+)[\w.]*": module is installed, but missing library stubs/,
        remedy:
          'Look for its stubs (types-{module}); without, in mypy.ini: [mypy-{module}.*] ignore_missing_imports = True',
      },
      { tool: 'mypy', codes: ['import-untyped'] },
    ],
  },
  {
    id: 'mypy/module-not-found',
    title: 'mypy cannot find a module that is imported',
    meaning:
      'It is neither installed in the image nor below the folders that mypy looks in. A module of your own is found from the folder that mypy starts in, from MYPYPATH and mypy_path; a library must be in the lock.',
    remedy:
      'A library: add it to the requirements, then parity lock. Your own: set mypy_path, or start mypy where imports start',
    before: '[mypy]\nstrict = True',
    after: '[mypy]\nstrict = True\nmypy_path = core',
    links: [missing],
    matchers: [
      {
        tool: 'mypy',
        codes: ['import-not-found', 'import'],
        pattern: /module named "(?<module>[^".]+)[^"]*"/,
        remedy:
          'A library: add what has `{module}` to the requirements, then: parity lock. Your own: set mypy_path in the mypy configuration',
      },
      { tool: 'mypy', codes: ['import-not-found', 'import'] },
    ],
    kind: 'cause',
  },
  {
    id: 'mypy/duplicate-module',
    title: 'mypy finds one file under two module names, or two files under one',
    meaning:
      'Started from two places, the same file is both `app` and `core.app`, mostly because a folder has no __init__.py, or because a file is given by its own path besides its folder. Or two files share a name: two folders `tests`, each with an __init__.py and neither in a package of its own. mypy stops there and checks nothing.',
    remedy:
      'Give the folder an __init__.py, or run mypy with --explicit-package-bases from the folder where imports start',
    links: ['https://mypy.readthedocs.io/en/stable/running_mypy.html#mapping-file-paths-to-modules'],
    matchers: [
      { tool: 'mypy', pattern: /Source file found twice under different module names/ },
      {
        tool: 'mypy',
        pattern: /^Duplicate module named "(?<name>[^"]+)" \(also at "[^"]*\/__init__\.pyi?"\)/,
        remedy:
          'Both folders `{name}` have an __init__.py: delete it, add one to the folder above, or use --explicit-package-bases',
      },
      {
        tool: 'mypy',
        pattern: /^Duplicate module named "(?<name>\w+(?:\.\w+)+)"/,
        remedy:
          'Both files are `{name}`: add an __init__.py to the folders above, or run mypy with --explicit-package-bases',
      },
      { tool: 'mypy', pattern: /^Duplicate module named/ },
      { pattern: /error: (?:Source file found twice under different module names|Duplicate module named)/ },
    ],
    kind: 'cause',
  },
  {
    id: 'mypy/missing-annotation',
    title: 'A function has no type annotations',
    meaning:
      'With disallow_untyped_defs (part of strict) each function says what it takes and returns; without, mypy does not check its body at all.',
    remedy: 'Annotate the parameters and the result; a function that returns nothing is `-> None`',
    before: 'def total(prices):\n    return sum(prices)',
    after: 'def total(prices: list[int]) -> int:\n    return sum(prices)',
    links: [`${optional}#code-no-untyped-def`],
    matchers: [{ tool: 'mypy', codes: ['no-untyped-def', 'no-untyped-call'] }],
  },
  {
    id: 'mypy/need-annotation',
    title: 'mypy cannot tell what an empty container holds',
    meaning: 'An empty list or dict has no elements to infer a type from.',
    remedy: 'Annotate the variable where it is made',
    before: 'prices = {}',
    after: 'prices: dict[str, int] = {}',
    links: [`${codes}#code-var-annotated`],
    matchers: [
      {
        tool: 'mypy',
        codes: ['var-annotated'],
        pattern: /^Need type annotation for "(?<name>[^"]+)" \(hint: "(?<hint>[^"]+?)(?: = \.\.\.)?"\)/,
        remedy: 'Annotate the variable where it is made: `{hint}`',
      },
      { tool: 'mypy', codes: ['var-annotated'] },
    ],
  },
  {
    id: 'mypy/generic-without-parameters',
    title: 'A generic type is named without what it holds',
    meaning: '`list` alone means list[Any], which strict mypy does not accept (disallow_any_generics).',
    remedy: 'Say what it holds: `list[int]`, `dict[str, object]`',
    before: 'def total(prices: list) -> int: ...',
    after: 'def total(prices: list[int]) -> int: ...',
    links: [`${optional}#code-type-arg`],
    matchers: [{ tool: 'mypy', codes: ['type-arg'] }],
  },
  {
    id: 'mypy/returns-any',
    title: 'A function that promises a type returns Any',
    meaning:
      'The value comes from code without types (json.loads, an untyped library), so nobody has checked the promise.',
    remedy: 'Give the value its type where it comes in: an annotated variable, a check, or typing.cast',
    before: 'def port(text: str) -> int:\n    return json.loads(text)["port"]',
    after: 'def port(text: str) -> int:\n    value: int = json.loads(text)["port"]\n    return value',
    links: [`${optional}#code-no-any-return`],
    matchers: [{ tool: 'mypy', codes: ['no-any-return'] }],
  },
  {
    id: 'mypy/unused-ignore',
    title: 'A `# type: ignore` is no longer needed',
    meaning:
      'The line has no error (any more) that the comment would hide: the code, mypy or the stubs have changed. With another mypy than the locked one it may be needed again.',
    remedy: 'Delete the comment',
    before: 'total: int = 1  # type: ignore',
    after: 'total: int = 1',
    links: [`${optional}#code-unused-ignore`],
    matchers: [
      { tool: 'mypy', codes: ['unused-ignore'] },
      { tool: 'mypy', pattern: /^Unused "type: ignore"/ },
    ],
  },
  {
    id: 'mypy/missing-await',
    title: 'A coroutine is used without await',
    meaning: 'Calling an async function gives a coroutine, not its result; without await its body never runs.',
    remedy: 'Write `await` before the call',
    before: 'async def main() -> None:\n    save()',
    after: 'async def main() -> None:\n    await save()',
    links: [`${codes}#code-unused-coroutine`],
    matchers: [
      { tool: 'mypy', codes: ['unused-coroutine'] },
      {
        tool: 'mypy',
        pattern: /Maybe you forgot to use "await"\?/,
        isDecisive: true,
      },
      { tool: 'mypy', codes: ['unused-awaitable'] },
    ],
  },
  {
    id: 'mypy/column-not-mapped',
    title: 'A SQLAlchemy model is declared the old way, which mypy takes at its word',
    meaning:
      '`id = Column(Integer)` is a Column for mypy, whatever the value is at run time. SQLAlchemy 2 declares the Python type: `id: Mapped[int] = mapped_column()`. The old mypy plugin is deprecated.',
    remedy: 'Declare it as `name: Mapped[T] = mapped_column(…)`',
    before: 'class Order(Base):\n    __tablename__ = "orders"\n    id = Column(Integer, primary_key=True)',
    after: 'class Order(Base):\n    __tablename__ = "orders"\n    id: Mapped[int] = mapped_column(primary_key=True)',
    links: [
      'https://docs.sqlalchemy.org/en/20/changelog/whatsnew_20.html#orm-declarative-models',
      'https://docs.sqlalchemy.org/en/20/orm/extensions/mypy.html',
    ],
    matchers: [
      {
        tool: 'mypy',
        pattern: /"Column\[(?<type>[^\]"]+)\]"/,
        isDecisive: true,
        remedy: 'Declare it as `name: Mapped[{type}] = mapped_column(…)`',
      },
    ],
  },
  {
    id: 'mypy/return-value',
    title: 'A function returns another type than it promises',
    meaning: 'Either the value is wrong or the annotation is. Callers are checked against the annotation.',
    remedy: 'Return what is promised, or correct the annotation',
    before: 'def total(prices: list[int]) -> int:\n    return str(sum(prices))',
    after: 'def total(prices: list[int]) -> int:\n    return sum(prices)',
    links: [`${codes}#code-return-value`],
    matchers: [
      {
        tool: 'mypy',
        codes: ['return-value'],
        pattern: /got "(?<got>[^"]+)", expected "(?<wanted>[^"]+)"/,
        remedy: 'Return a `{wanted}`, or annotate the function as `-> {got}`',
      },
      { tool: 'mypy', codes: ['return-value', 'return'] },
    ],
  },
  {
    id: 'mypy/argument-type',
    title: 'An argument has another type than the parameter',
    meaning:
      'What is passed is not what the function says that it takes. When the one is `T | None`, None is what has to be handled.',
    remedy: 'Convert the value, handle None before the call, or widen the parameter',
    before: 'def double(amount: int) -> int: ...\n\n\ndouble("2")',
    after: 'double(int("2"))',
    links: [`${codes}#code-arg-type`],
    matchers: [
      {
        tool: 'mypy',
        codes: ['arg-type'],
        pattern: /has incompatible type "(?<got>[^"]+)"; expected "(?<wanted>[^"]+)"/,
        remedy: 'Pass a `{wanted}` instead of the `{got}`, or widen the parameter',
      },
      { tool: 'mypy', codes: ['arg-type'] },
    ],
  },
  {
    id: 'mypy/incompatible-assignment',
    title: 'A variable gets a value of another type than it has',
    meaning:
      'The type is that of the annotation, else that of the first value. One name for two kinds of values is what mypy forbids.',
    remedy: 'Use another name for the second value, convert it, or annotate the variable with both types',
    before: 'amount = 1\namount = "one"',
    after: 'amount = 1\nlabel = "one"',
    links: [`${codes}#code-assignment`],
    matchers: [{ tool: 'mypy', codes: ['assignment'] }],
  },
  {
    id: 'mypy/incompatible-override',
    title: 'A method does not fit the one that it overrides',
    meaning:
      'Wherever the base class is expected a subclass may be given: so a method must take at least as much and return at most as much as the one it stands for.',
    remedy: "Give the method the base class's parameters and a result that fits",
    before: 'class Card(Payment):\n    def pay(self, amount: str) -> None: ...',
    after: 'class Card(Payment):\n    def pay(self, amount: int) -> None: ...',
    links: [`${codes}#code-override`],
    matchers: [{ tool: 'mypy', codes: ['override'] }],
  },
  {
    id: 'mypy/no-attribute',
    title: 'Something is used that a class or a module does not have',
    meaning:
      'Misspelt, removed, or not re-exported: with strict, a name that a module merely imports is not its own (no_implicit_reexport).',
    remedy: 'Correct the name; for a re-export list it in __all__',
    links: [`${codes}#code-attr-defined`],
    matchers: [
      {
        tool: 'mypy',
        codes: ['attr-defined'],
        pattern: /maybe "(?<name>[^"]+)"\?/,
        remedy: 'mypy thinks of `{name}`: correct the name',
      },
      { tool: 'mypy', codes: ['attr-defined'] },
    ],
  },
];
