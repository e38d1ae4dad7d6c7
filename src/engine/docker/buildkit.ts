import { StringDecoder } from 'node:string_decoder';
import type { BuildProgress } from '../../core/progress.ts';

/** One vertex of BuildKit's graph, as one status message tells it. */
export interface Vertex {
  readonly digest: string;
  readonly name: string;
  readonly cached: boolean;
  readonly started: boolean;
  readonly completed: boolean;
  readonly error: string;
}

/** One decoded `moby.buildkit.trace` record. */
export interface BuildKitStatus {
  readonly vertexes: readonly Vertex[];
  readonly logs: readonly { readonly vertex: string; readonly message: Buffer }[];
  readonly warnings: readonly string[];
}

// The part of https://github.com/moby/buildkit/blob/master/api/services/control/control.proto that is read here.
const schema = {
  nested: {
    StatusResponse: {
      fields: {
        vertexes: { rule: 'repeated', type: 'Vertex', id: 1 },
        logs: { rule: 'repeated', type: 'VertexLog', id: 3 },
        warnings: { rule: 'repeated', type: 'VertexWarning', id: 4 },
      },
    },
    Vertex: {
      fields: {
        digest: { type: 'string', id: 1 },
        name: { type: 'string', id: 3 },
        cached: { type: 'bool', id: 4 },
        started: { type: 'Timestamp', id: 5 },
        completed: { type: 'Timestamp', id: 6 },
        error: { type: 'string', id: 7 },
      },
    },
    VertexLog: { fields: { vertex: { type: 'string', id: 1 }, message: { type: 'bytes', id: 4 } } },
    VertexWarning: { fields: { short: { type: 'bytes', id: 3 } } },
    Timestamp: { fields: { nanos: { type: 'int32', id: 2 } } },
  },
};

/** Loads the decoder of trace records (base64 of a protobuf StatusResponse); it throws on what is not one. */
export async function loadTraceDecoder(): Promise<(base64: string) => BuildKitStatus> {
  const { default: protobuf } = await import('protobufjs/light.js');
  const type = protobuf.Root.fromJSON(schema).lookupType('StatusResponse');
  return (base64) => {
    const raw = type.toObject(type.decode(Buffer.from(base64, 'base64')), { arrays: true }) as RawStatus;
    return {
      vertexes: raw.vertexes.map((vertex) => ({
        digest: vertex.digest ?? '',
        name: vertex.name ?? '',
        cached: vertex.cached ?? false,
        started: vertex.started !== undefined,
        completed: vertex.completed !== undefined,
        error: vertex.error ?? '',
      })),
      logs: raw.logs.map((log) => ({ vertex: log.vertex ?? '', message: Buffer.from(log.message ?? []) })),
      warnings: raw.warnings.map((warning) => Buffer.from(warning.short ?? []).toString()),
    };
  };
}

interface RawStatus {
  readonly vertexes: readonly {
    readonly digest?: string;
    readonly name?: string;
    readonly cached?: boolean;
    readonly started?: unknown;
    readonly completed?: unknown;
    readonly error?: string;
  }[];
  readonly logs: readonly { readonly vertex?: string; readonly message?: Uint8Array }[];
  readonly warnings: readonly { readonly short?: Uint8Array }[];
}

/** Turns BuildKit's statuses into progress: a step when a vertex starts, and whole lines of output. */
export interface BuildKitReader {
  take(status: BuildKitStatus): void;
  /** Gives out what is left of lines without an end. */
  end(): void;
  /** The failed vertex's name and last lines of output. */
  failed(): { readonly title: string; readonly lines: readonly string[] } | undefined;
}

const keptLines = 60;

/** A reader of BuildKit's statuses; output of vertices that run at once is interleaved by whole lines. */
export function createBuildKitReader(tell: (progress: BuildProgress) => void): BuildKitReader {
  const told = new Set<string>();
  const texts = new Map<string, { decoder: StringDecoder; rest: string; lines: string[] }>();
  let count = 0;
  let failed: Vertex | undefined;

  function takeVertex(vertex: Vertex): void {
    if (vertex.error !== '' && failed === undefined && !/\bcancell?ed\b/.test(vertex.error)) failed = vertex;
    if (!vertex.started || told.has(vertex.digest)) return;
    told.add(vertex.digest);
    // `[stage 2/7] RUN …`; what BuildKit does for itself (`[internal] …`, `exporting to image`) has no number.
    const numbered = /^\[(?:[^\]]* )?(\d+)\/(\d+)\] /.exec(vertex.name);
    count = numbered === null ? count : Number(numbered[1]);
    const total = numbered === null ? undefined : Number(numbered[2]);
    tell({ type: 'step', index: count, total, title: vertex.name, cached: vertex.cached });
  }

  function textOf(vertex: string): { decoder: StringDecoder; rest: string; lines: string[] } {
    const known = texts.get(vertex) ?? { decoder: new StringDecoder('utf8'), rest: '', lines: [] };
    texts.set(vertex, known);
    return known;
  }

  function line(text: string, lines: string[]): void {
    lines.push(text);
    if (lines.length > keptLines) lines.shift();
    tell({ type: 'output', text });
  }

  function flush(vertex: string): void {
    const known = texts.get(vertex);
    if (known === undefined) return;
    const last = known.rest + known.decoder.end();
    known.rest = '';
    if (last !== '') line(last, known.lines);
  }

  return {
    take(status) {
      status.vertexes.forEach(takeVertex);
      for (const log of status.logs) {
        const known = textOf(log.vertex);
        const parts = (known.rest + known.decoder.write(log.message)).split('\n');
        known.rest = parts.pop() ?? '';
        for (const part of parts) line(part.replace(/\r$/, ''), known.lines);
      }
      for (const { digest, completed } of status.vertexes) if (completed) flush(digest);
      for (const warning of status.warnings) tell({ type: 'output', text: `warning: ${warning}` });
    },
    end() {
      for (const vertex of texts.keys()) flush(vertex);
    },
    failed: () =>
      failed === undefined ? undefined : { title: failed.name, lines: texts.get(failed.digest)?.lines ?? [] },
  };
}
