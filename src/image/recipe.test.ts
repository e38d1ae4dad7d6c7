import { expect, it } from 'vitest';
import { copiedSources } from './recipe.ts';

it('tells what a Dockerfile takes from its context', () => {
  const dockerfile = `# COPY comment /x
FROM base AS tools
COPY --chown=1:1 a.txt b/ /x/
copy \\
  # in between
  c*.txt \\
  /x/
ADD ["with space.txt", "/x/"]
ADD https://example.com/file /x/
COPY --from=tools /x /y
COPY a.txt /again/
RUN echo COPY d.txt /x
`;
  const expected = ['a.txt', 'b/', 'c*.txt', 'with space.txt'];
  expect(copiedSources(dockerfile)).toEqual(expected);
  expect(copiedSources(dockerfile.replaceAll('\n', '\r\n'))).toEqual(expected);
});
