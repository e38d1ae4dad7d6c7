import { plainReporter } from './plain.ts';
import type { Reporter, ReportOutput } from './reporter.ts';
import { whyEnded } from './words.ts';

/** Where an annotation stands, and its title. */
export interface AnnotationPlace {
  readonly title: string;
  readonly file?: string;
  readonly line?: number;
  readonly endLine?: number;
  readonly col?: number;
  readonly endColumn?: number;
}

/**
 * One of GitHub's workflow commands, escaped as the runner reads them
 * (https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts).
 */
export function annotation(kind: 'error' | 'warning' | 'notice', message: string, place: AnnotationPlace): string {
  const properties = Object.entries(place)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escaped(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C')}`);
  return `::${kind} ${properties.join(',')}::${escaped(message)}`;
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** The plain reporter for GitHub's logs, with an annotation for every step that failed. */
export function githubReporter(output: ReportOutput): Reporter {
  const plain = plainReporter(output);
  return {
    ...plain,
    event(event) {
      plain.event(event);
      if (event.type === 'step-finished' && event.outcome === 'failed')
        output.out.write(`${annotation('error', whyEnded(event), { title: `parity: ${event.step} failed` })}\n`);
    },
  };
}
