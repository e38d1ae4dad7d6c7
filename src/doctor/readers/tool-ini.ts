import { createCollector, type Collector } from '../collector.ts';
import { readIni, iniLines, type Ini } from '../../formats/ini.ts';
import { placesOf } from '../../formats/places.ts';
import { pythonDeclaration, type PythonForm } from '../python-version.ts';
import type { Reader } from '../declaration.ts';
import { rangeOf, type Source } from '../../formats/mapped-text.ts';

/** Settings of tools that name the Python to check or write for. */
const settings: readonly { readonly section: RegExp; readonly key: RegExp; readonly form: PythonForm }[] = [
  { section: /^mypy$/, key: /^python_version$/, form: 'version' },
  { section: /^(?:tool:)?isort$|^settings$/, key: /^py_version$/, form: 'digits' },
  { section: /^(?:tool:)?pylint(?:\.main|\.master)?$|^(?:main|master)$/i, key: /^py-version$/, form: 'version' },
  { section: /^pytype$/, key: /^python_version$/, form: 'version' },
];

/** mypy.ini, .mypy.ini, .isort.cfg, .pylintrc, pytype.cfg: the Python that the tool is set to. */
export const readToolIni: Reader = ({ text }) => {
  const source = { text, places: placesOf(text) };
  const collector = createCollector();
  const ini = readIni(text);
  for (const { message, start, end } of ini.problems.slice(0, 1))
    collector.problem({ message, span: source.places.span(start, end) });
  readToolSections(ini, source, collector);
  return collector.collect();
};

/** The same of the sections that setup.cfg and tox.ini share with others. */
export function readToolSections(ini: Ini, source: Source, collector: Collector): void {
  for (const { name, entries } of ini.sections)
    for (const entry of entries) {
      const setting = settings.find(({ section, key }) => section.test(name) && key.test(entry.key));
      const [mapped] = iniLines(entry);
      if (setting === undefined || mapped === undefined) continue;
      const how = `[${name}] ${entry.key}`;
      collector.add(
        pythonDeclaration(mapped, setting.form, { source, whole: rangeOf(mapped) ?? [0, 0], role: 'target', how }),
      );
    }
}
