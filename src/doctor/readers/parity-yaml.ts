import { placesOf } from '../../formats/places.ts';
import type { Reader, Declaration } from '../declaration.ts';
import { readMappedRequirement } from '../mapped-requirement.ts';
import { yamlText } from '../../formats/yaml.ts';
import { readYaml, type YamlValue } from '../../formats/yaml.ts';

/** parity.yaml: what its toolchains ask for. Its pipeline is what commands are compared with, and no command of its own. */
export const readParityYaml: Reader = ({ text }) => {
  const places = placesOf(text);
  const { value: root, problems } = readYaml(text, places);
  const declarations: Declaration[] = [];
  const named = root.get('toolchains')?.members ?? [];
  for (const at of [['toolchain'], ...named.map(([{ text: key = '' }]) => ['toolchains', key])]) {
    const name = at.join('.');
    for (const key of ['python', 'node', 'npm', 'pnpm', 'yarn', 'bun'] as const) {
      const value = root.get(...at, key);
      if (value?.text === undefined || value.text === 'latest') continue;
      const isVersion = /^\d+(?:\.\d+)*$/.test(value.text);
      declarations.push({
        subject: key === 'python' || key === 'node' ? key : `npm:${key}`,
        role: 'install',
        scheme: isVersion ? 'prefix' : 'semver',
        value: value.text,
        span: places.span(...value.range()),
        raw: rawText(text, value),
        how: `${name}.${key}`,
      });
    }
    for (const manager of ['uv', 'poetry'] as const) {
      const value = root.get(...at, manager);
      if (value?.text === undefined || value.text === 'latest') continue;
      const isVersion = /^\d+(?:\.\d+)*$/.test(value.text);
      declarations.push({
        subject: `pypi:${manager}`,
        role: 'install',
        scheme: isVersion ? 'prefix' : 'pep440',
        value: value.text.replaceAll(' ', ''),
        span: places.span(...value.range()),
        raw: rawText(text, value),
        how: `${name}.${manager}`,
      });
    }
    for (const tool of root.get(...at, 'tools')?.items ?? []) {
      const source = { text, places };
      const context = { source, whole: tool.range(), role: 'install', how: `${name}.tools` } as const;
      const declaration = readMappedRequirement(yamlText(tool), context);
      if (declaration !== undefined) declarations.push(declaration);
    }
  }
  return { declarations, commands: [], references: [], problems };
};

function rawText(text: string, value: YamlValue): string {
  return text.slice(...value.range());
}
