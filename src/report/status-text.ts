import type { Connection } from '../engine/connect-engine.ts';
import type { EnvironmentStatus } from '../environment/environment-status.ts';

/** What a status says besides the environment. */
export interface StatusFacts extends ToolchainImages {
  readonly connection: Connection;
  /** Those of the toolchains with names; absent when there are none. */
  readonly toolchains?: Readonly<Record<string, ToolchainImages>>;
}

/** The images of one toolchain. */
export interface ToolchainImages {
  /** The lock's image for the engine's platform: its ID, `null` when the lock awaits its first build, absent without a lock. */
  readonly lockedImage?: string | null;
  /** The image that the lock and recipe yield, when the engine has it. */
  readonly presentImage?: string;
}

/** Formats what `parity status` found, a line each. */
export function statusText(options: StatusFacts, status: EnvironmentStatus): readonly string[] {
  const { endpoint, considered } = options.connection;
  const { engine } = status;
  const others = considered.filter(({ chosen, present }) => !chosen && present);
  return [
    `engine       ${engine.product} ${engine.version} (API ${engine.apiVersion}) at ${endpoint.address}`,
    `  because    ${endpoint.source}`,
    ...others.map(
      (other) => `  not        ${other.endpoint.address} (${other.endpoint.source}): ${other.passedOver ?? ''}`,
    ),
    `  platform   ${engine.platformText}, ${engine.cpus} CPUs, ${(engine.memoryBytes / 1e9).toFixed(1)} GB, ${engine.imageStore} image store${engine.rootless ? ', rootless' : ''}`,
    `image        ${imageText(options, status, undefined)}`,
    ...Object.entries(options.toolchains ?? {}).map(
      ([name, images]) => `  ${name.padEnd(10)} ${imageText(images, status, name)}`,
    ),
    ...listed('containers', status.containers.map(containerText)),
    ...listed(
      'services',
      status.services.map(({ name, state }) => `${name}: ${state}`),
    ),
    ...listed(
      'volumes',
      status.volumes.map(({ name, kind, path }) => `${name} (${path ?? kind})`),
    ),
  ];
}

function imageText(
  { lockedImage, presentImage }: ToolchainImages,
  status: EnvironmentStatus,
  name: string | undefined,
): string {
  const own = status.containers.filter(({ toolchain }) => toolchain === name);
  const used = [...new Set(own.map(({ imageId }) => imageId))];
  const there = presentImage === undefined ? 'not built here yet' : `${short(presentImage)} is here`;
  const wanted =
    lockedImage === undefined
      ? 'no lock'
      : lockedImage === null
        ? 'the lock awaits its first build on this platform'
        : presentImage === undefined || presentImage === lockedImage
          ? `the lock wants ${short(lockedImage)}`
          : `the lock wants ${short(lockedImage)}, which this is not`;
  const old = used.filter((id) => presentImage !== undefined && id !== presentImage);
  return `${there}; ${wanted}${old.length === 0 ? '' : `; containers still use ${old.map(short).join(', ')}`}`;
}

function containerText(container: EnvironmentStatus['containers'][number]): string {
  const lease =
    container.leaseLeftSeconds === null
      ? 'does not answer'
      : `ends in ${duration(container.leaseLeftSeconds)} if unused`;
  const use =
    container.sessions === 0 ? lease : `in use by ${container.sessions} (${container.commands.join(', ') || 'idle'})`;
  const toolchain = container.toolchain === undefined ? '' : `toolchain ${container.toolchain}, `;
  const job = container.job === undefined ? toolchain : `job ${container.job}, ${toolchain}`;
  return `${container.name}: ${container.state} for ${duration(container.ageSeconds)}, ${job}network ${container.network}, ${use}`;
}

function listed(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0
    ? [`${title.padEnd(12)} none`]
    : lines.map((line, at) => `${(at === 0 ? title : '').padEnd(12)} ${line}`);
}

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function short(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
