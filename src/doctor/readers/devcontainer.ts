import { createCollector, type Collector } from '../collector.ts';
import { jsonAt, readJson, type JsonValue } from '../json.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader } from '../declaration.ts';
import { runtimeVersion } from '../runtime-version.ts';
import { mapText, rangeInSource, type Source } from '../../formats/mapped-text.ts';
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
  for (const [name, value] of jsonAt(root, 'build', 'args')?.members ?? [])
    collector.add(
      readVariable(name.text, mapText(value.text, value.start), { source, how: `build.args.${name.text}` }),
    );
  for (const [name, command] of root?.members ?? [])
    if (/^(?:on|updateContent|post)\w*Command$/.test(name.text))
      for (const line of commandsOf(command))
        readScript(mapText(line.text, line.start), { source, path: '', where: name.text }, collector);
  return collector.collect();
};

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
