import { iniEntry, readIni } from '../../formats/ini.ts';
import { normalisedName } from '../../formats/package-name.ts';
import { tableAt, textsOf, type Table } from '../../formats/table.ts';
import { readToml, TomlDocument } from '../../formats/toml.ts';
import type { Span } from '../../core/span.ts';

/** The files of a folder that say how its project is built; undefined for one that is not there. */
export interface BuildFiles {
  readonly pyproject: string | undefined;
  readonly setupPy: string | undefined;
  readonly setupCfg: string | undefined;
}

/** How a project is built (PEP 517), as its files say it. */
export interface BuildSystem {
  /** Normalised; absent when only running its setup.py tells. */
  readonly name?: string;
  /** What the build needs, as PEP 508 requirements. */
  readonly requires: readonly string[];
  /** Where `requires` stands in pyproject.toml; absent for setuptools' default. */
  readonly span?: Span;
  /** `module` or `module:object`. */
  readonly backend: string;
  /** Folders of the project in which the backend itself lies. */
  readonly backendPath: readonly string[];
  /** True when the project says itself that it is a package: it has a `[build-system]`. pip also builds what has only metadata or a setup.py. */
  readonly isDeclared: boolean;
  /** True when its version comes from git: from tags and commits. */
  readonly isFromGit: boolean;
  /** True when a compiler is needed. */
  readonly hasExtensions: boolean;
}

/** What pip and uv build with when a project names nothing. */
const legacyBackend = 'setuptools.build_meta:__legacy__';

// setuptools_scm, hatch-vcs, versioningit, poetry-dynamic-versioning, setuptools-git-versioning, dunamai, versioneer, pbr …
const gitVersioning =
  /\b(?:[\w-]*[_-]scm|scm[_-][\w-]*|[\w-]*-vcs|versioningit|versioneer|[\w-]*dynamic-versioning|[\w-]*git-versioning|dunamai|pbr|miniver|incremental-git)\b/;
const extensionSigns =
  /\bExtension\s*\(|\bext[_-]modules\b|\bcythonize\b|\bcffi_modules\b|\bPybind11Extension\b|\bbuild_ext\b|\bmypycify\b|\brust_extensions\b/;
const compilingBackends = /^(?:mesonpy|scikit_build_core|skbuild|maturin|setuptools_rust|enscons|py_build_cmake)\b/;

/**
 * Reads how a folder's project is built. Undefined when it is no package: it has neither a `[build-system]` nor a setup.py nor metadata, or says that it is none (`tool.uv.package`, poetry's `package-mode`). Text that is no TOML says nothing. Pure.
 */
export function readBuildSystem({ pyproject, setupPy, setupCfg }: BuildFiles): BuildSystem | undefined {
  const read = pyproject === undefined ? undefined : readToml(pyproject);
  const document = read instanceof TomlDocument ? read : undefined;
  const root = document?.root ?? {};
  const tool = tableAt(root, 'tool') ?? {};
  const isPackage = tableAt(tool, 'uv')?.['package'];
  if (isPackage === false || tableAt(tool, 'poetry')?.['package-mode'] === false) return undefined;
  const system = tableAt(root, 'build-system');
  const cfg = setupCfg === undefined ? undefined : readIni(setupCfg, { inlineComments: 'none' });
  const cfgName = cfg === undefined ? undefined : iniEntry(cfg, 'metadata', 'name')?.text.trim();
  const isDeclared = system !== undefined || isPackage === true;
  const hasMetadata = cfgName !== undefined || tableAt(root, 'project')?.['name'] !== undefined;
  if (!isDeclared && setupPy === undefined && !hasMetadata) return undefined;
  const named = system === undefined ? undefined : textOf(system['build-backend']);
  const requires = system === undefined ? ['setuptools>=40.8.0'] : textsOf(system['requires']);
  const name =
    textOf(tableAt(root, 'project')?.['name']) ??
    textOf(tableAt(tool, 'poetry')?.['name']) ??
    cfgName ??
    /\bsetup\s*\([^)]*?\bname\s*=\s*["']([^"']+)["']/s.exec(setupPy ?? '')?.[1];
  const backend = named ?? legacyBackend;
  const signs = [requires.join('\n'), setupCfg ?? '', setupPy ?? '', Object.keys(tool).join('\n')].join('\n');
  return {
    ...(name === undefined ? {} : { name: normalisedName(name) }),
    requires: withUsual(requires, backend),
    ...(document === undefined || system === undefined ? {} : { span: document.spanOf(['build-system', 'requires']) }),
    backend,
    backendPath: textsOf(system?.['backend-path']),
    isDeclared,
    isFromGit: gitVersioning.test(signs) || versionSource(tool) || /\bgit['"]?,?\s*['"]?describe\b/.test(signs),
    hasExtensions:
      compilingBackends.test(backend) ||
      extensionSigns.test(`${setupPy ?? ''}\n${JSON.stringify(tableAt(tool, 'setuptools') ?? {})}`) ||
      textOf(tableAt(tool, 'poetry')?.['build']) !== undefined ||
      tableAt(tool, 'poetry', 'build')?.['script'] !== undefined,
  };
}

/** With what the backends ask for an editable build in all their versions, so that asking them finds nothing new. */
function withUsual(requires: readonly string[], backend: string): readonly string[] {
  const has = (name: string): boolean =>
    requires.some((each) => normalisedName(/^[\w.-]+/.exec(each)?.[0] ?? '') === name);
  if (/^hatchling\b/.test(backend) && !has('editables')) return [...requires, 'editables~=0.3'];
  if (/^setuptools\b/.test(backend) && !has('wheel')) return [...requires, 'wheel'];
  return requires;
}

function versionSource(tool: Table): boolean {
  const sources = [tableAt(tool, 'pdm', 'version')?.['source'], tableAt(tool, 'hatch', 'version')?.['source']];
  const provider = tableAt(tool, 'scikit-build', 'metadata', 'version')?.['provider'];
  return (
    sources.some((source) => source === 'scm' || source === 'vcs') ||
    (typeof provider === 'string' && provider.includes('scm'))
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
