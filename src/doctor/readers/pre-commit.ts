import { placesOf, type Places } from '../../formats/places.ts';
import type { CommandDeclaration, FileDeclarations, Reader, Declaration, Subject } from '../declaration.ts';
import { requirementDeclaration } from '../requirement.ts';
import { runtimeVersion } from '../runtime-version.ts';
import { commandTargets } from '../command-targets.ts';
import { yamlText } from '../../formats/yaml.ts';
import { readYaml, type YamlValue } from '../../formats/yaml.ts';

/** Hook repositories whose tag is the tool's own version, by the end of their address. */
const hookRepositories: Readonly<Record<string, Subject>> = {
  'psf/black': 'pypi:black',
  'psf/black-pre-commit-mirror': 'pypi:black',
  'pycqa/flake8': 'pypi:flake8',
  'pre-commit/mirrors-mypy': 'pypi:mypy',
  'astral-sh/ruff-pre-commit': 'pypi:ruff',
  'charliermarsh/ruff-pre-commit': 'pypi:ruff',
  'astral-sh/uv-pre-commit': 'pypi:uv',
  'pycqa/isort': 'pypi:isort',
  'pre-commit/mirrors-isort': 'pypi:isort',
  'timothycrosley/isort': 'pypi:isort',
  'pycqa/pylint': 'pypi:pylint',
  'pre-commit/mirrors-pylint': 'pypi:pylint',
  'pycqa/bandit': 'pypi:bandit',
  'pycqa/pydocstyle': 'pypi:pydocstyle',
  'pycqa/autoflake': 'pypi:autoflake',
  'pycqa/docformatter': 'pypi:docformatter',
  'asottile/pyupgrade': 'pypi:pyupgrade',
  'codespell-project/codespell': 'pypi:codespell',
  'adrienverge/yamllint': 'pypi:yamllint',
  'adamchainz/django-upgrade': 'pypi:django-upgrade',
  'adamchainz/blacken-docs': 'pypi:blacken-docs',
  'asottile/blacken-docs': 'pypi:blacken-docs',
  'python-poetry/poetry': 'pypi:poetry',
  'pdm-project/pdm': 'pypi:pdm',
  'commitizen-tools/commitizen': 'pypi:commitizen',
  'sqlfluff/sqlfluff': 'pypi:sqlfluff',
  'python-jsonschema/check-jsonschema': 'pypi:check-jsonschema',
  'pre-commit/mirrors-prettier': 'npm:prettier',
  'rbubley/mirrors-prettier': 'npm:prettier',
  'pre-commit/mirrors-eslint': 'npm:eslint',
};

/** .pre-commit-config.yaml (https://pre-commit.com/#plugins): revs, languages, what is installed beside, and what the hooks run. */
export const readPreCommit: Reader = ({ text }): FileDeclarations => {
  const places = placesOf(text);
  const { value: root, problems } = readYaml(text, places);
  const declarations: Declaration[] = [];
  const commands: CommandDeclaration[] = [];
  for (const [key, value] of root.get('default_language_version')?.members ?? [])
    declarations.push(...languageVersion(key.text ?? '', value, `default_language_version of ${key.text}`, places));
  for (const repo of root.get('repos')?.items ?? []) {
    const address = repo.get('repo')?.text ?? '';
    const end = address
      .toLowerCase()
      .replace(/(?:\.git)?\/?$/, '')
      .split('/')
      .slice(-2)
      .join('/');
    const subject = hookRepositories[end];
    const rev = repo.get('rev');
    if (subject !== undefined && rev?.text !== undefined) declarations.push(revReading(subject, end, rev, places));
    for (const hook of repo.get('hooks')?.items ?? []) {
      const id = hook.get('id')?.text ?? '';
      const language = hook.get('language')?.text ?? (subject?.startsWith('npm:') ? 'node' : 'python');
      const version = hook.get('language_version');
      if (version !== undefined)
        declarations.push(...languageVersion(language, version, `language_version of ${id}`, places));
      for (const dependency of hook.get('additional_dependencies')?.items ?? []) {
        const how = `additional_dependencies of ${id}`;
        const declaration =
          language === 'node' ? npmDependency(dependency, how, places) : pythonDependency(dependency, how, places);
        if (declaration !== undefined) declarations.push(declaration);
      }
      const args = (hook.get('args')?.items ?? []).map(yamlText);
      declarations.push(...commandTargets(id, args, { source: { text, places }, how: `args of ${id}` }));
      const command = hookCommand(address === 'local', subject, hook, places);
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

function revReading(subject: Subject, repository: string, rev: YamlValue, places: Places): Declaration {
  const raw = rev.text ?? '';
  // A frozen rev is a commit; its comment has the tag: `# frozen: v1.2.3`.
  const frozen = /^[0-9a-f]{40}$/.test(raw) ? (/^frozen:\s*(\S+)/.exec(rev.comment)?.[1] ?? '') : undefined;
  const version = (frozen ?? raw).replace(/^v(?=\d)/, '');
  const isVersion = /^\d+(?:\.\w+)+$/.test(version);
  const isNpm = subject.startsWith('npm:');
  const why = frozen === '' ? 'a commit' : `no version (${raw})`;
  return {
    subject,
    role: 'install',
    scheme: isNpm ? 'semver' : 'pep440',
    value: isVersion ? (isNpm ? version : `==${version}`) : undefined,
    ...(isVersion ? {} : { unresolved: why }),
    span: places.span(...rev.range()),
    raw,
    how: `rev of ${repository}`,
  };
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
function hookCommand(
  isLocal: boolean,
  subject: Subject | undefined,
  hook: YamlValue,
  places: Places,
): CommandDeclaration | undefined {
  const id = hook.get('id');
  if (id?.text === undefined) return undefined;
  const entry = hook.get('entry')?.text ?? (isLocal || subject === undefined ? undefined : id.text);
  if (entry === undefined) return undefined;
  const args = (hook.get('args')?.items ?? []).map(({ text }) => text ?? '');
  return {
    command: [entry, ...args].join(' ').trim(),
    by: 'pre-commit',
    where: id.text,
    span: places.span(...id.range()),
  };
}
