import { parseImageRef } from '../../core/image-ref.ts';
import type { Span } from '../../core/span.ts';
import type { Collector } from '../collector.ts';
import type { Declaration, Subject } from '../declaration.ts';
import { cut, rangeOf, rangeInSource, type MappedText, type Source } from '../../formats/mapped-text.ts';

/**
 * What an image reference says: `python:3.11-slim` speaks of Python, `node:24` of Node, any other of the image itself. Undefined for
 * what names no image (`scratch`, a build stage is the caller's to know).
 */
export function imageDeclaration(
  said: string,
  how: string,
  spanOf: (from: number, to: number) => Span,
): Declaration | undefined {
  if (said === '' || said === 'scratch') return undefined;
  const parsed = parseImageRef(said);
  if (parsed === undefined) {
    const subject = subjectOf(/^([^:@$]*)/.exec(said)?.[1] ?? '');
    if (subject === undefined) return undefined;
    const undecided = /[$]/.test(said) ? `a variable (${said})` : `no image reference (${said})`;
    return {
      subject,
      role: 'install',
      scheme: 'prefix',
      value: undefined,
      undecided,
      span: spanOf(0, said.length),
      said,
      how,
    };
  }
  const subject = subjectOf(parsed.repository);
  if (subject === undefined) return undefined;
  const { tag } = parsed;
  if (tag === undefined) {
    const undecided = parsed.digest === undefined ? 'an image without a tag: the newest' : 'an image by digest alone';
    return {
      subject,
      role: 'install',
      scheme: 'prefix',
      value: undefined,
      undecided,
      span: spanOf(0, said.length),
      said,
      how,
    };
  }
  const start = said.indexOf(`:${tag}`, said.indexOf(parsed.repository)) + 1;
  const isRuntime = subject === 'python' || subject === 'node';
  // Development containers' own version stands first: `1-3.11-bookworm`.
  const own =
    isRuntime && /(?:^|\/)devcontainers\//.test(parsed.repository)
      ? (/^(?:\d+(?:\.\d+)*|dev)-(?=\d)/.exec(tag)?.[0] ?? '')
      : '';
  const version = isRuntime ? /^v?(\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?)(?:-|$)/.exec(tag.slice(own.length))?.[1] : tag;
  if (version === undefined) {
    const undecided = `a tag that moves or names no version (${tag})`;
    return {
      subject,
      role: 'install',
      scheme: 'prefix',
      value: undefined,
      undecided,
      span: spanOf(start, start + tag.length),
      said: tag,
      how,
    };
  }
  const at = start + (isRuntime ? tag.indexOf(version, own.length) : 0);
  return {
    subject,
    role: 'install',
    scheme: isRuntime ? 'prefix' : 'exact',
    value: version,
    span: spanOf(at, at + version.length),
    said: version,
    how,
  };
}

/** Reads an image reference whose characters may come from several places (a variable's value). */
export function readImageText(
  said: MappedText,
  { source, how }: { readonly source: Source; readonly how: string },
  into: Collector,
): void {
  const whole = rangeOf(said);
  if (whole === undefined) return;
  const { places } = source;
  const reading = imageDeclaration(said.text, how, (from, to) =>
    places.span(...(rangeOf(cut(said, from, to)) ?? whole)),
  );
  if (reading === undefined) return;
  const { span } = reading;
  into.add({
    ...reading,
    ...rangeInSource(source, places.offset(span.line, span.column), places.offset(span.endLine, span.endColumn)),
  });
}

/** Images of the two runtimes by the last part of the repository: mirrors and private registries keep the name. */
const runtimes: Readonly<Record<string, 'python' | 'node'>> = {
  python: 'python',
  node: 'node',
  'python-node': 'python',
  'javascript-node': 'node',
  'typescript-node': 'node',
  'node-lts': 'node',
};

function subjectOf(repository: string): Subject | undefined {
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  if (name === '') return undefined;
  return runtimes[name] ?? `image:${repository}`;
}
