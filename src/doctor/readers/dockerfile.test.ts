import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readDockerfile } from './dockerfile.ts';

it('reads Dockerfile', () => {
  const found = declarationsOf(
    readDockerfile,
    'Dockerfile',
    `# syntax=docker/dockerfile:1
ARG PYTHON_VERSION=3.11
ARG NODE=20
FROM --platform=$BUILDPLATFORM node:\${NODE}-bookworm AS ui
RUN npm install -g npm@11 prettier@3.3.3
FROM python:\${PYTHON_VERSION}-slim AS base
ARG BLACK_VERSION=25.9.0
ENV MYPY_VERSION="1.18.2" PIP_NO_CACHE_DIR=1
# a comment
RUN apt-get update \\
    # inside
 && pip install --no-cache-dir black==\${BLACK_VERSION} \\
      "mypy==$MYPY_VERSION" -r requirements/dev.txt
COPY --from=ui /app /app
COPY --from=ghcr.io/astral-sh/uv:0.4.18 /uv /bin/
RUN <<EOF
pip install flake8==7.3.0
EOF
FROM base
RUN ["pip", "install", "pytest==8.0.0"]
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "2:20 "3.11" python install prefix "3.11" (ARG PYTHON_VERSION)
    3:10 "20" node install prefix "20" (FROM)
    5:24 "11" npm:npm install semver "11" (npm install)
    5:36 "3.3.3" npm:prettier install semver "3.3.3" (npm install)
    7:19 "25.9.0" pypi:black install pep440 "==25.9.0" (ARG BLACK_VERSION)
    8:19 "1.18.2" pypi:mypy install pep440 "==1.18.2" (ENV MYPY_VERSION)
    15:34 "0.4.18" image:astral-sh/uv install exact "0.4.18" (COPY --from)
    17:19 "==7.3.0" pypi:flake8 install pep440 "==7.3.0" (pip install)
    20:31 "==8.0.0" pypi:pytest install pep440 "==8.0.0" (pip install)
    13:32 takes in requirements/dev.txt as requirements"
  `);
});
