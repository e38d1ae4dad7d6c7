import { placesOf } from '../../formats/places.ts';
import type { Reader, Reading } from '../reading.ts';
import { scatteredRequirement } from '../scattered-requirement.ts';
import { yamlText } from '../../formats/yaml.ts';
import { readYaml, type YamlValue } from '../../formats/yaml.ts';

/** parity.yaml: what toolchain asks for. Its pipeline is what commands are compared with, and no command of its own. */
export const readParityYaml: Reader = ({ text }) => {
  const places = placesOf(text);
  const { value: root, problems } = readYaml(text, places);
  const readings: Reading[] = [];
  for (const subject of ['python', 'node'] as const) {
    const value = root.get('toolchain', subject);
    if (value?.text === undefined) continue;
    const isVersion = /^\d+(?:\.\d+)*$/.test(value.text);
    readings.push({
      subject,
      role: 'install',
      scheme: isVersion ? 'prefix' : 'semver',
      value: value.text,
      span: places.span(...value.range()),
      said: said(text, value),
      how: `toolchain.${subject}`,
    });
  }
  for (const tool of root.get('toolchain', 'tools')?.items ?? []) {
    const context = { source: { text, places }, whole: tool.range(), role: 'install', how: 'toolchain.tools' } as const;
    const reading = scatteredRequirement(yamlText(tool), context);
    if (reading !== undefined) readings.push(reading);
  }
  return { readings, commands: [], references: [], problems };
};

function said(text: string, value: YamlValue): string {
  return text.slice(...value.range());
}
