import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { networkSettings } from '../base/network-settings.ts';
import { failure } from '../core/failure.ts';
import { readPackageFile } from '../core/package-file.ts';
import { privateModes } from '../core/cache-folder.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { AttachedChannel, Engine } from '../engine/engine.ts';
import { certificatesPath } from '../workspace/certificates.ts';
import { firstFile, seedTar } from '../workspace/seed-tar.ts';
import { rootOwner, type SeedEntry } from '../workspace/seed-entry.ts';
import { workspaceRoot } from '../workspace/workspace.ts';
import { containerHome, withGroupEntry, withPasswdEntry } from '../workspace/container-user.ts';
import { ensureWithSysctls, type EnsuredContainer } from './ensure-container.ts';
import { runDir } from './environment-id.ts';
import { builtInCheckEntries } from './built-in-checks.ts';
import { bytecodeEntries } from './bytecode.ts';
import { cacheRoot, volumeLabels, type EnvironmentFacts, type StepsPlan } from './container-plan.ts';
import { installerEntries, pathWithInstalled } from './installed-projects.ts';
import { pytestPluginEntries } from './pytest-plugins.ts';
import { directDir, supervisorDir, supervisorFiles } from './protocol.ts';
import { engineFile } from './reach-supervisor.ts';
import type { EngineIdentity } from './host-files-probe.ts';

