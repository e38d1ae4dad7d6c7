import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { placesOf } from './places.ts';
import { readYaml, type YamlValue } from './yaml.ts';

const read = (text: string): YamlValue => readYaml(text, placesOf(text)).value;

it('keeps texts as written and knows where they stand', () => {
  const text =
    'a: 3.10\nb: "3.11"  # frozen: v1\nc: [x, \'y z\']\nd: |\n  one two\n\n    three\ne: >-\n  folded\n  text\nf:\ng: 0x1f\n';
  const root = read(text);
  const shown = (value: YamlValue | undefined): unknown => [value?.text, text.slice(...(value?.range() ?? [0, 0]))];
  expect(shown(root.get('a'))).toEqual(['3.10', '3.10']);
  expect(shown(root.get('b'))).toEqual(['3.11', '3.11']);
  expect(root.get('b')?.comment).toBe('frozen: v1');
  expect(root.get('c')?.items.map(shown)).toEqual([
    ['x', 'x'],
    ['y z', 'y z'],
  ]);
  const script = root.get('d');
  const at = script?.text?.indexOf('three') ?? 0;
  expect(text.slice(...(script?.range(at, at + 5) ?? [0, 0]))).toBe('three');
  const folded = root.get('e');
  expect(text.slice(...(folded?.range(7, 11) ?? [0, 0]))).toBe('text');
  expect([root.get('f')?.text, root.get('g')?.text, root.get('h')]).toEqual([undefined, '0x1f', undefined]);
});

it('follows anchors and merge keys, the map’s own keys first', () => {
  const root = read(
    'base: &b { image: python:3.11, script: [a] }\njob:\n  image: python:3.12\n  <<: *b\nother: { <<: [*b] }\nloop: &l { x: *l }\n',
  );
  expect(root.get('job', 'image')?.text).toBe('python:3.12');
  expect(root.get('job', 'script')?.items.map(({ text }) => text)).toEqual(['a']);
  expect(root.get('other', 'image')?.text).toBe('python:3.11');
  expect(root.get('loop', ...Array.from({ length: 100 }, () => 'x'))).toBeUndefined();
});

it('says where it is no YAML, and reads the rest', () => {
  const text = 'a: 1\nb: [1\nc: 2\n';
  const { value, problems } = readYaml(text, placesOf(text));
  expect(problems).toHaveLength(1);
  expect(problems[0]?.message).toMatch(/^no YAML: /);
  expect(value.get('a')?.text).toBe('1');
});

it('never throws, whatever the text', () => {
  const pieces = fc.constantFrom(
    'a',
    ': ',
    '- ',
    '\n',
    '\n  ',
    '"',
    "'",
    '|\n',
    '>\n',
    '&x ',
    '*x',
    '<<: *x',
    '{',
    '}',
    '[',
    ']',
    '#',
    '\t',
    '---\n',
    '? ',
    '!t ',
    '%',
  );
  const texts = fc.array(pieces, { maxLength: 25 }).map((all) => all.join(''));
  const walk = (value: YamlValue, text: string, depth: number): void => {
    const [start, end] = value.range();
    expect(start).toBeLessThanOrEqual(end);
    expect(end).toBeLessThanOrEqual(text.length);
    if (depth > 4) return;
    for (const item of value.items) walk(item, text, depth + 1);
    for (const [key, member] of value.members) for (const each of [key, member]) walk(each, text, depth + 1);
  };
  fc.assert(
    fc.property(fc.oneof(texts, fc.string({ unit: 'binary' })), (text) => walk(read(text), text, 0)),
    {
      numRuns: 2_000,
    },
  );
});
