import { createCollector } from '../collector.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader } from '../declaration.ts';
import { expanded } from '../script.ts';
import { yamlText } from '../../formats/yaml.ts';
import { readVariable } from '../variable.ts';
import { readYaml, type YamlValue } from '../../formats/yaml.ts';
import { readImageText } from './container-image.ts';

/** compose.yaml and docker-compose.yml (https://github.com/compose-spec/compose-spec): images, and versions given to builds. */
export const readCompose: Reader = ({ text }) => {
  const collector = createCollector();
  const source = { text, places: placesOf(text) };
  const { value: root, problems } = readYaml(text, source.places);
  for (const problem of problems) collector.problem(problem);
  // Variables come from the caller's environment: only a default can be read.
  const plain = (value: Parameters<typeof yamlText>[0]): ReturnType<typeof yamlText> =>
    expanded(yamlText(value), () => undefined);
  for (const [name, service] of servicesOf(root)) {
    const image = service.get('image');
    // With a build the image is the name of what is built.
    if (image?.text !== undefined && service.get('build') === undefined)
      readImageText(plain(image), { source, how: `image of ${name.text}` }, collector);
    for (const list of [service.get('build', 'args'), service.get('environment')]) {
      for (const [key, value] of list?.members ?? [])
        if (value.text !== undefined)
          collector.add(readVariable(key.text ?? '', plain(value), { source, how: `${name.text}, ${key.text}` }));
      for (const item of list?.items ?? []) {
        const mapped = plain(item);
        const [whole, key] = /^(\w+)=/.exec(mapped.text) ?? [];
        if (whole === undefined || key === undefined) continue;
        const value = { text: mapped.text.slice(whole.length), offsets: mapped.offsets.slice(whole.length) };
        collector.add(readVariable(key, value, { source, how: `${name.text}, ${key}` }));
      }
    }
  }
  return collector.collect();
};

/** The services by name. In a file of the first version they stand at the top: it has neither `services` nor `version`. */
function servicesOf(root: YamlValue): YamlValue['members'] {
  const services = root.get('services');
  if (services !== undefined) return services.members;
  if (root.get('version') !== undefined) return [];
  return root.members.filter(
    ([name, service]) =>
      name.text?.startsWith('x-') !== true &&
      (service.get('image')?.text !== undefined || service.get('build') !== undefined),
  );
}
