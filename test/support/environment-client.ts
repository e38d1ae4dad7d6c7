// A client of an environment in a process of its own, for tests that kill it or run it as someone else. argv[2] is JSON.
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { openEnvironment } from '../../src/environment/open-environment.ts';
import type { Config } from '../../src/config/config.ts';

/** What the client does. */
export interface ClientOrder {
  readonly address: string;
  readonly dir: string;
  readonly imageId: string;
  readonly config: Pick<Config, 'services' | 'pipeline'>;
  readonly leaseSeconds: number;
  readonly scripts: readonly { readonly network: 'none' | 'services' | 'full'; readonly run: string }[];
}

const order = JSON.parse(process.argv[2] ?? '') as ClientOrder;
const engine = createDockerEngine({ address: order.address, source: 'test' });
const opened = await openEnvironment({
  engine,
  project: { dir: order.dir },
  config: order.config,
  imageId: order.imageId,
  platform: process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64',
  leaseSeconds: order.leaseSeconds,
  emit: () => {},
  signal: new AbortController().signal,
});
const say = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
if (!opened.ok) {
  say(opened);
  process.exitCode = 3;
} else {
  await Promise.all(
    order.scripts.map(async ({ network, run }, at) => {
      const argv = ['bash', '-euo', 'pipefail', '-c', run];
      const env = {};
      const command = await opened.value.start({ name: `s${at}`, argv, cwd: opened.value.workspaceDir, env, network });
      if (!command.ok) return say({ at, ...command });
      let text = '';
      for await (const { data } of command.value.output) {
        text += data.toString();
        if (text.includes('HELD')) say({ held: at });
      }
      const exit = await command.value.exit;
      say({ at, text, exitCode: exit.ok ? exit.value.exitCode : exit.error.reason });
    }),
  );
  await opened.value.release();
}
await engine.close();
