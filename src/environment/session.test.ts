import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { outputWindowBytes, stdinWindowBytes, type ClientFrame } from './protocol.ts';
import { openSession, type Session } from './session.ts';

/** A supervisor that the test plays. */
function stage(): {
  readonly link: Parameters<typeof openSession>[0];
  readonly say: (frame: object, body?: Buffer) => void;
  readonly heard: () => readonly ClientFrame[];
  readonly hangUp: () => void;
} {
  const input = new PassThrough({ highWaterMark: 1 << 24 });
  const output = new PassThrough({ highWaterMark: 1 << 24 });
  let wire = Buffer.alloc(0);
  input.on('data', (chunk: Buffer) => (wire = Buffer.concat([wire, chunk])));
  return {
    link: { input, output, needsHeartbeat: false, close: () => output.destroy() },
    say: (frame, body) => {
      output.write(`${JSON.stringify(frame)}\n`);
      if (body !== undefined) output.write(body);
    },
    heard: () => {
      const frames: ClientFrame[] = [];
      for (let rest = wire; rest.length > 0;) {
        const end = rest.indexOf(10);
        const frame = JSON.parse(rest.subarray(0, end).toString()) as ClientFrame;
        frames.push(frame);
        rest = rest.subarray(end + 1 + (frame.type === 'stdin' ? frame.bytes : 0));
      }
      return frames;
    },
    hangUp: () => output.end(),
  };
}

const ready = { type: 'ready', notes: {}, leaseLeft: 1, sessions: 0, commands: [] };
const exit = { exitCode: 0, signal: null, durationMs: 1, cpuMs: 1, peakMemoryBytes: 1, outOfMemory: false };
const command = (name: string): Parameters<Session['start']>[0] => ({ name, argv: ['x'], cwd: '/', env: {} });

async function greeted(theatre: ReturnType<typeof stage>): Promise<Session> {
  const opening = openSession(theatre.link, { leaseSeconds: 5 });
  theatre.say(ready);
  const session = await opening;
  if (!session.ok) throw new Error(session.error.message);
  return session.value;
}

/** Lets streams and promises that are due do their part. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test('outputs of commands that run side by side reach their own readers, and end before the exit', async () => {
  const theatre = stage();
  const session = await greeted(theatre);
  const [a, b] = [session.start(command('a')), session.start(command('b'))];
  theatre.say({ type: 'output', id: 'b', stream: 'stderr', bytes: 2 }, Buffer.from('b\n'));
  theatre.say({ type: 'output', id: 'a', stream: 'stdout', bytes: 2 }, Buffer.from('a\n'));
  for (const id of ['a', 'b']) theatre.say({ type: 'exit', id, ...exit });
  const read = async (running: typeof a): Promise<readonly string[]> => {
    const lines: string[] = [];
    for await (const { stream, data } of running.output) lines.push(`${stream} ${data.toString()}`);
    return lines;
  };
  expect(await Promise.all([read(a), read(b)])).toEqual([['stdout a\n'], ['stderr b\n']]);
  expect(await a.exit).toEqual({ ok: true, value: exit });
  expect(theatre.heard().map(({ type }) => type)).toEqual(['hello', 'start', 'start']);
});

test('credit follows the reading: none for what nobody took', async () => {
  const theatre = stage();
  const session = await greeted(theatre);
  const running = session.start(command('a'));
  const half = Buffer.alloc(outputWindowBytes / 2);
  for (let at = 0; at < 2; at += 1)
    theatre.say({ type: 'output', id: 'a', stream: 'stdout', bytes: half.length }, half);
  await settled();
  const credits = (): number =>
    theatre.heard().reduce((sum, frame) => sum + (frame.type === 'credit' ? frame.bytes : 0), 0);
  expect(credits()).toBe(0);
  const reader = running.output[Symbol.asyncIterator]();
  let taken = 0;
  while (taken < outputWindowBytes) taken += ((await reader.next()).value as { data: Buffer }).data.length;
  expect(credits()).toBeGreaterThan(outputWindowBytes / 2);
});

test('stdin goes no further than its window until the supervisor has room again', async () => {
  const theatre = stage();
  const session = await greeted(theatre);
  async function* flood(): AsyncGenerator<Buffer> {
    for (let at = 0; at < 8; at += 1) yield Buffer.alloc(stdinWindowBytes / 2);
  }
  session.start({ ...command('a'), stdin: flood() });
  const sent = (): number =>
    theatre.heard().reduce((sum, frame) => sum + (frame.type === 'stdin' ? frame.bytes : 0), 0);
  await settled();
  expect(sent()).toBe(stdinWindowBytes);
  theatre.say({ type: 'stdin-credit', id: 'a', bytes: 1000 });
  await settled();
  expect(sent()).toBe(stdinWindowBytes + 1000);
});

test('a supervisor that hangs up is an environment lost, for each command and for those that come after', async () => {
  const theatre = stage();
  const session = await greeted(theatre);
  const running = session.start(command('a'));
  theatre.hangUp();
  for await (const piece of running.output) throw new Error(`there was output: ${piece.data.toString()}`);
  const lost = { ok: false, error: { reason: 'environment-lost' } };
  expect(await running.exit).toMatchObject(lost);
  expect(await session.start(command('b')).exit).toMatchObject(lost);
  await session.closed;
});

test('one that talks nonsense or says nothing is not a supervisor', async () => {
  const nonsense = stage();
  const opening = openSession(nonsense.link);
  nonsense.link.output.push('sh: python3: not found\n');
  expect(await opening).toMatchObject({ ok: false, error: { reason: 'environment-lost' } });
  expect(await openSession(stage().link, { timeoutMs: 5 })).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining('did not answer') },
  });
});
