import { startConnecting } from '../../app/project/pending-engine.ts';
import { findProjectImages } from '../../app/status/project-images.ts';
import { findProject } from '../../config/project.ts';
import { ok, type Result } from '../../core/result.ts';
import { environmentStatus } from '../../environment/environment-status.ts';
import { statusText, type ToolchainImages } from '../../report/status-text.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';

/** `parity status`: which engine and why, and what of the project's environment is there. */
export async function status(context: CommandContext): Promise<Result<number>> {
  const { print, json } = context.terminal;
  const pending = startConnecting(context);
  try {
    const project = await findProject(context.cwd);
    if (!project.ok) return project;
    const connected = await pending.connection();
    if (!connected.ok) return connected;
    const connection = connected.value;
    const images = await findProjectImages(context, project.value, connection.engine);
    const found = await environmentStatus(connection.engine, project.value.dir);
    if (!found.ok) return found;
    if (json) {
      const { endpoint, considered } = connection;
      const imageOf = ({ lockedImage, presentImage }: ToolchainImages): object => {
        return { locked: lockedImage ?? null, present: presentImage ?? null };
      };
      const named = Object.entries(images.toolchains ?? {}).map(([name, each]) => [name, imageOf(each)] as const);
      const toolchains = named.length === 0 ? {} : { toolchains: Object.fromEntries(named) };
      print(
        JSON.stringify({ type: 'status', endpoint, considered, image: imageOf(images), ...toolchains, ...found.value }),
      );
    } else print(statusText({ connection, ...images }, found.value).join('\n'));
    return ok(exitCodes.yes);
  } finally {
    await pending.close();
  }
}
