import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { arch, availableParallelism, cpus, freemem, release, tmpdir, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import type { Project } from '../../config/project.ts';
import { cacheDir } from '../../core/paths.ts';
import type { Result } from '../../core/result.ts';
import { parityVersion } from '../../core/version.ts';
import type { Connection } from '../../engine/connect-engine.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import { environmentId, environmentLabel, label } from '../../environment/environment-id.ts';
import { environmentStatus } from '../../environment/environment-status.ts';
import { lockFileName } from '../../lock/write.ts';
import { storedReceipts } from '../../receipt/receipt-store.ts';
import { readHistory } from '../../records/run-history.ts';
import type { CollectedFile, LeftOut } from '../../records/bundle/manifest.ts';
import { projectKey } from '../../records/project-key.ts';
import { readRunLogs } from '../../records/run-logs.ts';
import { doctorText } from '../../report/doctor/text.ts';
import { formatFailure } from '../../report/failures.ts';
import { auditRepository } from '../doctor/audit-repository.ts';
import { statusText } from '../../report/status-text.ts';
import type { ProjectImages } from '../status/project-images.ts';
import type { AppContext } from '../context.ts';
import { observeProjects } from '../doctor/observe-projects.ts';
import type { PendingEngine } from '../project/pending-engine.ts';

/** What a bundle is gathered from. */
export interface Sources {
  readonly context: AppContext;
  readonly project: Project;
  readonly pending: PendingEngine;
  /** The engine, if it answers, and what it says of itself. */
  readonly engine: Result<{ readonly connection: Connection; readonly info: EngineInfo }>;
  /** What `parity status` says of the image. */
  readonly images: ProjectImages;
}

// The last runs tell what is wrong; a large repository's receipt has megabytes.
const lastRuns = 10;
const auditEntries = 500;
const receiptsBytes = 16 * 1024 * 1024;
const fileBytes = 8 * 1024 * 1024;
// Of a large log the beginning says how it went, and the end what went wrong.
const logHead = 512 * 1024;
const logTail = 2 * 1024 * 1024;
const serviceLines = 2000;

/** Collects what support needs to see of a project. What can't be collected is named in `leftOut`; that is no failure. */
export async function collectFiles(
  sources: Sources,
): Promise<{ readonly files: readonly CollectedFile[]; readonly leftOut: readonly LeftOut[] }> {
  const files: CollectedFile[] = [];
  const leftOut: LeftOut[] = [];
  const parts: readonly (readonly [what: string, part: () => Promise<void>])[] = [
    ['audit and logs', async () => records(sources, files, leftOut)],
    ['receipts', async () => await receipts(sources, files, leftOut)],
    ['parity.yaml and the lock', async () => await ownFiles(sources, files, leftOut)],
    ['this machine', async () => void files.push(json('host.json', await hostFacts(sources)))],
    ['the engine', async () => await engineFacts(sources, files, leftOut)],
    ["the services' logs", async () => await serviceLogs(sources, files, leftOut)],
    ['parity doctor', async () => await doctor(sources, files, leftOut)],
  ];
  for (const [what, part] of parts) {
    if (sources.context.signal.aborted) break;
    try {
      await part();
    } catch (error) {
      // Something is out of order here: that is why there is a bundle.
      leftOut.push({ what, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { files, leftOut };
}

function json(path: string, value: unknown): CollectedFile {
  return { path, text: `${JSON.stringify(value, undefined, 2)}\n`, assignments: true };
}

function records({ project }: Sources, files: CollectedFile[], leftOut: LeftOut[]): void {
  const entries = readHistory(projectKey(project.dir)).slice(-auditEntries);
  if (entries.length === 0) leftOut.push({ what: 'audit', reason: 'no run of this project is known' });
  else files.push({ path: 'audit.jsonl', text: entries.map((entry) => `${JSON.stringify(entry)}\n`).join('') });
  const runs = entries.flatMap((entry) => (entry.type === 'run' && entry.logs !== null ? [entry] : []));
  for (const { id, logs } of runs.slice(-lastRuns)) {
    const kept = logs === null ? undefined : readRunLogs(logs);
    if (kept === undefined) leftOut.push({ what: `logs of run ${id}`, reason: 'they are gone' });
    for (const { step, path } of kept ?? [])
      files.push({
        path: `logs/${logs?.slice(0, 19) ?? ''}-${id}/${encodeURIComponent(step)}.log`,
        text: endsOf(path),
        assignments: true,
      });
  }
}

/** A file's text; of a large one the beginning and the end, whole lines. */
function endsOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const read = (from: number, length: number): string => {
      const bytes = Buffer.alloc(Math.min(length, size - from));
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from)).toString('utf8');
    };
    if (size <= logHead + logTail) return read(0, size);
    const [head, tail] = [read(0, logHead), read(size - logTail, logTail)];
    const [until, from] = [head.lastIndexOf('\n') + 1, tail.indexOf('\n') + 1];
    return `${head.slice(0, until)}… (${size - logHead - logTail} bytes are left out here)\n${tail.slice(from)}`;
  } finally {
    closeSync(file);
  }
}

async function receipts({ project }: Sources, files: CollectedFile[], leftOut: LeftOut[]): Promise<void> {
  let bytes = 0;
  const kept = storedReceipts(project.dir);
  if (kept.length === 0) leftOut.push({ what: 'receipts', reason: 'no run of this project left one' });
  for (const path of kept.slice(0, lastRuns)) {
    bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (bytes > receiptsBytes) leftOut.push({ what: `receipt ${basename(path)}`, reason: 'all of them are too large' });
    else files.push({ path: `receipts/${basename(path)}`, text: await readFile(path, 'utf8') });
  }
}

async function ownFiles({ project }: Sources, files: CollectedFile[], leftOut: LeftOut[]): Promise<void> {
  for (const name of ['parity.yaml', lockFileName]) {
    const path = join(project.dir, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) leftOut.push({ what: name, reason: 'there is none' });
    else if (stat.size > fileBytes) leftOut.push({ what: name, reason: 'it is too large' });
    else
      files.push({ path: `project/${name}`, text: await readFile(path, 'utf8'), assignments: name === 'parity.yaml' });
  }
}

async function hostFacts({ context, project }: Sources): Promise<unknown> {
  const { env } = context;
  const room = async (dir: string): Promise<unknown> => {
    const disk = await statfs(dir).catch(() => undefined);
    return disk === undefined ? null : { freeBytes: disk.bavail * disk.bsize, totalBytes: disk.blocks * disk.bsize };
  };
  const settings = Object.entries(env).filter(([name]) =>
    /^(?:PARITY_|DOCKER_|COMPOSE_|LANG$|LC_|TZ$|CI$|TERM$|SHELL$|(?:https?|no|all)_proxy$)/i.test(name),
  );
  return {
    parity: parityVersion,
    node: process.version,
    system: { platform: process.platform, release: release(), arch: arch() },
    cpus: { available: availableParallelism(), model: cpus()[0]?.model ?? null },
    memory: { totalBytes: totalmem(), freeBytes: freemem() },
    disk: { project: await room(project.dir), cache: await room(cacheDir(env)), temporary: await room(tmpdir()) },
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    settings: Object.fromEntries(settings.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

async function engineFacts(sources: Sources, files: CollectedFile[], leftOut: LeftOut[]): Promise<void> {
  const { engine: found, project, images } = sources;
  if (!found.ok) {
    files.push({ path: 'engine.txt', text: `${formatFailure(found.error)}\n`, assignments: true });
    leftOut.push({ what: "the engine's state and its services' logs", reason: found.error.message });
    return;
  }
  const { connection, info } = found.value;
  const { engine, endpoint, considered } = connection;
  const [usage, status] = await Promise.all([engine.diskUsage(), environmentStatus(engine, project.dir)]);
  const valueOrMessage = <T>(result: Result<T>): T | string => (result.ok ? result.value : result.error.message);
  files.push(
    json('engine.json', {
      endpoint,
      considered,
      engine: info,
      diskUsage: valueOrMessage(usage),
      environment: valueOrMessage(status),
    }),
  );
  if (status.ok) {
    const text = statusText({ connection, ...images }, status.value).join('\n');
    files.push({ path: 'status.txt', text: `${text}\n`, assignments: true });
  } else leftOut.push({ what: 'parity status', reason: status.error.message });
}

async function serviceLogs(
  { engine: answering, project }: Sources,
  files: CollectedFile[],
  leftOut: LeftOut[],
): Promise<void> {
  if (!answering.ok) return;
  const { engine } = answering.value.connection;
  const found = await engine.listContainers([environmentLabel(environmentId(project.dir)), `${label.kind}=service`]);
  if (!found.ok) {
    leftOut.push({ what: "the services' logs", reason: found.error.message });
    return;
  }
  for (const { id, name, labels } of found.value) {
    const log = await engine.containerLogs(id, { tailLines: serviceLines });
    if (log.ok)
      files.push({
        path: `services/${encodeURIComponent(labels[label.service] ?? '')}-${name}.log`,
        text: log.value,
        assignments: true,
      });
    else leftOut.push({ what: `the log of service ${labels[label.service] ?? name}`, reason: log.error.message });
  }
}

async function doctor(
  { context, project, pending }: Sources,
  files: CollectedFile[],
  leftOut: LeftOut[],
): Promise<void> {
  const audited = await auditRepository({
    cwd: project.dir,
    rules: [],
    observe: (topDir, projects) => observeProjects(context, { topDir, projects, pending }),
  });
  if (audited.ok) files.push({ path: 'doctor.txt', text: `${doctorText(audited.value.report)}\n`, assignments: true });
  else {
    files.push({ path: 'doctor.txt', text: `${formatFailure(audited.error)}\n`, assignments: true });
    leftOut.push({ what: 'parity doctor', reason: audited.error.message });
  }
}
