import type { Remedy } from '../remedy.ts';

/** What asyncio says, mostly in tests. */
export const asyncio: readonly Remedy[] = [
  {
    id: 'asyncio/other-loop',
    title: 'Something made in one event loop is used in another',
    meaning:
      'Each test has a loop of its own. An engine, a client or a lock that a session fixture or a module made belongs to the loop of its making: tests pass alone and fail together.',
    remedy: 'Make it in a fixture of the same loop scope (loop_scope="session" for both), or anew for each test',
    before: '@pytest_asyncio.fixture(scope="session")\nasync def engine(): ...',
    after: '@pytest_asyncio.fixture(scope="session", loop_scope="session")\nasync def engine(): ...',
    links: [
      'https://pytest-asyncio.readthedocs.io/en/stable/concepts.html#asyncio-event-loops',
      'https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-multiple-asyncio-event-loops',
    ],
    matchers: [
      { pattern: /attached to a different loop/ },
      { pattern: /is bound to a different event loop/ },
      { pattern: /RuntimeError: Event loop is closed/ },
    ],
    kind: 'cause',
  },
  {
    id: 'asyncio/running-loop',
    title: 'asyncio.run() is called where a loop runs already',
    meaning: 'A loop cannot be started inside of another: in an async test or a request handler there is one.',
    remedy: 'Await the coroutine instead of running it',
    before: 'async def test_total() -> None:\n    assert asyncio.run(total()) == 3',
    after: 'async def test_total() -> None:\n    assert await total() == 3',
    links: ['https://docs.python.org/3/library/asyncio-runner.html#asyncio.run'],
    matchers: [
      { pattern: /(?:asyncio\.run\(\)|Runner\.run\(\)) cannot be called from a running event loop/ },
      { pattern: /This event loop is already running/ },
    ],
  },
  {
    id: 'asyncio/no-running-loop',
    title: 'Async code is called where no loop runs',
    meaning:
      'asyncio.create_task, get_running_loop and many clients need a running loop, which a module at import or a plain test does not have.',
    remedy: 'Call it inside of an async function; in tests one that is marked @pytest.mark.asyncio',
    before: 'task = asyncio.create_task(poll())',
    after: 'async def main() -> None:\n    task = asyncio.create_task(poll())\n    await task',
    links: ['https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_running_loop'],
    matchers: [
      { pattern: /RuntimeError: no running event loop/ },
      {
        pattern: /There is no current event loop/,
        remedy:
          'asyncio.get_event_loop() makes no loop there: make the fixture or test async, or take asyncio.new_event_loop()',
      },
    ],
  },
  {
    id: 'asyncio/never-awaited',
    title: 'A coroutine was made and never awaited',
    meaning:
      'Its body has not run: an assertion in it, or a save, did not happen. The test may pass for that reason alone.',
    remedy: 'Write `await` before the call',
    before: 'async def test_save() -> None:\n    save()',
    after: 'async def test_save() -> None:\n    await save()',
    links: ['https://docs.python.org/3/library/asyncio-dev.html#detect-never-awaited-coroutines'],
    matchers: [
      { pattern: /coroutine '(?<name>[^']+)' was never awaited/, remedy: 'Write `await` before the call of `{name}`' },
    ],
  },
];
