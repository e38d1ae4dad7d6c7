import { placesOf, type Places } from '../../formats/places.ts';
import { isCommit, readPreCommitFile, type Hook, type HookRepository } from '../../formats/pre-commit.ts';
import { yamlText, type YamlValue } from '../../formats/yaml.ts';
import type { CommandDeclaration, FileDeclarations, Reader, Declaration } from '../declaration.ts';
import { commandTargets } from '../command-targets.ts';
import { requirementDeclaration } from '../requirement.ts';
import { runtimeVersion } from '../runtime-version.ts';

/** .pre-commit-config.yaml (https://pre-commit.com/#plugins): revs, languages, what is installed beside, and what the hooks run. */
export const readPreCommit: Reader = ({ text }): FileDeclarations => {
  const { places, languageVersions, repositories, problems } = readPreCommitFile(text);
  const declarations: Declaration[] = [];
  const commands: CommandDeclaration[] = [];
  for (const [key, value] of languageVersions)
    declarations.push(...languageVersion(key.text ?? '', value, `default_language_version of ${key.text}`, places));
  for (const repository of repositories) {
    const subject = repository.package;
    declarations.push(...revDeclaration(repository, places));
    for (const hook of repository.hooks) {
      const id = hook.id?.text ?? '';
      const language = hook.language ?? (subject?.startsWith('npm:') ? 'node' : 'python');
      if (hook.languageVersion !== undefined)
        declarations.push(...languageVersion(language, hook.languageVersion, `language_version of ${id}`, places));
      for (const dependency of hook.additional) {
        const how = `additional_dependencies of ${id}`;
        const declaration =
          language === 'node' ? npmDependency(dependency, how, places) : pythonDependency(dependency, how, places);
        if (declaration !== undefined) declarations.push(declaration);
      }
      const args = hook.args.map(yamlText);
      declarations.push(...commandTargets(id, args, { source: { text, places }, how: `args of ${id}` }));
      const command = hookCommand(repository, hook, places);
      if (command !== undefined) commands.push(command);
    }
  }
  // Where a text is escaped or goes over lines, what is written is not what is meant.
  const written = declarations.map((declaration) => {
    const { line, column, endLine, endColumn } = declaration.span;
    return { ...declaration, raw: text.slice(places.offset(line, column), places.offset(endLine, endColumn)) };
  });
  return { declarations: written, commands, references: [], problems };
};

function revDeclaration(
  { package: subject, rev, version, name }: HookRepository,
  places: Places,
): readonly Declaration[] {
  if (subject === undefined || rev?.text === undefined) return [];
  const raw = rev.text;
  const isNpm = subject.startsWith('npm:');
  const isTagless = isCommit(raw) && !/^frozen:\s*\S/.test(rev.comment);
  return [
    {
      subject,
      role: 'install',
      scheme: isNpm ? 'semver' : 'pep440',
      value: version === undefined ? undefined : isNpm ? version : `==${version}`,
      ...(version === undefined ? { unresolved: isTagless ? 'a commit' : `no version (${raw})` } : {}),
      span: places.span(...rev.range()),
      raw,
      how: `rev of ${name}`,
    },
  ];
}

function languageVersion(language: string, version: YamlValue, how: string, places: Places): readonly Declaration[] {
  const raw = version.text ?? '';
  const isPython = language.startsWith('python');
  if ((!isPython && language !== 'node') || /^(?:default|system|python3?|)$/.test(raw)) return [];
  const subject = isPython ? 'python' : 'node';
  const found = runtimeVersion(subject, raw);
  const before = found.value === undefined ? 0 : (/^(?:c?python|node|v)[-@]?(?=\d)/.exec(raw)?.[0].length ?? 0);
  const span = places.span(...version.range(before, raw.length));
  return [{ subject, role: 'install', ...found, span, raw: raw.slice(before), how }];
}

function pythonDependency(dependency: YamlValue, how: string, places: Places): Declaration | undefined {
  const text = dependency.text ?? '';
  const declaration = requirementDeclaration(text, { places: placesOf(text), offset: 0, role: 'install', how });
  if (declaration === undefined) return undefined;
  const { column, endColumn } = declaration.span;
  return { ...declaration, span: places.span(...dependency.range(column - 1, endColumn - 1)) };
}

function npmDependency(dependency: YamlValue, how: string, places: Places): Declaration | undefined {
  const raw = dependency.text ?? '';
  const match = /^((?:@[\w.-]+\/)?[\w.-]+)(?:@(.+))?$/.exec(raw);
  if (match?.[1] === undefined) return undefined;
  const from = match[2] === undefined ? 0 : raw.length - match[2].length;
  return {
    subject: `npm:${match[1]}`,
    role: 'install',
    scheme: 'semver',
    value: match[2] ?? '',
    span: places.span(...dependency.range(from, raw.length)),
    raw: raw.slice(from),
    how,
  };
}

/** What a hook runs: a local one's entry, else the tool of the hook's own name. */
function hookCommand(repository: HookRepository, hook: Hook, places: Places): CommandDeclaration | undefined {
  const { id } = hook;
  if (id?.text === undefined) return undefined;
  const isOther = repository.address === 'local' || repository.package === undefined;
  const entry = hook.entry ?? (isOther ? undefined : id.text);
  if (entry === undefined) return undefined;
  const args = hook.args.map(({ text }) => text ?? '');
  return {
    command: [entry, ...args].join(' ').trim(),
    by: 'pre-commit',
    where: id.text,
    span: places.span(...id.range()),
    ...(hook.isPartial ? { isPartial: true } : {}),
  };
}
