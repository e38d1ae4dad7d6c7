/** What SQLAlchemy's async sessions and their drivers say when one is used from several tasks or event loops. */
const misuses: readonly RegExp[] = [
  // RuntimeError: Task … got Future … attached to a different loop (asyncio)
  /attached to a different (?:event )?loop/,
  // asyncpg.exceptions.InterfaceError: cannot perform operation: another operation is in progress
  /another operation is in progress/,
  // sqlalchemy.exc.InvalidRequestError
  /Session is already flushing/,
  // sqlalchemy.exc.MissingGreenlet: greenlet_spawn has not been called; can't call await_only() here.
  /greenlet_spawn has not been called/,
  // sqlalchemy.exc.IllegalStateChangeError, and InvalidRequestError of a session that several tasks use
  /Method '\w+\(\)' can't be called here; method '\w+\(\)' is already in progress/,
  /This session is provisioning a new connection; concurrent operations are not permitted/,
  // RuntimeError: Event loop is closed: a pool's connection outlived the loop of the test that opened it
  /Event loop is closed/,
];

/** True for the message of a failure that comes of an async session shared between tasks or event loops. */
export function sharesSession(message: string): boolean {
  return misuses.some((pattern) => pattern.test(message));
}

/** What to do about it, ready to copy. */
export const sharedSessionRemedy = `one session for each test, made and closed in its own event loop:

    @pytest_asyncio.fixture
    async def session(engine):
        async with async_sessionmaker(engine, expire_on_commit=False)() as session:
            yield session

and one for each task of asyncio.gather(); the engine is made in the same loop (a fixture of the same loop_scope) and disposed of there: await engine.dispose()`;
