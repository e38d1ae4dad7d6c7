import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../config/config.ts';
import { failure, type Failure } from '../core/failure.ts';
import { interruption, onAbort } from '../core/interruption.ts';
import type { EmitProgress } from '../core/progress.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { AttachedChannel, Engine } from '../engine/engine.ts';
import { ensureContainer } from './ensure-container.ts';
import { planService, type EnvironmentFacts } from './container-plan.ts';
import type { ServiceImages } from './service-images.ts';
import type { Session } from './session.ts';

/** What starting services needs. */
export interface ServicesRequest {
  readonly engine: Engine;
  readonly facts: EnvironmentFacts;
  readonly images: ServiceImages;
  /** The steps' container whose network and processes they join, and a session with it. */
  readonly steps: { readonly id: string; readonly name: string };
  readonly session: Session;
  /** Services' containers that run already: name → ID. */
  readonly running: ReadonlyMap<string, string>;
  readonly emit: EmitProgress;
  readonly signal: AbortSignal;
}

/**
 * Starts every declared service that does not run, all at once, and waits until each is ready. One that was seen ready
 * before and runs still is not asked again. Err `service-not-ready` holds the service's last lines.
 */
export async function ensureServices(request: ServicesRequest): Promise<Result<void>> {
  const { facts, running, session } = request;
  const waiting = facts.config.services.filter((service) => {
    const id = running.get(service.name);
    return id === undefined || session.ready.notes[readyNote(service)] !== id;
  });
  const outcomes = await Promise.all(waiting.map((service) => startService(request, service)));
  return outcomes.find((outcome) => !outcome.ok) ?? ok(undefined);
}

async function startService(request: ServicesRequest, service: Service): Promise<Result<void>> {
  const begun = performance.now();
  const event = { phase: 'service', id: service.name } as const;
  request.emit({ ...event, type: 'phase-started', title: `service ${service.name} (${service.image})` });
  const outcome = await startUntilReady(request, service);
  const durationMs = performance.now() - begun;
  const result = outcome.ok ? 'ready' : outcome.error.message;
  request.emit({ ...event, type: 'phase-finished', durationMs, ok: outcome.ok, result });
  return outcome;
}

async function startUntilReady(request: ServicesRequest, service: Service): Promise<Result<void>> {
  const { engine, facts, steps, session, signal } = request;
  const image = await request.images.of(service);
  if (!image.ok) return image;
  const deadline = performance.now() + service.readyTimeoutSeconds * 1000;
  const output = lastLines(20);
  let channel: AttachedChannel | undefined;
  const made = await ensureContainer(engine, planService(facts, service, steps), {
    signal,
    // The engine removes the container when it ends, and its log with it: the output is read from the first line on.
    prepare: async (id) => {
      const attached = await engine.attachContainer(id, { stdin: false });
      if (!attached.ok) return attached;
      channel = attached.value;
      for (const stream of [channel.stdout, channel.stderr]) stream.on('data', output.add);
      return ok(undefined);
    },
  });
  if (!made.ok) {
    channel?.detach();
    return made;
  }
  const ready = await untilReady(request, service, made.value.id, deadline, channel);
  channel?.detach();
  if (ready === undefined) {
    session.setNote(readyNote(service), made.value.id);
    return ok(undefined);
  }
  if (ready.reason !== 'service-not-ready') return err(ready);
  const log = made.value.created ? output.text() : await logOf(engine, made.value.id);
  // The next run starts it afresh.
  await engine.removeContainer(made.value.id);
  return err({ ...ready, detail: [ready.detail ?? '', log].filter((text) => text !== '').join('\n') });
}

/** Undefined when the service is ready. */
async function untilReady(
  request: ServicesRequest,
  service: Service,
  id: string,
  deadline: number,
  channel: AttachedChannel | undefined,
): Promise<Failure | undefined> {
  const { engine, signal } = request;
  let ended = false;
  const end = channel?.closed.then(() => (ended = true));
  // A command in a container that ends under it may never answer.
  const overdue = sleep(Math.max(0, deadline - performance.now()), undefined, { ref: false });
  let stopListening = (): void => {};
  const interrupted = new Promise<void>((resolve) => (stopListening = onAbort(signal, resolve)));
  let lastOutput = '';
  try {
    for (let pauseMs = 25; ; pauseMs = Math.min(500, pauseMs * 1.5)) {
      if (signal.aborted) return interruption(signal);
      if (ended || !(await isRunning(engine, id)))
        return failure('service-not-ready', `service "${service.name}" ended before it was ready`, {
          next: `look at its last lines above; its settings are services.${service.name} in parity.yaml`,
        });
      const asked =
        service.ready === undefined ? checkPorts(request, service) : runReadyCommand(engine, id, service.ready);
      await Promise.race([asked, overdue, interrupted, ...(end === undefined ? [] : [end])]);
      const answer = await Promise.race([asked, noAnswer]);
      if (answer.ready) return undefined;
      lastOutput = answer.output === '' ? lastOutput : answer.output;
      if (performance.now() > deadline)
        return failure(
          'service-not-ready',
          `service "${service.name}" was not ready within ${service.readyTimeoutSeconds} s`,
          {
            ...(lastOutput === '' ? {} : { detail: lastOutput }),
            next: `look at its last lines above; what has to answer is services.${service.name}.ready in parity.yaml`,
          },
        );
      await sleep(pauseMs);
    }
  } finally {
    stopListening();
  }
}

const noAnswer = Promise.resolve<ReadyAnswer>({ ready: false, output: '' });

interface ReadyAnswer {
  readonly ready: boolean;
  readonly output: string;
}

async function runReadyCommand(engine: Engine, id: string, command: string): Promise<ReadyAnswer> {
  const asked = await engine.exec(id, { command: ['sh', '-c', command] });
  if (!asked.ok) return { ready: false, output: asked.error.message };
  const output = lastLines(3);
  asked.value.stdout.on('data', output.add);
  asked.value.stderr.on('data', output.add);
  const code = await asked.value.exitCode;
  return { ready: code.ok && code.value === 0, output: output.text() };
}

/** No `ready:` was declared: each declared port must take a connection, tried from where the steps are. */
async function checkPorts({ session }: ServicesRequest, service: Service): Promise<ReadyAnswer> {
  if (service.ports.length === 0) return { ready: true, output: '' };
  const code =
    'import socket, sys\nfor port in sys.argv[1:]: socket.create_connection(("127.0.0.1", int(port)), 2).close()';
  const probe = session.start({
    name: `ready ${service.name}`,
    argv: ['python3', '-I', '-S', '-c', code, ...service.ports.map(String)],
    cwd: '/',
    env: {},
  });
  const output = lastLines(1);
  for await (const piece of probe.output) output.add(piece.data);
  const exit = await probe.exit;
  return { ready: exit.ok && exit.value.exitCode === 0, output: output.text() };
}

async function isRunning(engine: Engine, id: string): Promise<boolean> {
  const found = await engine.inspectContainer(id);
  return !found.ok || found.value?.state === 'running';
}

async function logOf(engine: Engine, id: string): Promise<string> {
  const log = await engine.containerLogs(id, { tailLines: 20 });
  return log.ok ? log.value.trim() : '';
}

function readyNote(service: Service): string {
  return `ready ${service.name}`;
}

function lastLines(count: number): { readonly add: (chunk: Buffer) => void; readonly text: () => string } {
  let kept = '';
  return {
    add(chunk) {
      kept = (kept + chunk.toString('utf8')).slice(-8192);
    },
    text: () => kept.trim().split('\n').slice(-count).join('\n'),
  };
}
