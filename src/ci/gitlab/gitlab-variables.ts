import type { YamlValue } from '../../formats/yaml.ts';
import type { CiFile, CiVariable } from '../model.ts';

/** The variables of a `variables` map; each may be a map itself, with its value and what it is for. */
export function gitlabVariables(variables: YamlValue | undefined, file: CiFile): readonly CiVariable[] {
  return (variables?.members ?? []).flatMap(([name, value]): CiVariable[] => {
    const set = value.isMap ? value.get('value') : value;
    const isRaw = value.get('expand')?.text === 'false';
    return set === undefined ? [] : [{ name: name.text ?? '', value: set, file, ...(isRaw ? { isRaw } : {}) }];
  });
}
