import { err, ok, type Result } from '../../core/result.ts';
import type { Connection } from '../../engine/connect-engine.ts';
import type { Engine } from '../../engine/engine.ts';
import type { AppContext } from '../context.ts';

/** An engine that is connected to while other work goes on. */
export interface PendingEngine {
  readonly connection: () => Promise<Result<Connection>>;
  readonly engine: () => Promise<Result<Engine>>;
  /** Lets go of the engine if there is one. */
  close(): Promise<void>;
}

/** Starts to connect to the engine; no failure shows before a caller asks for it. */
export function startConnecting({ host, env }: Pick<AppContext, 'host' | 'env'>): PendingEngine {
  const connecting = connect(host, env);
  // Avoids an unhandled rejection when no caller ever asks.
  connecting.catch(() => {});
  return {
    connection: () => connecting,
    async engine() {
      const connection = await connecting;
      return connection.ok ? ok(connection.value.engine) : err(connection.error);
    },
    async close() {
      const connection = await connecting;
      if (connection.ok) await connection.value.engine.close();
    },
  };
}

/** An engine that is connected to when a caller first asks for it. */
export function connectLater(context: Pick<AppContext, 'host' | 'env'>): PendingEngine {
  let started: PendingEngine | undefined;
  const start = (): PendingEngine => (started ??= startConnecting(context));
  return {
    connection: () => start().connection(),
    engine: () => start().engine(),
    close: () => started?.close() ?? Promise.resolve(),
  };
}

async function connect(host: string | undefined, env: NodeJS.ProcessEnv): Promise<Result<Connection>> {
  const { connectEngine } = await import('../../engine/connect-engine.ts');
  const connection = await connectEngine({ host, env });
  // The first question's answer is remembered by the engine: asked now, it is there when it is needed.
  if (connection.ok) void connection.value.engine.describe();
  return connection;
}
