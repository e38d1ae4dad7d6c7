import { StringDecoder } from 'node:string_decoder';
import type { Failure } from '../core/failure.ts';
import type { RunEvent } from '../pipeline/events.ts';
import type { Reporter, ReportOutput, ReportStream } from './reporter.ts';
import { RunState, type KeptLogs } from './run-state.ts';

interface OpenStream {
  readonly step: string;
  readonly stream: 'stdout' | 'stderr';
  readonly decoder: StringDecoder;
}

/**
 * One JSON object a line on stdout, each with a `type`: the run's events as they are, with a step's output as `text`
 * (UTF-8; bytes that are none become U+FFFD) and, when a command could not go on, `{"type":"failed","failure":{…}}`.
 */
export class JsonReporter implements Reporter {
  private readonly out: ReportStream;
  private readonly state: RunState;
  private readonly openStreams = new Map<string, OpenStream>();

  constructor({ out, logDir }: Pick<ReportOutput, 'out' | 'logDir'>) {
    this.out = out;
    this.state = new RunState({ logDir, color: false });
  }

  event(event: RunEvent): void {
    this.state.onEvent(event)?.log.drop();
    if (event.type === 'step-output') {
      const { type, step, stream } = event;
      const text = this.decoderOf(event).write(event.data);
      if (text !== '') this.write({ type, step, stream, text });
      return;
    }
    if (event.type === 'step-finished') this.endStreams(event.step);
    this.write(event);
  }

  logs(): KeptLogs | undefined {
    return this.state.logs();
  }

  failed(failure: Failure): void {
    this.write({ type: 'failed', failure });
  }

  result(text: string): void {
    this.out.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  async close(): Promise<void> {}

  private decoderOf({ step, stream }: Extract<RunEvent, { type: 'step-output' }>): StringDecoder {
    const key = `${stream} ${step}`;
    const open = this.openStreams.get(key) ?? { step, stream, decoder: new StringDecoder('utf8') };
    this.openStreams.set(key, open);
    return open.decoder;
  }

  private endStreams(ended: string): void {
    for (const [key, { step, stream, decoder }] of this.openStreams) {
      if (step !== ended) continue;
      const text = decoder.end();
      if (text !== '') this.write({ type: 'step-output', step, stream, text });
      this.openStreams.delete(key);
    }
  }

  private write(value: unknown): void {
    this.out.write(`${JSON.stringify(value)}\n`);
  }
}
