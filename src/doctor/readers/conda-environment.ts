import { condaSpec } from '../conda-spec.ts';
import { createCollector, type Collector } from '../collector.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader, Role } from '../declaration.ts';
import { readRequirementLine } from '../requirement-line.ts';
import { joined, type MappedText, type Source } from '../../formats/mapped-text.ts';
import { readYaml, type YamlValue } from '../../formats/yaml.ts';

/** environment.yml of conda, mamba and conda-lock: packages of conda, and of pip beside them. */
export const readCondaEnvironment: Reader = ({ path, text }) => {
  const source = { text, places: placesOf(text) };
  const collector = createCollector();
  // conda-devenv's and conda-build's templates are no YAML: blanks in their place.
  const { value: root, problems } = readYaml(withoutTemplates(text), source.places);
  for (const problem of problems) collector.problem(problem);
  for (const key of ['dependencies', 'packages'])
    readPackages(root.get(key), { source, path, role: 'install', how: 'a conda dependency' }, collector);
  return collector.collect();
};

/** meta.yaml of conda-build: what a package is built, run and tested with. */
export const readCondaRecipe: Reader = ({ path, text }) => {
  const source = { text, places: placesOf(text) };
  const collector = createCollector();
  const { value: root, problems } = readYaml(withoutTemplates(text), source.places);
  for (const problem of problems) collector.problem(problem);
  for (const part of [root, ...(root.get('outputs')?.items ?? [])]) {
    for (const [key, list] of part.get('requirements')?.members ?? []) {
      readPackages(list, { source, path, role: 'library', how: `requirements: ${key.text}` }, collector);
    }
    readPackages(part.get('test', 'requires'), { source, path, role: 'install', how: 'test: requires' }, collector);
  }
  return collector.collect();
};

interface Context {
  readonly source: Source;
  readonly path: string;
  readonly role: Role;
  readonly how: string;
}

function readPackages(list: YamlValue | undefined, context: Context, collector: Collector): void {
  const { source } = context;
  for (const item of list?.items ?? []) {
    for (const [key, pip] of item.members)
      if (key.text === 'pip')
        for (const line of pip.items)
          readRequirementLine(
            mappedValue(line, source),
            { ...context, whole: line.range(), how: 'a pip dependency of conda' },
            collector,
          );
    if (item.text === undefined) continue;
    const mapped = mappedValue(item, source);
    const declaration = condaSpec(mapped, { ...context, whole: item.range() });
    // conda-build's selectors stand in comments: `# [linux]`.
    const selector = /^\[(.+)\]$/.exec(item.comment)?.[1];
    if (declaration !== undefined)
      collector.add(selector === undefined ? declaration : { ...declaration, condition: selector });
    else if (!/[{}$/\\:]|<<|>>/.test(item.text))
      collector.problem({ message: `no package: ${item.text}`, span: source.places.span(...item.range()) });
  }
}

/** A scalar's text where it stands in the file, templates as written there. */
function mappedValue(value: YamlValue, { text }: Source): MappedText {
  const version = value.text ?? '';
  const [start, end] = value.range();
  if (end - start === version.length)
    return joined([
      { text: text.slice(start, end), offsets: [...Array(version.length).keys()].map((index) => start + index) },
    ]);
  return {
    text: version,
    offsets: Array.from({ length: version.length }, (_, index) => value.range(index, index + 1)[0]),
  };
}

function withoutTemplates(text: string): string {
  return text
    .replace(/^\uFEFF/, ' ')
    .replace(/\{%[^]*?%\}|\{#[^]*?#\}/g, (template) => template.replace(/[^\n]/g, ' '))
    .replace(/\{\{|\}\}/g, (brace) => (brace === '{{' ? '<<' : '>>'));
}
