import type { Command } from 'commander';
import { parseSboms } from '../options.ts';
import { addCommand, type RunInSession } from './add-command.ts';

/** Adds `parity image` with its own commands: push, pull, save, load. */
export function addImageCommands(program: Command, session: RunInSession): void {
  const image = addCommand(program, 'image', "share the lock's image instead of building it", 'parity image push');
  for (const [name, description] of [
    ['push', 'push it to image.repository (parity.yaml), by its digest'],
    ['pull', 'pull it from there; what is not the image that the lock names is refused'],
  ] as const)
    addCommand(image, name, description, `parity image ${name}`).action(async (_flags: unknown, command: Command) => {
      const { image: run } = await import('../commands/image.ts');
      await session(command, (context) => run(context, { name }));
    });
  addCommand(
    image,
    'save',
    'write it to a file that any engine loads (OCI layout and docker archive in one)',
    'parity image save parity-image.tar --sbom spdx=parity-image.spdx.json',
  )
    .argument('[file]', 'the archive; may be left out with --sbom')
    .option('--sbom <format=file>', 'write a bill of materials: cyclonedx=FILE or spdx=FILE', parseSboms, [])
    .action(async (file: string | undefined, flags: SaveFlags, command: Command) => {
      if (file === undefined && flags.sbom.length === 0) command.error("error: missing required argument 'file'");
      const { image: run } = await import('../commands/image.ts');
      const saved = { name: 'save', sboms: flags.sbom, ...(file === undefined ? {} : { file }) } as const;
      await session(command, (context) => run(context, saved));
    });
  addCommand(
    image,
    'load',
    "load such a file into the engine, if it is the lock's image",
    'parity image load parity-image.tar',
  )
    .argument('<file>', 'the archive')
    .action(async (file: string, _flags: unknown, command: Command) => {
      const { image: run } = await import('../commands/image.ts');
      await session(command, (context) => run(context, { name: 'load', file }));
    });
}

interface SaveFlags {
  readonly sbom: ReturnType<typeof parseSboms>;
}
