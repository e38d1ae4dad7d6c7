import { randomBytes } from 'node:crypto';
import type { ReportStream } from '../reporter.ts';

/** Where an annotation stands, and its title. */
export interface AnnotationPlace {
  readonly title: string;
  /** Relative to the repository's top. */
  readonly file?: string;
  readonly line?: number;
  readonly endLine?: number;
  readonly col?: number;
  readonly endColumn?: number;
}

/** The kinds of annotation, worst first. */
export type AnnotationKind = 'error' | 'warning' | 'notice';

/**
 * One of GitHub's workflow commands, escaped as the runner reads them
 * (https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts).
 */
export function annotation(kind: AnnotationKind, message: string, place: AnnotationPlace): string {
  const properties = Object.entries(place)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escaped(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C')}`);
  return `::${kind} ${properties.join(',')}::${escaped(message)}`;
}

/** Begins a part of the log that is folded under its title. */
export function groupStart(title: string): string {
  return `::group::${escaped(title)}`;
}

/** Ends it. */
export const groupEnd = '::endgroup::';

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

// The runner takes a line for a command that begins with :: after white space, or that has ##[ anywhere (its older form).
const looksLikeCommand = /^[\s\u0085\u180E\u200B\uFEFF]*::|##\[/;

/**
 * A stream for what others wrote: lines of it that the runner would obey (`::set-output …`, `::error::`) are printed between
 * `::stop-commands::` and its token, so that they are only text. A new token each time: what is printed cannot know it.
 */
export function inertStream(stream: ReportStream, token: () => string = randomToken): ReportStream {
  return {
    ...stream,
    write(text) {
      if (!text.split(/\r\n|\r|\n/).some((line) => looksLikeCommand.test(line))) {
        stream.write(text);
        return;
      }
      const stop = token();
      stream.write(`::stop-commands::${stop}\n${text.endsWith('\n') ? text : `${text}\n`}::${stop}::\n`);
    },
  };
}

function randomToken(): string {
  return randomBytes(16).toString('hex');
}
