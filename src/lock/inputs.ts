import type { Config } from '../config/config.ts';
import { canonicalJson, compareBytes, sha256, type Digest } from '../core/digest.ts';
import { ok, type Result } from '../core/result.ts';
import { parseRequirement } from './requirements/requirement.ts';
import { readRequirements, type RequirementSet } from './requirements/read-requirements.ts';

/**
 * The digest of every input that a lock is resolved from, by name: parts of the config (`toolchain.tools`, `image.base` …)
 * and each requirements file by its path. What changes nothing in the resolution changes no digest: comments, line ends,
 * order, other tables of pyproject.toml. Err as readRequirements has it.
 */
export async function lockInputs(
  projectDir: string,
  config: Config,
): Promise<Result<Readonly<Record<string, Digest>>>> {
  const requirements = await readRequirements(projectDir, config);
  return requirements.ok ? ok(inputDigests(config, requirements.value)) : requirements;
}

/** As lockInputs, from requirements already read. */
export function inputDigests(config: Config, requirements: RequirementSet): Readonly<Record<string, Digest>> {
  const { python, node, managers = [], tools, requirements: sources, system, build } = config.toolchain;
  const { projects, wheels } = build ?? {};
  const parts: Record<string, unknown> = {
    'toolchain.python': python.trim(),
    ...(node === undefined ? {} : { 'toolchain.node': node.trim() }),
    ...Object.fromEntries(
      managers.map(({ name, version, hash, isBound }) => [
        `toolchain.${name}`,
        [version.trim(), hash ?? null, isBound ?? false],
      ]),
    ),
    'toolchain.tools': sortedTexts(tools.map(normalised)),
    'toolchain.requirements': sortedTexts(sources),
    'toolchain.system': sortedTexts(system.map((name) => name.trim())),
    ...(projects === undefined && wheels === undefined
      ? {}
      : { 'toolchain.build': [projects === undefined ? null : sortedTexts(projects), sortedTexts(wheels ?? [])] }),
    'image.base': config.image.base,
    ...Object.fromEntries(requirements.facts),
  };
  const names = Object.keys(parts).sort(compareBytes);
  return Object.fromEntries(names.map((name) => [name, sha256(canonicalJson(parts[name]))]));
}

function normalised(tool: string): string {
  const parsed = parseRequirement(tool);
  return typeof parsed === 'string' ? tool.trim() : parsed.text.replace(/\s*([=<>!~,;[\]]+)\s*/g, '$1');
}

function sortedTexts(texts: readonly string[]): string[] {
  return [...texts].sort(compareBytes);
}
