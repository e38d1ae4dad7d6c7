import { resolve } from 'node:path';
import { ok, type Result } from '../../core/result.ts';
import type { EnsuredImage } from '../../image/ensure-options.ts';
import { imageAnnotations } from '../../image/share/annotations.ts';
import { loadArchive } from '../../image/share/load-archive.ts';
import { pullImage } from '../../image/share/pull-image.ts';
import { saveImage, type SaveTargets } from '../../image/share/save-image.ts';
import { appendImageHistory } from '../../app/history/append-history.ts';
import { ensureLockedImage } from '../../app/project/locked-image.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import {
  toolchainWords,
  withLockedProject,
  type LockedProject,
  type LockedProjectOptions,
} from '../with-locked-project.ts';

/** What the `parity image` commands need. */
interface ImageOptions extends LockedProject, Pick<Terminal, 'print' | 'json'> {
  /** Where file names start. */
  readonly cwd: string;
}

/** What to do with the image, and with which files; `save` writes an archive, bills of materials, or both. */
export type ImageCommand =
  | { readonly name: 'push' }
  | { readonly name: 'pull' }
  | { readonly name: 'load'; readonly file: string }
  | { readonly name: 'save'; readonly file?: string; readonly sboms: SaveTargets['sboms'] };

/** `parity image push|pull|save|load`: the lock's image, whole and unchanged, from here to elsewhere or back. The lock is used as it is. */
export async function image(
  context: CommandContext,
  command: ImageCommand,
  { toolchains }: Pick<LockedProjectOptions, 'toolchains'>,
): Promise<Result<number>> {
  const { cwd, terminal } = context;
  return await withLockedProject(context, { frozen: true, toolchains }, async (project) => {
    const done = await moveImage({ ...project, cwd, print: terminal.print, json: terminal.json }, command);
    return done.ok ? ok(exitCodes.yes) : done;
  });
}

async function moveImage(options: ImageOptions, command: ImageCommand): Promise<Result<void>> {
  const building = { ...options, onProgress: options.emit };
  const words = toolchainWords(options.toolchain);
  if (command.name === 'pull') return await printed(options, 'image-pulled', await pullImage(building));
  if (command.name === 'load')
    return await printed(options, 'image-loaded', await loadArchive(building, resolve(options.cwd, command.file)));
  const ensured = await ensureLockedImage({ ...building, frozen: true });
  if (!ensured.ok) return ensured;
  const { reference } = ensured.value;
  const annotations = await imageAnnotations(options.projectDir, options.lock, options.platform);
  if (command.name === 'push') {
    const { pushImage } = await import('../../image/share/push-image.ts');
    const pushed = await pushImage({ ...building, annotations }, ensured.value);
    if (!pushed.ok) return pushed;
    const { value } = pushed;
    options.print(
      options.json
        ? JSON.stringify({ type: 'image-pushed', ...words.json, ...value })
        : `${words.line}${value.reference}\n${value.image.config}`,
    );
    return ok(undefined);
  }
  const at = (file: string): string => resolve(options.cwd, file);
  const saved = await saveImage(building, reference, {
    ...(command.file === undefined ? {} : { archive: at(command.file) }),
    sboms: command.sboms.map(({ format, file }) => ({ format, file: at(file) })),
    annotations,
  });
  if (!saved.ok) return saved;
  const { image, files } = saved.value;
  options.print(
    options.json
      ? JSON.stringify({ type: 'image-saved', ...words.json, ...saved.value })
      : [...files.map(({ file, sizeBytes }) => `${file}: ${(sizeBytes / 1e6).toFixed(1)} MB`), image.config].join('\n'),
  );
  return ok(undefined);
}

async function printed(
  { print, json, toolchain }: ImageOptions,
  type: string,
  ensured: Result<EnsuredImage>,
): Promise<Result<void>> {
  if (!ensured.ok) return ensured;
  await appendImageHistory(ensured.value);
  const { reference, imageId, origin } = ensured.value;
  const words = toolchainWords(toolchain);
  print(
    json
      ? JSON.stringify({ type, ...words.json, reference, imageId, origin })
      : `${words.line}${reference}\n${imageId}`,
  );
  return ok(undefined);
}
