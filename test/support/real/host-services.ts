import Dockerode from 'dockerode';
import type { Engine } from '../../../src/engine/engine.ts';
import { label } from '../../../src/environment/environment-id.ts';
import { must } from '../image.ts';
import { madeImage } from '../made-image.ts';
import { workflowOf, type RealRepo } from './real-repo.ts';

/** Services of a repository's jobs, started for this machine. */
export interface HostServices {
  /** Ports of this machine by those that the CI file maps. */
  readonly ports: ReadonlyMap<string, number>;
  end(): Promise<void>;
}

/**
 * Gives the engine the images that the repository's services name, by these names, where it has none: they are made here, since no registry
 * is needed for these tests. Gives the names that are new, to be removed after the tests.
 */
export async function serviceImages(engine: Engine, repo: RealRepo): Promise<readonly string[]> {
  const added: string[] = [];
  for (const { image } of services(repo)) {
    if (must(await engine.inspectImage(image)) !== undefined) continue;
    if (!image.startsWith('postgres:')) throw new Error(`${repo.name}: nothing here makes ${image}`);
    must(await engine.tagImage(await madeImage(engine, 'postgres'), image));
    added.push(image);
  }
  return added;
}

/** Starts the services as CI's runner does, their ports at free ones of this machine, and waits until each answers. */
export async function startServices(address: string, repo: RealRepo): Promise<HostServices> {
  const docker = new Dockerode({ socketPath: address.replace(/^unix:\/\//, '') });
  const ports = new Map<string, number>();
  const containers: Dockerode.Container[] = [];
  const end = async (): Promise<void> => {
    for (const container of containers) await container.remove({ force: true, v: true });
  };
  try {
    for (const { image, env = {}, ports: mapped = [] } of services(repo)) {
      const inside = mapped.map((mapping) => `${mapping.split(':').at(-1)}/tcp`);
      const container = await docker.createContainer({
        Image: image,
        Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
        Labels: { [label.kind]: 'test' },
        ExposedPorts: Object.fromEntries(inside.map((port) => [port, {}])),
        HostConfig: {
          PortBindings: Object.fromEntries(inside.map((port) => [port, [{ HostIp: '127.0.0.1', HostPort: '' }]])),
        },
      });
      containers.push(container);
      await container.start();
      await ready(container);
      const { NetworkSettings } = await container.inspect();
      for (const mapping of mapped) {
        const [outside = '', port = outside] = mapping.split(':');
        ports.set(outside, Number(NetworkSettings.Ports[`${port}/tcp`]?.[0]?.HostPort));
      }
    }
  } catch (error) {
    await end();
    throw error;
  }
  return { ports, end };
}

function services(repo: RealRepo) {
  return Object.values(workflowOf(repo).jobs).flatMap((job) => Object.values(job.services ?? {}));
}

// The server of the image that the corpus uses says itself when it is ready; it is asked over TCP, which it opens last.
async function ready(container: Dockerode.Container): Promise<void> {
  for (let tries = 0; tries < 240; tries += 1) {
    const exec = await container.exec({ Cmd: ['pg_isready', '-h', '127.0.0.1'], AttachStdout: true });
    const stream = await exec.start({});
    await new Promise((resolve) => stream.on('end', resolve).on('close', resolve).resume());
    if ((await exec.inspect()).ExitCode === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error('the database does not answer');
}
