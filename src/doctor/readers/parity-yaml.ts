import { placesOf } from '../../formats/places.ts';
import type { Reader, Declaration } from '../declaration.ts';
import { readMappedRequirement } from '../mapped-requirement.ts';
import { yamlText } from '../../formats/yaml.ts';
import { readYaml, type YamlValue } from '../../formats/yaml.ts';

/** parity.yaml: what toolchain asks for. Its pipeline is what commands are compared with, and no command of its own. */
export const readParityYaml: Reader = ({ text }) => {
  const places = placesOf(text);
  const { value: root, problems } = readYaml(text, places);
  const declarations: Declaration[] = [];
  for (const key of ['python', 'node', 'npm', 'pnpm', 'yarn', 'bun'] as const) {
    const value = root.get('toolchain', key);
    if (value?.text === undefined || value.text === 'latest') continue;
    const isVersion = /^\d+(?:\.\d+)*$/.test(value.text);
    declarations.push({
      subject: key === 'python' || key === 'node' ? key : `npm:${key}`,
      role: 'install',
      scheme: isVersion ? 'prefix' : 'semver',
      value: value.text,
      span: places.span(...value.range()),
      raw: rawText(text, value),
      how: `toolchain.${key}`,
    });
  }
  for (const name of ['uv', 'poetry'] as const) {
    const value = root.get('toolchain', name);
    if (value?.text === undefined || value.text === 'latest') continue;
    const isVersion = /^\d+(?:\.\d+)*$/.test(value.text);
    declarations.push({
      subject: `pypi:${name}`,
      role: 'install',
      scheme: isVersion ? 'prefix' : 'pep440',
      value: value.text.replaceAll(' ', ''),
      span: places.span(...value.range()),
      raw: rawText(text, value),
      how: `toolchain.${name}`,
    });
  }
  for (const tool of root.get('toolchain', 'tools')?.items ?? []) {
    const context = { source: { text, places }, whole: tool.range(), role: 'install', how: 'toolchain.tools' } as const;
    const declaration = readMappedRequirement(yamlText(tool), context);
    if (declaration !== undefined) declarations.push(declaration);
  }
  return { declarations, commands: [], references: [], problems };
};

function rawText(text: string, value: YamlValue): string {
  return text.slice(...value.range());
}
