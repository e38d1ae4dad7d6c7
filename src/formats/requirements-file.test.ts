import { expect, it } from 'vitest';
import { includedBy, plainRequirement, requirementsLines, type RequirementsLine } from './requirements-file.ts';

function read(text: string): readonly unknown[] {
  return requirementsLines(text).map((line) => {
    for (const [index, offset] of line.mapped.offsets.entries()) expect(text[offset]).toBe(line.mapped.text[index]);
    return shown(line);
  });
}

function shown(line: RequirementsLine): unknown {
  if (line.kind === 'option') return [line.name, line.value.text];
  return [line.body.text, ...line.options.map(({ name, value }) => `${name} ${value.text}`)];
}

it('gives what is to be installed, without comments, blank lines and line ends of any system', () => {
  expect(read('\uFEFF# tools\r\nblack==25.9.0  # pinned\r\n\r\n  redis >=5;python_version<"3.13"\rmypy#1\n')).toEqual([
    ['black==25.9.0'],
    ['redis >=5;python_version<"3.13"'],
    ['mypy#1'],
  ]);
});

it('joins continued lines, up to a comment line, and takes options off', () => {
  expect(read('redis==5 \\\n  --hash=sha256:1 \\\r\n  --hash sha256:2\nblack\\\n==1 \\\n# why\nmypy\\')).toEqual([
    ['redis==5', '--hash sha256:1', '--hash sha256:2'],
    ['black==1'],
    ['mypy'],
  ]);
});

it.each([
  ['-r base.txt', '-r', 'base.txt', 'requirements'],
  ['-rbase.txt', '-r', 'base.txt', 'requirements'],
  ['--requirement=base.txt', '--requirement', 'base.txt', 'requirements'],
  ['-c "limits of us.txt" # ours', '-c', '"limits of us.txt"', 'constraints'],
  ['--pre', '--pre', '', undefined],
  ['-e .[dev]', '-e', '.[dev]', undefined],
  ['---', '---', '', undefined],
])('%s is an option', (text, name, value, included) => {
  const [line] = requirementsLines(text);
  if (line?.kind !== 'option') throw new Error('no option');
  expect([line.name, line.value.text, includedBy(line)]).toEqual([name, value, included]);
});

it('takes no word behind an unknown option for a requirement', () => {
  const plain = requirementsLines('black --hash=sha256:1\nsee --help for more\n').map((line) =>
    line.kind === 'requirement' ? plainRequirement(line).text : '',
  );
  expect(plain).toEqual(['black', 'see --help for more']);
});