/** Makes the steps' container of a plan, or gives the one that is there; its supervisor listens when this returns well. */
export async function makeStepsContainer(
  engine: Engine,
  facts: EnvironmentFacts,
  plan: StepsPlan,
  options: { readonly leaseSeconds: number; readonly hostEnv: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<Result<EnsuredContainer>> {
  for (const made of await Promise.all(
    plan.volumes.map((volume) => engine.createVolume(volume.name, volumeLabels(facts, volume))),
  ))
    if (!made.ok) return made;
  const info = await engine.describe();
  if (!info.ok) return info;
  const socketDir = facts.direct ? await makeRunDir(plan.spec.name, info.value) : ok(undefined);
  if (!socketDir.ok) return socketDir;
  const extra = plan.access === 'full' ? await clientSettings(options.hostEnv) : ok({});
  if (!extra.ok) return extra;
  const path = facts.build === undefined ? ok({}) : await pathWithInstalled(engine, plan.spec.image);
  if (!path.ok) return path;
  const spec = {
    ...plan.spec,
    command: ['--lease', String(options.leaseSeconds), ...(plan.spec.command ?? [])],
    env: { ...plan.spec.env, ...extra.value, ...path.value },
    mounts: [
      ...(plan.spec.mounts ?? []),
      ...(socketDir.value === undefined ? [] : [{ type: 'bind', source: socketDir.value, target: directDir } as const]),
    ],
  };
  let channel: AttachedChannel | undefined;
  const made = await ensureWithSysctls(engine, spec, {
    signal: options.signal,
    prepare: async (id) => {
      const seeded = await seed(engine, id, facts, plan);
      if (!seeded.ok) return seeded;
      const attached = await engine.attachContainer(id, { stdin: false });
      if (!attached.ok) return attached;
      channel = attached.value;
      return ok(undefined);
    },
    started: () => (channel === undefined ? Promise.resolve(ok(undefined)) : untilListening(channel)),
  });
  channel?.detach();
  return made;
}

/** Everything that the container gets beside its image and mounts, in one tar: accounts, HOME, git's settings, the supervisor. */
async function seed(engine: Engine, id: string, facts: EnvironmentFacts, plan: StepsPlan): Promise<Result<void>> {
  const [passwd, group] = await Promise.all([readFile(engine, id, '/etc/passwd'), readFile(engine, id, '/etc/group')]);
  const { user } = facts;
  const file = (path: string, data: string | Buffer): SeedEntry => {
    return { type: 'file', path, data, mode: 0o644, owner: rootOwner };
  };
  const folder = (path: string, mode: number): SeedEntry => ({ type: 'folder', path, mode, owner: user });
  const entries: SeedEntry[] = [
    file('/etc/passwd', withPasswdEntry(passwd, user)),
    file('/etc/group', withGroupEntry(group, user)),
    // The files are the caller's own, whatever uid the engine shows for them.
    file('/etc/gitconfig', '[safe]\n\tdirectory = *\n'),
    file('/etc/yarnrc', `--cache-folder "${cacheRoot}/yarn-1"\n`),
    ...supervisorFiles.map((name) =>
      file(`${supervisorDir.container}/${name}`, readPackageFile(`${supervisorDir.package}/${name}`)),
    ),
    ...pytestPluginEntries(facts.python),
    ...builtInCheckEntries(),
    ...bytecodeEntries(facts.python, user),
    folder(containerHome, 0o755),
    folder('/parity/private', 0o700),
    ...(plan.copied ? foldersOfCopy(facts, plan) : []).map((path) => folder(path, 0o755)),
    ...plan.volumes.map(({ target }) => folder(target, 0o755)),
    ...(facts.build === undefined ? [] : installerEntries(facts.python)),
  ];
  if (plan.access === 'full' && facts.certificates !== undefined)
    entries.push(file(certificatesPath, facts.certificates));
  return engine.putArchive(id, '/', await seedTar(entries));
}

/** The folders of a copy that the engine would make as root: those that volumes are mounted below, and the one to start in. Parents first. */
function foldersOfCopy({ workspace }: EnvironmentFacts, { volumes }: StepsPlan): readonly string[] {
  const folders = new Set<string>();
  for (const path of [workspace.containerProject, ...volumes.map(({ target }) => posix.dirname(target))])
    for (let at = path; at.startsWith(`${workspaceRoot}/`); at = posix.dirname(at)) folders.add(at);
  return [workspaceRoot, ...[...folders].sort()];
}

/** A file of the image; empty when it has none. */
async function readFile(engine: Engine, id: string, path: string): Promise<string> {
  const tar = await engine.getArchive(id, path);
  return (tar.ok ? await firstFile(tar.value) : undefined) ?? '';
}

async function makeRunDir(containerName: string, engine: EngineIdentity): Promise<Result<string>> {
  const path = runDir(containerName);
  try {
    await mkdir(path, { recursive: true, mode: privateModes.runFolder });
    await writeFile(join(path, engineFile.file), engineFile.of(engine));
    await removeOldRunDirs(dirname(path));
    return ok(path);
  } catch (error) {
    const full = (error as NodeJS.ErrnoException).code === 'ENOSPC';
    return err(failure(full ? 'disk-full' : 'io', `The folder ${path} cannot be made`, { detail: String(error) }));
  }
}

/** Containers end by themselves and leave their folder; one that is in use after all is then reached through the engine. */
async function removeOldRunDirs(parent: string): Promise<void> {
  const weekAgo = Date.now() - 7 * 24 * 3600 * 1000;
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < weekAgo) await rm(path, { recursive: true, force: true });
  }
}

/** pip's, uv's and npm's own addresses on this host, which asks their clients and so takes a while. */
async function clientSettings(hostEnv: NodeJS.ProcessEnv): Promise<Result<Readonly<Record<string, string>>>> {
  const settings = await networkSettings(hostEnv);
  if (!settings.ok) return settings;
  const { pythonIndex, npmRegistry } = settings.value;
  return ok({ ...pythonIndex, ...(npmRegistry === undefined ? {} : { npm_config_registry: npmRegistry }) });
}

/** Waits for the supervisor's first line; Err `environment-lost` with what it said when it ends instead. */
function untilListening(channel: AttachedChannel): Promise<Result<void>> {
  return new Promise((resolve) => {
    let said = '';
    const hear = (chunk: Buffer): void => {
      said += chunk.toString('utf8');
      if (said.includes('"listening"')) resolve(ok(undefined));
    };
    channel.stdout.on('data', hear);
    channel.stderr.on('data', hear);
    void channel.closed.then(() =>
      resolve(
        err(
          failure('environment-lost', "The steps' container ended as soon as it was started", {
            ...(said === '' ? {} : { detail: said.trim() }),
            next: 'the image needs python3 (3.9 or newer) in its PATH: parity build',
          }),
        ),
      ),
    );
  });
}
