import { createCollector, type Collector } from '../collector.ts';
import { jsonAt, readJson, type JsonValue } from '../json.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader } from '../declaration.ts';
import { runtimeVersion } from '../runtime-version.ts';
import { cut, mapText, rangeInSource, rangeOf, type MappedText, type Source } from '../../formats/mapped-text.ts';
import { readScript } from '../script.ts';
import { readVariable } from '../variable.ts';
import { readImageText } from './container-image.ts';

/** devcontainer.json (https://containers.dev/implementors/json_reference): image, features, build arguments, and its commands' installs. */
export const readDevcontainer: Reader = ({ text }) => {
  const collector = createCollector();
  const source = { text, places: placesOf(text) };
  const { root, problem } = readJson(text);
  if (problem !== undefined)
    collector.problem({ message: `no JSON: ${problem.message}`, span: source.places.span(problem.at, problem.at) });
  const image = jsonAt(root, 'image');
  if (image?.kind === 'string') readImageText(mapText(image.text, image.start), { source, how: 'image' }, collector);
  for (const [feature, options] of jsonAt(root, 'features')?.members ?? [])
    readFeature(feature, options, source, collector);
  for (const [name, value] of jsonAt(root, 'build', 'args')?.members ?? []) {
    const mapped = mapText(value.text, value.start);
    const how = `build.args.${name.text}`;
    const read = readVariable(name.text, mapped, { source, how });
    if (read !== undefined) collector.add(read);
    else if (name.text === 'VARIANT') readVariant(mapped, { source, how, of: kindOf(root, text) }, collector);
  }
  for (const [name, command] of root?.members ?? [])
    if (/^(?:on|updateContent|post)\w*Command$/.test(name.text))
      for (const line of commandsOf(command))
        readScript(mapText(line.text, line.start), { source, path: '', where: name.text }, collector);
  return collector.collect();
};

/** What a container is made for, by its name and the extensions that it asks for; undefined when neither tells. */
function kindOf(root: JsonValue | undefined, text: string): 'python' | 'node' | undefined {
  const name = jsonAt(root, 'name')?.text ?? '';
  if (/python|django|flask/i.test(name)) return 'python';
  if (/node|javascript|typescript/i.test(name)) return 'node';
  return /"ms-python\.python"/i.test(text) ? 'python' : undefined;
}

/** `VARIANT`, the tag of the base image in the Dockerfiles that development containers come with: `3.11-bullseye`, `1-3.11`, `18`. */
function readVariant(
  mapped: MappedText,
  { source, how, of }: { readonly source: Source; readonly how: string; readonly of: 'python' | 'node' | undefined },
  collector: Collector,
): void {
  const own = /^(?:\d+(?:\.\d+)*|dev)-(?=\d)/.exec(mapped.text)?.[0].length ?? 0;
  const version = /^\d+(?:\.\d+)*(?=-|$)/.exec(mapped.text.slice(own))?.[0];
  const range = version === undefined ? undefined : rangeOf(cut(mapped, own, own + version.length));
  if (of === undefined || version === undefined || range === undefined) return;
  collector.add({
    subject: of,
    role: 'install',
    ...runtimeVersion(of, version),
    ...rangeInSource(source, ...range),
    how,
  });
}

function readFeature(feature: JsonValue, options: JsonValue, source: Source, collector: Collector): void {
  const name = /\/(python|node)(?::\S*)?$/.exec(feature.text)?.[1];
  if (name !== 'python' && name !== 'node') return;
  const version = options.kind === 'string' ? options : jsonAt(options, 'version');
  // Not said: the feature's own default, which moves. `os-provided` and `none` install nothing.
  if (version === undefined || /^(?:os-provided|none|)$/.test(version.text)) return;
  collector.add({
    subject: name,
    role: 'install',
    ...runtimeVersion(name, version.text),
    ...rangeInSource(source, version.start, version.end),
    how: `features, ${name}`,
  });
}

/** A command is a text, a list of words (no shell), or an object of those. */
function commandsOf(command: JsonValue): readonly JsonValue[] {
  if (command.kind === 'string') return [command];
  return command.members.flatMap(([, value]) => commandsOf(value));
}
