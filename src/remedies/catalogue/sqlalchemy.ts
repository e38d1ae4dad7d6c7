import type { Remedy } from '../remedy.ts';

const errors = 'https://docs.sqlalchemy.org/en/20/errors.html';
const asyncDocs = 'https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html';

/** What SQLAlchemy 2 says, with asyncio above all. */
export const sqlalchemy: readonly Remedy[] = [
  {
    id: 'sqlalchemy/shared-session',
    title: 'One async session is used by two tasks at once',
    meaning:
      'A session is one conversation with the database: it is for one task at a time. Shared between tasks (asyncio.gather, a global, a fixture for all tests) it fails now and then, whichever task is first.',
    remedy: 'Give each task its own session: `async with async_sessionmaker(engine)() as session`',
    before: 'await asyncio.gather(*(load(session, key) for key in keys))',
    after:
      'sessions = async_sessionmaker(engine)\n\n\nasync def load(key: int) -> Order:\n    async with sessions() as session:\n        return await session.get_one(Order, key)',
    links: [`${asyncDocs}#using-asyncsession-with-concurrent-tasks`, `${errors}#error-isce`],
    matchers: [
      { pattern: /This session is provisioning a new connection; concurrent operations are not permitted/ },
      {
        pattern: /IllegalStateChangeError: Method '[^']+' can't be called here; method '[^']+' is already in progress/,
      },
      { pattern: /cannot perform operation: another operation is in progress/ },
    ],
    kind: 'cause',
  },
  {
    id: 'sqlalchemy/missing-greenlet',
    title: 'An attribute is loaded from the database outside of an await',
    meaning:
      'Reading an unloaded relationship, or any attribute after a commit has expired it, makes a query. With asyncio a query must be awaited, and an attribute cannot be.',
    remedy: 'Load it with the query (selectinload), await obj.awaitable_attrs.x, or set expire_on_commit=False',
    before: 'order = await session.get(Order, 1)\nprint(order.lines)',
    after: 'order = await session.get(Order, 1, options=[selectinload(Order.lines)])\nprint(order.lines)',
    links: [`${asyncDocs}#preventing-implicit-io-when-using-asyncsession`, `${errors}#error-xd2s`],
    matchers: [
      { pattern: /greenlet_spawn has not been called; can't call await_(?:only\(\)|fallback\(\)|\()? ?here/ },
      { pattern: /MissingGreenlet: / },
    ],
  },
  {
    id: 'sqlalchemy/detached-instance',
    title: 'An object is used after its session has closed',
    meaning:
      'An attribute that is not loaded yet needs the session, which is gone: a `with` block has ended, or the object came out of a function that had its own.',
    remedy: 'Load what is needed while the session is open (selectinload), or keep the session open around the use',
    before: 'with Session(engine) as session:\n    order = session.get(Order, 1)\nprint(order.lines)',
    after: 'with Session(engine) as session:\n    order = session.get(Order, 1)\n    print(order.lines)',
    links: [`${errors}#error-bhk3`],
    matchers: [
      { pattern: /DetachedInstanceError: / },
      { pattern: /is not bound to a Session; (?:lazy load|attribute refresh) operation/ },
    ],
  },
  {
    id: 'sqlalchemy/pending-rollback',
    title: 'A session is used on after one of its statements failed',
    meaning:
      'The first error ended the transaction; all that follows on that session fails like this. The cause is the original exception in the message.',
    remedy: 'Find the original exception; use `with session.begin()`, which rolls back by itself',
    before: 'try:\n    session.flush()\nexcept IntegrityError:\n    pass\nsession.execute(query)',
    after: 'try:\n    session.flush()\nexcept IntegrityError:\n    session.rollback()\nsession.execute(query)',
    links: [`${errors}#error-7s2a`, 'https://docs.sqlalchemy.org/en/20/faq/sessions.html'],
    matchers: [{ pattern: /PendingRollbackError: / }],
  },
  {
    id: 'sqlalchemy/sync-driver',
    title: 'An async engine is made with a driver that is not async',
    meaning:
      'The URL names the driver: `sqlite://` means pysqlite, `postgresql://` psycopg2. create_async_engine needs one that is async.',
    remedy: 'Name the async driver in the URL: sqlite+aiosqlite://, postgresql+asyncpg://, mysql+aiomysql://',
    before: 'create_async_engine("sqlite://")',
    after: 'create_async_engine("sqlite+aiosqlite://")',
    links: [asyncDocs, 'https://docs.sqlalchemy.org/en/20/core/engines.html#database-urls'],
    matchers: [
      {
        pattern:
          /The asyncio extension requires an async driver to be used\. The loaded '(?<driver>[^']+)' is not async/,
        remedy:
          "'{driver}' is not async: write sqlite+aiosqlite://, postgresql+asyncpg:// or mysql+aiomysql:// in the URL",
      },
    ],
    kind: 'cause',
  },
  {
    id: 'sqlalchemy/no-such-table',
    title: 'A table does not exist in the database',
    meaning:
      'Its migrations have not run, the models were not imported when create_all ran, or the database is SQLite in memory, which each connection has for itself.',
    remedy:
      'Run the migrations or create_all after the models are imported; for SQLite in memory use poolclass=StaticPool',
    before: 'engine = create_engine("sqlite://")',
    after: 'engine = create_engine("sqlite://", poolclass=StaticPool)\nBase.metadata.create_all(engine)',
    links: [
      'https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#using-a-memory-database-in-multiple-threads',
      'https://docs.sqlalchemy.org/en/20/core/metadata.html#creating-and-dropping-database-tables',
    ],
    matchers: [
      {
        pattern: /no such table: (?<table>[\w.]+)/,
        remedy: 'Make `{table}` first: run the migrations, or create_all after the models are imported',
      },
      {
        pattern: /UndefinedTable(?:Error)?\b.*relation "(?<table>[^"]+)" does not exist/,
        remedy: 'Make `{table}` first: run the migrations, or create_all after the models are imported',
      },
    ],
  },
  {
    id: 'sqlalchemy/textual-sql',
    title: 'A plain string is executed as SQL',
    meaning: 'Since SQLAlchemy 2.0 text must be marked as such, so that nobody executes a string by mistake.',
    remedy: 'Wrap it: `text("select 1")`, with :name for parameters',
    before: 'connection.execute("select 1")',
    after: 'connection.execute(text("select 1"))',
    links: [
      'https://docs.sqlalchemy.org/en/20/changelog/migration_20.html#execute-method-more-strict-execution-options-are-more-prominent',
    ],
    matchers: [
      { pattern: /ObjectNotExecutableError: Not an executable object: '/ },
      { pattern: /Textual SQL expression .* should be explicitly declared as text\(/ },
    ],
  },
  {
    id: 'sqlalchemy/annotation-not-mapped',
    title: "A model's annotation is not Mapped[…]",
    meaning: 'In SQLAlchemy 2 the annotations of a declarative class declare its columns, and each must be Mapped[T].',
    remedy: 'Write `name: Mapped[T]`, or set __allow_unmapped__ = True on a class that is still to be changed',
    before: 'lines: list["Line"] = relationship()',
    after: 'lines: Mapped[list["Line"]] = relationship()',
    links: [`${errors}#error-zlpr`],
    matchers: [
      {
        pattern:
          /Type annotation for "(?<name>[^"]+)" can't be correctly interpreted for Annotated Declarative Table form/,
        remedy: 'Write the annotation of `{name}` as Mapped[…]',
      },
    ],
    kind: 'cause',
  },
  {
    id: 'sqlalchemy/moved-in-2',
    title: 'Something of SQLAlchemy 1.x is used that 2.0 has moved or removed',
    meaning: 'The old name still works with a warning, or works no longer. With warnings as errors it fails now.',
    remedy: 'Use the new place that the message names: class Base(DeclarativeBase), session.get(), select()',
    before: 'Base = declarative_base()',
    after: 'class Base(DeclarativeBase):\n    pass',
    links: ['https://docs.sqlalchemy.org/en/20/changelog/migration_20.html', `${errors}#error-b8d9`],
    matchers: [
      { pattern: /MovedIn20Warning: / },
      { pattern: /RemovedIn20Warning: / },
      { pattern: /LegacyAPIWarning: / },
    ],
  },
  {
    id: 'sqlalchemy/integrity',
    title: 'A row breaks a constraint of the database',
    meaning:
      'A unique key is there already, a NOT NULL column has no value, or a foreign key points nowhere. In tests it is often data of an earlier test that is still there.',
    remedy: 'Correct the row; between tests roll back, or make the database anew for each',
    links: [
      `${errors}#integrityerror`,
      'https://docs.sqlalchemy.org/en/20/orm/session_transaction.html#joining-a-session-into-an-external-transaction-such-as-for-test-suites',
    ],
    matchers: [{ pattern: /IntegrityError: \(/ }],
  },
];
