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
  raw: string,
  how: string,
  spanOf: (from: number, to: number) => Span,
): Declaration | undefined {
  if (raw === '' || raw === 'scratch') return undefined;
  const parsed = parseImageRef(raw);
  if (parsed === undefined) {
    const subject = subjectOf(/^([^:@$]*)/.exec(raw)?.[1] ?? '');
    if (subject === undefined) return undefined;
    const unresolved = /[$]/.test(raw) ? `a variable (${raw})` : `no image reference (${raw})`;
    return {
      subject,
      role: 'install',
      scheme: 'prefix',
      value: undefined,
      unresolved,
      span: spanOf(0, raw.length),
      raw,
      how,
    };
  }
  const subject = subjectOf(parsed.repository);
  if (subject === undefined) return undefined;
  const { tag } = parsed;
  if (tag === undefined) {
    const unresolved = parsed.digest === undefined ? 'an image without a tag: the newest' : 'an image by digest alone';
    return {
      subject,
      role: 'install',
      scheme: 'prefix',
      value: undefined,
      unresolved,
      span: spanOf(0, raw.length),
      raw,
      how,
    };
  }
  const start = raw.indexOf(`:${tag}`, raw.indexOf(parsed.repository)) + 1;
  const inside = pythonInside(parsed.repository, tag);
  if (inside !== undefined) {
    const at = start + inside.at;
    const { version } = inside;
    const place = { span: spanOf(at, at + version.length), raw: version, how };
    return { subject: 'python', role: 'install', scheme: 'prefix', value: version, ...place };
  }
  const isRuntime = subject === 'python' || subject === 'node';
  // Development containers' own version stands first: `1-3.11-bookworm`.
  const own =
    isRuntime && /(?:^|\/)devcontainers\//.test(parsed.repository)
      ? (/^(?:\d+(?:\.\d+)*|dev)-(?=\d)/.exec(tag)?.[0] ?? '')
      : '';
  const version = isRuntime ? /^v?(\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?)(?:-|$)/.exec(tag.slice(own.length))?.[1] : tag;
  if (version === undefined) {
    const unresolved = `a tag that moves or names no version (${tag})`;
    return {
      subject,
      role: 'install',
      scheme: 'prefix',
      value: undefined,
      unresolved,
      span: spanOf(start, start + tag.length),
      raw: tag,
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
    raw: version,
    how,
  };
}

/** Reads an image reference whose characters may come from several places (a variable's value). */
export function readImageText(
  mapped: MappedText,
  { source, how }: { readonly source: Source; readonly how: string },
  collector: Collector,
): void {
  const whole = rangeOf(mapped);
  if (whole === undefined) return;
  const { places } = source;
  const declaration = imageDeclaration(mapped.text, how, (from, to) =>
    places.span(...(rangeOf(cut(mapped, from, to)) ?? whole)),
  );
  if (declaration === undefined) return;
  const { span } = declaration;
  collector.add({
    ...declaration,
    ...rangeInSource(source, places.offset(span.line, span.column), places.offset(span.endLine, span.endColumn)),
  });
}

/** The Python that an image of a tool brings, as its tag says: `uv:python3.12-bookworm`, `uv:0.9-python3.12-alpine`, `poetry:2.1-py3.12`. */
function pythonInside(repository: string, tag: string): { readonly version: string; readonly at: number } | undefined {
  if (!/(?:^|\/)(?:uv|poetry|pdm|hatch|pipenv|tox)$/.test(repository)) return undefined;
  const match = /(?<=(?:^|-)py(?:thon)?-?)3\.\d+(?:\.\d+)?(?=-|$)/.exec(tag);
  return match === null ? undefined : { version: match[0], at: match.index };
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
