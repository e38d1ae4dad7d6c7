import type { Span } from '../core/span.ts';
import { readIni, iniSection } from '../formats/ini.ts';
import { placesOf } from '../formats/places.ts';
import { readToml } from '../formats/toml.ts';
import type { SourceFile } from './declaration.ts';

/** Tools whose settings lie in files that they look for by themselves, and which may lie in several folders. */
export type ConfiguredTool = 'black' | 'isort' | 'flake8' | 'mypy';

/** What a file says of one tool. */
export interface ToolSettings {
  readonly tool: ConfiguredTool;
  /** Relative to the repository's top, `/` between. */
  readonly path: string;
  /** Of the table's first value, or of the section's name. */
  readonly span: Span;
  /** Names (dashes for underscores) and values as text, in the file's order. */
  readonly options: ReadonlyMap<string, string>;
}

const tools: readonly ConfiguredTool[] = ['black', 'isort', 'flake8', 'mypy'];

// The sections of each kind of INI file that belong to a tool.
const iniFiles: readonly (readonly [pattern: RegExp, sections: Readonly<Record<string, ConfiguredTool>>])[] = [
  [/(?:^|\/)(?:setup\.cfg|tox\.ini)$/, { flake8: 'flake8', mypy: 'mypy', isort: 'isort', 'tool:isort': 'isort' }],
  [/(?:^|\/)\.flake8$/, { flake8: 'flake8' }],
  [/(?:^|\/)\.?mypy\.ini$/, { mypy: 'mypy' }],
  [/(?:^|\/)\.isort\.cfg$/, { settings: 'isort', isort: 'isort' }],
];
const pyproject = /(?:^|\/)pyproject\.toml$/;

/** True for a file that may hold settings of a tool. */
export function holdsToolSettings(path: string): boolean {
  return pyproject.test(path) || iniFiles.some(([pattern]) => pattern.test(path));
}

/** The settings of tools in a file; none in one that can't be read, which its reader tells. */
export function readToolSettings({ path, text }: SourceFile): readonly ToolSettings[] {
  if (pyproject.test(path)) return tomlSettings({ path, text });
  const sections = iniFiles.find(([pattern]) => pattern.test(path))?.[1];
  if (sections === undefined) return [];
  const ini = readIni(text);
  const places = placesOf(text);
  return ini.sections.flatMap(({ name, start }): readonly ToolSettings[] => {
    const tool = Object.hasOwn(sections, name) ? sections[name] : undefined;
    if (tool === undefined) return [];
    const options = new Map(iniSection(ini, name).map(({ key, text: value }) => [plain(key), listed(value)]));
    return [{ tool, path, span: places.span(start, start + name.length), options }];
  });
}

function tomlSettings({ path, text }: SourceFile): readonly ToolSettings[] {
  const toml = readToml(text);
  if (!('source' in toml)) return [];
  return tools.flatMap((tool): readonly ToolSettings[] => {
    const keys = toml.keys(['tool', tool]);
    if (keys.length === 0 && toml.value(['tool', tool]) === undefined) return [];
    const options = new Map(
      keys.map((key) => {
        const value = toml.value(['tool', tool, key]);
        return [plain(key), Array.isArray(value) ? value.map(String).join(', ') : asText(value)];
      }),
    );
    const [first] = keys;
    return [{ tool, path, span: toml.spanOf(['tool', tool, ...(first === undefined ? [] : [first])]), options }];
  });
}

function plain(key: string): string {
  return key.toLowerCase().replaceAll('_', '-');
}

function asText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The lines or comma-separated words of a value, as one line. */
function listed(value: string): string {
  return value
    .split(/[\n,]/)
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .join(', ');
}
