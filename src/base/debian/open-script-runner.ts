import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../core/cache-folder.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { hostCertificates } from '../host-network.ts';
import { openContainerScriptRunner } from './container-script-runner.ts';
import { canRunScriptsOnHost, hostScriptRunner } from './host-script-runner.ts';
import { cacheFailure, type ScriptRunner, type ScriptRunnerOptions } from './script-runner.ts';

/**
 * Opens a runner. `PARITY_DEBIAN_WORKSHOP=host|container` decides where it would be decided by what is there. Err
 * `host-tool-missing` when neither the host nor the engine can do it.
 */
export async function openScriptRunner(options: ScriptRunnerOptions): Promise<Result<ScriptRunner>> {
  const parent = cacheFolder('debian');
  const dir = join(parent, `work-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await sweepDeadWork(parent);
    await mkdir(dir, { recursive: true });
    const certificates = await hostCertificates();
    if (!certificates.ok) return certificates;
    if (certificates.value !== undefined) await writeFile(join(dir, 'ca.crt'), certificates.value.pem);
  } catch (error) {
    return err(cacheFailure(parent, error));
  }
  const wanted = process.env['PARITY_DEBIAN_WORKSHOP'];
  const inContainer = options.image !== undefined || wanted === 'container';
  if (!inContainer && (wanted === 'host' || (await canRunScriptsOnHost(options.platform)))) {
    return ok(hostScriptRunner(dir, options));
  }
  const opened = await openContainerScriptRunner(dir, options);
  if (!opened.ok) await rm(dir, { recursive: true, force: true });
  return opened;
}

/** Removes the work folders of processes that are no more (killed before they could). */
async function sweepDeadWork(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = Number(/^work-(\d+)-/.exec(name)?.[1] ?? Number.NaN);
    if (!Number.isNaN(pid) && !isAlive(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
