import { failure, type Failure } from '../core/failure.ts';
import type { Config, StepConfig } from './config.ts';
import { nearest } from './nearest.ts';

/** A toolchain's name; undefined for the default one, `toolchain:`. */
export type ToolchainName = string | undefined;

/**
 * A config as if one of its toolchains were the only one: what resolves, builds and reads requirements knows no other. A config without named
 * toolchains stays the very same. Throws for a name that it does not have: the config was checked.
 */
export function toolchainConfig(config: Config, name: ToolchainName): Config {
  const { toolchains, ...rest } = config;
  if (toolchains === undefined && name === undefined) return config;
  if (name === undefined) return rest;
  const toolchain = toolchains?.find((each) => each.name === name);
  if (toolchain === undefined) throw new Error(`parity: no toolchain ${name}`);
  return { ...rest, toolchain };
}

/** The names of all toolchains, the default one first. */
export function toolchainNames({ toolchains = [] }: Pick<Config, 'toolchains'>): readonly ToolchainName[] {
  return [undefined, ...toolchains.map(({ name }) => name)];
}

/** The toolchains that steps use, each once, in the steps' order. */
export function toolchainsOf(steps: readonly Pick<StepConfig, 'toolchain'>[]): readonly ToolchainName[] {
  return [...new Set(steps.map(({ toolchain }) => toolchain))];
}

/** Where parity.yaml has a toolchain: `toolchain`, or `toolchains.lint`. */
export function toolchainKey(name: ToolchainName): string {
  return name === undefined ? 'toolchain' : `toolchains.${name}`;
}

/** Why a toolchain that was asked for by name (`--toolchain`) can't be used: Failure `usage`, with the nearest name; undefined when it is there. */
export function unknownToolchain(
  { toolchains = [] }: Pick<Config, 'toolchains'>,
  name: ToolchainName,
): Failure | undefined {
  const names = toolchains.map((each) => each.name);
  if (name === undefined || names.includes(name)) return undefined;
  const meant = nearest(name, names);
  return failure('usage', `no toolchain is called ${name}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`, {
    next:
      names.length === 0
        ? 'leave --toolchain out: parity.yaml has no `toolchains`'
        : `--toolchain ${names.join(', or ')}; without it, the default one`,
  });
}
