import type { Command } from 'commander';
import { parseSboms, toolchainOption, toolchainsOption } from '../options.ts';
import { addCommand, type RunInSession } from './add-command.ts';

/** Adds `parity image` with its own commands: push, pull, save, load. */
export function addImageCommands(program: Command, session: RunInSession): void {
  const image = addCommand(program, 'image', "share the lock's image instead of building it", 'parity image push');
  for (const [name, description] of [
    ['push', 'push it to image.repository (parity.yaml), by its digest'],
    ['pull', 'pull it from there; what is not the image that the lock names is refused'],
  ] as const)
    addCommand(image, name, description, `parity image ${name}`)
      .addOption(toolchainsOption())
      .action(async (flags: { readonly toolchain?: readonly string[] }, command: Command) => {
        const { image: run } = await import('../commands/image.ts');
        await session(command, (context) => run(context, { name }, { toolchains: flags.toolchain ?? 'all' }));
      });
  addCommand(
    image,
    'save',
    'write it to a file that any engine loads (OCI layout and docker archive in one)',
    'parity image save parity-image.tar --sbom spdx=parity-image.spdx.json',
  )
    .argument('[file]', 'the archive; may be left out with --sbom')
    .addOption(toolchainOption())
    .option('--sbom <format=file>', 'write a bill of materials: cyclonedx=FILE or spdx=FILE', parseSboms, [])
    .action(async (file: string | undefined, flags: SaveFlags, command: Command) => {
      if (file === undefined && flags.sbom.length === 0) command.error("error: missing required argument 'file'");
      const { image: run } = await import('../commands/image.ts');
      const saved = { name: 'save', sboms: flags.sbom, ...(file === undefined ? {} : { file }) } as const;
      await session(command, (context) => run(context, saved, oneOf(flags)));
    });
  addCommand(
    image,
    'load',
    "load such a file into the engine, if it is the lock's image",
    'parity image load parity-image.tar',
  )
    .argument('<file>', 'the archive')
    .addOption(toolchainOption())
    .action(async (file: string, flags: OneToolchain, command: Command) => {
      const { image: run } = await import('../commands/image.ts');
      await session(command, (context) => run(context, { name: 'load', file }, oneOf(flags)));
    });
}

/** A file holds one image. */
function oneOf({ toolchain }: OneToolchain): { readonly toolchains: 'default' | readonly string[] } {
  return { toolchains: toolchain === undefined ? 'default' : [toolchain] };
}

interface OneToolchain {
  readonly toolchain?: string;
}

interface SaveFlags extends OneToolchain {
  readonly sbom: ReturnType<typeof parseSboms>;
}
