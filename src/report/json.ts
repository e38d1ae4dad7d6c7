import { StringDecoder } from 'node:string_decoder';
import type { Failure } from '../core/failure.ts';
import type { RunEvent } from '../pipeline/events.ts';
import type { Reporter, ReportOutput } from './reporter.ts';
import { createRunState } from './run-state.ts';

/**
 * One JSON object a line on stdout, each with a `type`: the run's events as they are, with a step's output as `text`
 * (UTF-8; bytes that are none become U+FFFD) and, when a command could not go on, `{"type":"failed","failure":{…}}`.
 */
export function jsonReporter({ out, logDir }: Pick<ReportOutput, 'out' | 'logDir'>): Reporter {
  const story = createRunState({ logDir, color: false });
  const decoders = new Map<
    string,
    { readonly step: string; readonly stream: 'stdout' | 'stderr'; decoder: StringDecoder }
  >();
  const write = (value: unknown): void => {
    out.write(`${JSON.stringify(value)}\n`);
  };
  const outputOf = (event: Extract<RunEvent, { type: 'step-output' }>): string => {
    const key = `${event.stream} ${event.step}`;
    const known = decoders.get(key) ?? { step: event.step, stream: event.stream, decoder: new StringDecoder('utf8') };
    decoders.set(key, known);
    return known.decoder.write(event.data);
  };
  return {
    event(event) {
      story.onEvent(event)?.log.drop();
      if (event.type === 'step-output') {
        const text = outputOf(event);
        if (text !== '') write({ type: event.type, step: event.step, stream: event.stream, text });
        return;
      }
      if (event.type === 'step-finished')
        for (const [key, { step, stream, decoder }] of decoders) {
          if (step !== event.step) continue;
          const text = decoder.end();
          if (text !== '') write({ type: 'step-output', step, stream, text });
          decoders.delete(key);
        }
      write(event);
    },
    logs: story.logs,
    failed: (failure: Failure) => write({ type: 'failed', failure }),
    result: (text) => out.write(text.endsWith('\n') ? text : `${text}\n`),
    async close() {},
  };
}
