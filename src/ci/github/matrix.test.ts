import { expect, it } from 'vitest';
import { placesOf } from '../../formats/places.ts';
import { readYaml } from '../../formats/yaml.ts';
import { unknown } from './expression.ts';
import { matrixLegs } from './matrix.ts';

const legs = (text: string): unknown => {
  const { legs: found, undecided } = matrixLegs(readYaml(text, placesOf(text)).value, {
    lookUp: (path) => unknown(path.join('.')),
  });
  return undecided.length === 0 ? found : { legs: found, undecided };
};

// The example of https://docs.github.com/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations
it('makes the legs of GitHub’s own example', () => {
  expect(
    legs(`fruit: [apple, pear]
animal: [cat, dog]
include:
  - color: green
  - { color: pink, animal: cat }
  - { fruit: apple, shape: circle }
  - fruit: banana
  - { fruit: banana, animal: cat }
`),
  ).toEqual([
    { fruit: 'apple', animal: 'cat', color: 'pink', shape: 'circle' },
    { fruit: 'apple', animal: 'dog', color: 'green', shape: 'circle' },
    { fruit: 'pear', animal: 'cat', color: 'pink' },
    { fruit: 'pear', animal: 'dog', color: 'green' },
    { fruit: 'banana' },
    { fruit: 'banana', animal: 'cat' },
  ]);
});

it('keeps versions as written, excludes, and reads lists that an expression makes', () => {
  expect(legs('python: [3.10, "3.11"]\nos: [a, b]\nexclude: [{ python: "3.11", os: b }]\n')).toEqual([
    { python: '3.10', os: 'a' },
    { python: '3.10', os: 'b' },
    { python: '3.11', os: 'a' },
  ]);
  expect(legs(`python: \${{ fromJSON('["3.10", "3.11"]') }}\n`)).toEqual([{ python: '3.10' }, { python: '3.11' }]);
  expect(legs('include: [{ a: true }, { a: { b: 1 } }]\n')).toEqual([{ a: true }, { a: { b: '1' } }]);
});

it('says which axes only a run can tell', () => {
  expect(legs('python: ${{ fromJSON(needs.a.outputs.b) }}\nos: [a]\n')).toEqual({
    legs: [{ os: 'a' }],
    undecided: [{ axis: 'python', why: 'needs.a.outputs.b' }],
  });
  expect(legs('${{ fromJSON(inputs.matrix) }}')).toEqual({
    legs: [{}],
    undecided: [{ axis: 'matrix', why: 'inputs.matrix' }],
  });
});
