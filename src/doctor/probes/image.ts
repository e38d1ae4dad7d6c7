import { failure } from '../../core/failure.ts';
import type { Platform } from '../../core/platform.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { isObject, readJson } from '../../core/json.ts';
import type { Engine } from '../../engine/engine.ts';
import type { ObservedImage } from '../observed.ts';

/** What an image holds, as its own installers recorded it. */
export type ImageContents = Pick<ObservedImage, 'python' | 'packages' | 'node' | 'npm' | 'pnpm' | 'yarn' | 'bun'>;

/**
 * Distributions by the metadata that the installer left (not by asking tools for their version), Python from the interpreter itself, Node
 * from its binary, its package managers from their package.json.
 */
const program = `
import importlib.metadata, json, os, platform, re, shutil, subprocess
packages = {}
for found in importlib.metadata.distributions():
    name = found.metadata['Name']
    if name:
        packages.setdefault(re.sub(r'[-_.]+', '-', name).lower(), found.version)
answer = {'python': platform.python_version(), 'packages': packages}
node = shutil.which('node')
if node:
    answer['node'] = subprocess.run([node, '-p', 'process.versions.node'], capture_output=True, text=True).stdout.strip()
for manager in ('npm', 'pnpm', 'yarn', 'bun'):
    path = shutil.which(manager)
    if path:
        folder = os.path.dirname(os.path.dirname(os.path.realpath(path)))
        try:
            with open(os.path.join(folder, 'package.json')) as file:
                answer[manager] = json.load(file)['version']
        except (OSError, KeyError, ValueError):
            pass
print('parity:' + json.dumps(answer))
`;

/**
 * Looks into an image: starts a container of it without network, which is removed afterwards. Err as the engine has it, and
 * `image-not-found` for an image without parity's Python.
 */
export async function probeImage(
  engine: Engine,
  { image, platform, signal }: { readonly image: string; readonly platform: Platform; readonly signal?: AbortSignal },
): Promise<Result<ImageContents>> {
  const created = await engine.createContainer({
    image,
    platform,
    entrypoint: [],
    command: ['/opt/parity/bin/python', '-I', '-c', program],
    env: { PATH: '/opt/parity/bin:/usr/local/bin:/usr/bin:/bin' },
    // By its age the next \`parity lock\` knows one that a killed parity has left.
    labels: { 'dev.parity.kind': 'lock', 'dev.parity.made-at': String(Date.now()) },
    network: 'none',
  });
  if (!created.ok) return created;
  const id = created.value;
  try {
    const started = await engine.startContainer(id);
    if (!started.ok) return started;
    const exit = await engine.waitContainer(id, signal === undefined ? {} : { signal });
    if (!exit.ok) return exit;
    const logs = await engine.containerLogs(id);
    if (!logs.ok) return logs;
    const line = logs.value.split('\n').find((one) => one.startsWith('parity:'));
    if (exit.value.exitCode !== 0 || line === undefined)
      return err(failure('image-not-found', "the image's Python does not run", { detail: logs.value }));
    const contents = readJson(line.slice('parity:'.length), contentsOf);
    if (contents === undefined)
      return err(failure('image-not-found', "the image's Python gave no readable answer", { detail: logs.value }));
    return ok(contents);
  } finally {
    await engine.removeContainer(id);
  }
}

function contentsOf(value: unknown): ImageContents | undefined {
  if (!isObject(value) || typeof value['python'] !== 'string' || !isObject(value['packages'])) return undefined;
  const { python, packages, node, npm, pnpm, yarn, bun } = value;
  const versions = Object.entries(packages).map(([name, version]) => [name, String(version)] as const);
  return {
    python,
    packages: new Map(versions),
    ...(typeof node !== 'string' || node === '' ? {} : { node }),
    ...(typeof npm === 'string' ? { npm } : {}),
    ...(typeof pnpm === 'string' ? { pnpm } : {}),
    ...(typeof yarn === 'string' ? { yarn } : {}),
    ...(typeof bun === 'string' ? { bun } : {}),
  };
}
