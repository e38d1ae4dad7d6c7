import { parseImageRef } from '../../core/image-ref.ts';
import type { Span } from '../../core/span.ts';
import type { Reading, Subject } from '../reading.ts';

/**
 * What an image reference says: `python:3.11-slim` speaks of Python, `node:24` of Node, any other of the image itself. Undefined for
 * what names no image (`scratch`, a build stage is the caller's to know).
 */
export function imageReading(
  said: string,
  how: string,
  spanOf: (from: number, to: number) => Span,
): Reading | undefined {
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
  const at = said.indexOf(`:${tag}`, said.indexOf(parsed.repository)) + 1;
  const isRuntime = subject === 'python' || subject === 'node';
  const version = isRuntime ? /^v?(\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?)(?:-|$)/.exec(tag)?.[1] : tag;
  if (version === undefined) {
    const undecided = `a tag that moves or names no version (${tag})`;
    return {
      subject,
      role: 'install',
      scheme: 'prefix',
      value: undefined,
      undecided,
      span: spanOf(at, at + tag.length),
      said: tag,
      how,
    };
  }
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

/** By the last part of the repository: mirrors and private registries keep the name. */
function subjectOf(repository: string): Subject | undefined {
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  if (name === '') return undefined;
  return name === 'python' || name === 'node' ? name : `image:${repository}`;
}
