import { describe, expect, it } from 'vitest';
import { toolsSource } from '../requirements/reading.ts';
import type { Requirement } from '../requirements/requirement.ts';
import { resolverFailure, type ResolverInput } from './resolver-failure.ts';

function requirement(text: string, source: string, line: number, constraint = false): Requirement {
  const file = source === toolsSource ? 'parity.yaml' : source;
  const span = { line, column: 1, endLine: line, endColumn: 2 };
  const name = text.split(/[=<>]/)[0] ?? text;
  return { text, name, source, place: { file, span }, hashes: [], constraint };
}

const asked: ResolverInput = {
  requirements: [
    requirement('black==25.9.0', toolsSource, 5),
    requirement('sqlalchemy==2.0.23', toolsSource, 5),
    requirement('sqlalchemy==2.0.20', 'core/requirements.txt', 3),
    requirement('click==7.0', 'core/requirements.txt', 4),
    requirement('redis<5', 'limits.txt', 1, true),
    requirement('redis>6', 'core/requirements.txt', 5),
    requirement('psycopg2==2.9.9', 'core/requirements.txt', 6),
  ],
  sources: new Map([
    ['requirements-0.txt', toolsSource],
    ['requirements-1.txt', 'core/requirements.txt'],
  ]),
  files: {
    'requirements-0.txt': 'black==25.9.0\nsqlalchemy==2.0.23\n',
    'requirements-1.txt': 'sqlalchemy==2.0.20\nclick==7.0\nredis>6\npsycopg2==2.9.9\n',
  },
};
const split =
  "error: No solution found when resolving dependencies for split (markers: python_full_version == '3.11.2' and platform_machine == 'x86_64')\n";

