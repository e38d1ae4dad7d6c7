import type Docker from 'dockerode';

/**
 * Which containers have a terminal, by ID: it decides how the engine frames a container's output. It never changes, so the engine is asked
 * once for each container.
 */
export class ContainerTerminals {
  readonly #known = new Map<string, boolean>();

  /** Records what is known from a container's creation. */
  add(id: string, hasTerminal: boolean): void {
    this.#known.set(id, hasTerminal);
  }

  /** Drops a container that is gone. */
  remove(id: string): void {
    this.#known.delete(id);
  }

  /** Whether a container has a terminal; rejects as dockerode does. */
  async has(docker: Docker, id: string): Promise<boolean> {
    return this.#known.get(id) ?? (await this.inspect(docker, id)).Config.Tty;
  }

  /** Inspects a container, and records its terminal on the way; rejects as dockerode does. */
  async inspect(docker: Docker, id: string): Promise<Docker.ContainerInspectInfo> {
    const raw = await docker.getContainer(id).inspect();
    this.#known.set(id, raw.Config.Tty).set(raw.Id, raw.Config.Tty);
    return raw;
  }
}
