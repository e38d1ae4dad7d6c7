import { expect, it, test } from 'vitest';
import { explainBuildFailure, shownOutput } from './build-causes.ts';

const trace = (last: string): string => `Traceback (most recent call last):
  File "/parity/build/install_projects.py", line 77, in hook
  File "/opt/parity/build/lib/python3.11/site-packages/setuptools/build_meta.py", line 317, in run_setup
    exec(code, locals())
  File "<string>", line 7, in <module>
  File "<frozen os>", line 679, in __getitem__
${last}
`;

it.each([
  [trace("KeyError: 'SHOP'"), "KeyError: 'SHOP'", 'setup.py:7', undefined],
  [
    trace('urllib.error.URLError: <urlopen error [Errno -3] Temporary failure in name resolution>'),
    'it wants the network, which a build does not have unless parity.yaml says so',
    'setup.py:7',
    'network: full',
  ],
  [
    "building 'shop._fast' extension\nsrc/_fast.c:12:5: error: expected ';' before 'return'\nerror: command '/usr/bin/gcc' failed with exit code 1",
    "error: command '/usr/bin/gcc' failed with exit code 1",
    'src/_fast.c:12',
    undefined,
  ],
  [
    "error: command 'gcc' failed: No such file or directory",
    'it needs gcc, which the image does not have',
    undefined,
    'system: [gcc',
  ],
  [
    'src/_fast.c:1:10: fatal error: zlib.h: No such file or directory\ncompilation terminated.',
    'no package of the image has the header zlib.h',
    'src/_fast.c:1',
    'add zlib1g-dev to',
  ],
  [
    'src/_fast.c:1:10: fatal error: acme/thing.h: No such file or directory\ncompilation terminated.',
    'no package of the image has the header acme/thing.h',
    'src/_fast.c:1',
    'add the Debian package that has acme/thing.h to toolchain.system',
  ],
  [
    '  File "/workspace/shop/hatch_build.py", line 3, in <module>\nModuleNotFoundError: No module named \'numpy\'',
    'its build imports numpy, which is not among its build requirements',
    'hatch_build.py:3',
    '[build-system]',
  ],
  [
    "tomllib.TOMLDecodeError: Expected '=' (at line 3, column 8)",
    "tomllib.TOMLDecodeError: Expected '=' (at line 3, column 8)",
    'pyproject.toml:3',
    undefined,
  ],
  ['', 'it said nothing', undefined, undefined],
])('tells why a build failed: %#', (output, cause, place, next) => {
  const found = explainBuildFailure(output, output.includes('/workspace/shop') ? '/workspace/shop' : '/workspace');
  expect(found.cause).toBe(cause);
  expect(found.place && `${found.place.file}:${found.place.line}`).toBe(place);
  if (next === undefined) expect(found.next).toBeUndefined();
  else expect(found.next).toContain(next);
});

const npmFailed = `npm error code EAI_AGAIN
npm error request to https://cdn.example/x.tgz failed, reason: getaddrinfo EAI_AGAIN cdn.example
Traceback (most recent call last):
  File "/workspace/setup.py", line 9, in <module>
${'    frame()\n'.repeat(30)}  File "/usr/lib/python3.11/subprocess.py", line 413, in check_call
    raise CalledProcessError(retcode, cmd)
subprocess.CalledProcessError: Command '['npm', 'install']' returned non-zero exit status 1.
`;

test('a build that has the network is not told to ask for it', () => {
  expect(explainBuildFailure(npmFailed, '/workspace', 'none').next).toContain('network: full');
  expect(explainBuildFailure(npmFailed, '/workspace', 'full')).toMatchObject({
    cause: 'it cannot reach what it asks for: npm error code EAI_AGAIN',
    next: expect.stringContaining('proxy') as string,
  });
});

test('what a program said that the build started is shown before where the build started it', () => {
  const shown = shownOutput(npmFailed);
  expect(shown).toMatch(/^npm error code EAI_AGAIN\n/);
  expect(shown).toContain("Command '['npm', 'install']'");
  expect(shown.split('\n').length).toBeLessThan(12);
  expect(shownOutput('a\nb\n')).toBe('a\nb');
});