// Each text is uv's own (0.13), as it stands on stderr.
describe("uv's refusal", () => {
  it('of two pins of one package says who asks for what, and where', () => {
    const text = `${split}  cause: Because you require sqlalchemy==2.0.20 and sqlalchemy==2.0.23, we can conclude that your requirements are unsatisfiable.\n`;
    expect(resolverFailure(text, asked)).toMatchObject({
      reason: 'requirements-conflict',
      message:
        'the requirements contradict each other: toolchain.tools in parity.yaml:5 asks sqlalchemy==2.0.23, core/requirements.txt:3 asks sqlalchemy==2.0.20',
      next: 'make both ask the same version of sqlalchemy: change toolchain.tools in parity.yaml:5 or core/requirements.txt:3, then: parity lock',
      detail:
        'error: No solution found when resolving dependencies\n  cause: Because you require sqlalchemy==2.0.20 and sqlalchemy==2.0.23, we can conclude that your requirements are unsatisfiable.',
      diagnostics: [
        { file: 'parity.yaml', message: 'asks sqlalchemy==2.0.23' },
        { file: 'core/requirements.txt', message: 'asks sqlalchemy==2.0.20' },
      ],
    });
  });

  it('names a line once, however often the toolchain names its file', () => {
    const text = `${split}  cause: Because you require sqlalchemy==2.0.20 and sqlalchemy==2.0.23, we can conclude that your requirements are unsatisfiable.\n`;
    const twice = { ...asked, requirements: [...asked.requirements, ...asked.requirements] };
    expect(resolverFailure(text, twice)).toEqual(resolverFailure(text, asked));
  });

  it('of versions that are for another Python says so, and of two that ask for the package names the one at fault', () => {
    const requirements = [
      requirement('Django>=6.0,<6.1', toolsSource, 7),
      requirement('django>=5.2', 'pyproject.toml', 40),
    ];
    const text = `error: No solution found when resolving dependencies
  cause: Because the requested Python version (>=3.11.2) does not satisfy Python>=3.12 and django>=6.0,<=6.0.10 depends on Python>=3.12, we can conclude that django>=6.0,<=6.0.10 cannot be used.
         And because only the following versions of django are available:
             django<=6.0.10
             django>=6.1
         and you require django>=6.0,<6.1, we can conclude that your requirements are unsatisfiable.
`;
    const named = requirements.map((one) => ({ ...one, name: 'django' }));
    expect(resolverFailure(text, { ...asked, requirements: named })).toMatchObject({
      reason: 'requirements-conflict',
      message: 'Django>=6.0,<6.1 (toolchain.tools in parity.yaml:7): only for Python >=3.12, and this one is 3.11.2',
      diagnostics: [{ file: 'parity.yaml', message: 'Django>=6.0,<6.1 is for Python >=3.12' }],
    });
  });

  it.each([
    ['only poetry<=2.5.1 is available'],
    [
      'only the following versions of poetry are available:\n             poetry<=2.5.0\n             poetry==2.5.1\n         ',
    ],
  ])('of a version that is newer than all there are names it: %j', (available) => {
    const one = requirement('poetry==77.1.*', toolsSource, 4);
    const text = `${split}  cause: Because ${available} and you require poetry==77.1.*, we can conclude that your requirements are unsatisfiable.\n`;
    expect(resolverFailure(text, { ...asked, requirements: [one] })).toMatchObject({
      reason: 'requirements-conflict',
      message: 'the package index has no poetry==77.1.* (toolchain.tools in parity.yaml:4 asks poetry==77.1.*)',
      next: 'ask for a version that exists, or loosen the condition, then: parity lock',
      diagnostics: [{ file: 'parity.yaml', message: 'no index has poetry==77.1.*' }],
    });
  });

  it('of a version that is not there says so, also when two ask for it', () => {
    const agreeing: ResolverInput = {
      ...asked,
      requirements: [
        requirement('sqlalchemy==2.0.999', toolsSource, 5),
        requirement('sqlalchemy==2.0.999', 'core/requirements.txt', 3),
      ],
    };
    const text = `${split}  cause: Because there is no version of sqlalchemy==2.0.999 and you require sqlalchemy==2.0.999, we can conclude that your requirements are unsatisfiable.\n`;
    expect(resolverFailure(text, agreeing)).toMatchObject({
      message:
        'the package index has no sqlalchemy==2.0.999 (toolchain.tools in parity.yaml:5 asks sqlalchemy==2.0.999, core/requirements.txt:3 asks sqlalchemy==2.0.999)',
      next: 'ask for a version that exists, or loosen the condition, then: parity lock',
    });
  });

  it('of what a tool needs names the tool and the one that forbids it', () => {
    const text = `${split}  cause: Because black==25.9.0 depends on click>=8.0.0 and you require black==25.9.0, we can conclude that you require click>=8.0.0.\n         And because you require click==7.0, we can conclude that your requirements are unsatisfiable.\n`;
    const failure = resolverFailure(text, asked);
    expect(failure.message).toBe(
      'the requirements contradict each other: toolchain.tools in parity.yaml:5 asks black==25.9.0, core/requirements.txt:4 asks click==7.0',
    );
    expect(failure.next).toContain('click==7.0 in core/requirements.txt:4');
    expect(failure.detail).toContain('black==25.9.0 depends on click>=8.0.0');
  });

  it('of a requirement and a constraint tells the two apart', () => {
    const text = `${split}  cause: Because you require redis>6 and redis<5, we can conclude that your requirements are unsatisfiable.\n`;
    expect(resolverFailure(text, asked).message).toBe(
      'the requirements contradict each other: limits.txt:1 limits redis<5, core/requirements.txt:5 asks redis>6',
    );
  });

  it.each([
    [
      'a package that does not exist',
      `${split}  cause: Because click was not found in the package registry and you require click, we can conclude that your requirements are unsatisfiable.\n`,
      'requirements-unsupported',
      'no package index has click (core/requirements.txt:4 asks click==7.0)',
    ],
    [
      'a version that does not exist',
      `${split}  cause: Because there is no version of black==25.9.0 and you require black==25.9.0, we can conclude that your requirements are unsatisfiable.\n`,
      'requirements-conflict',
      'the package index has no black==25.9.0 (toolchain.tools in parity.yaml:5 asks black==25.9.0)',
    ],
    [
      'a package for another system',
      `${split}  cause: Because click==7.0 has no \`platform_machine == 'aarch64' and sys_platform == 'linux'\`-compatible wheels and you require click==7.0, we can conclude that your requirements are unsatisfiable.\n`,
      'requirements-unsupported',
      'click 7.0 has nothing to install on linux/arm64: no fitting wheel and no source (core/requirements.txt:4 asks click==7.0)',
    ],
    [
      'a package for an older Python',
      `${split}  cause: Because click==7.0 has no wheels with a matching Python version tag (e.g., \`cp311\`) and you require click==7.0, we can conclude that your requirements are unsatisfiable.\n`,
      'requirements-unsupported',
      'click 7.0 has nothing to install on this Python: no fitting wheel and no source (core/requirements.txt:4 asks click==7.0)',
    ],
    [
      'a package that has to be built to be read',
      'error: Failed to build `psycopg2==2.9.9`\n  cause: The build backend returned an error\n',
      'requirements-unsupported',
      'psycopg2==2.9.9 has no wheel, and what it needs is known only by building it, which failed (core/requirements.txt:6 asks psycopg2==2.9.9)',
    ],
    [
      'a line that is no requirement',
      "error: Couldn't parse requirement in `requirements-1.txt` at position 19\n  cause: Expected one of `@`, found `b`\n",
      'requirements-unsupported',
      'core/requirements.txt:4: click==7.0 is not a requirement: Expected one of `@`, found `b`',
    ],
    [
      'a dead network',
      'error: Request failed after 3 retries in 7.8s\n  cause: Failed to fetch: https://pkgs.example/simple/black/\n  cause: dns error\n',
      'network',
      "the package index can't be reached: https://pkgs.example/simple/black/",
    ],
    [
      'an index that wants a password, whose address is not repeated with one',
      'error: Failed to fetch: `https://joe:hunter2@pkgs.example/simple/black/`\n  cause: HTTP status client error (401 Unauthorized) for url (https://pkgs.example/simple/black/)\n',
      'network',
      'the package index refused access (401): https://pkgs.example/simple/black/',
    ],
    [
      'a certificate that nobody knows',
      'error: Failed to fetch: `https://pkgs.example/simple/black/`\n  cause: invalid peer certificate: UnknownIssuer\n',
      'network',
      "the package index's certificate is not trusted: https://pkgs.example/simple/black/",
    ],
    [
      'a full disk',
      'error: No space left on device (os error 28)\n',
      'disk-full',
      'the engine has no space left for the resolver',
    ],
    [
      'something new',
      'error: The sky is falling\n',
      'requirements-unsupported',
      'the resolver refused the requirements: The sky is falling',
    ],
  ])('of %s', (_what, text, reason, message) => {
    const failure = resolverFailure(text, asked);
    expect(failure.reason).toBe(reason);
    expect(failure.message).toBe(message);
    expect(failure.next).toBeTruthy();
    expect(JSON.stringify(failure)).not.toContain('hunter2');
  });
});
