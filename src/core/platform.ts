/** The platforms that a lock pins, as OCI writes them: os/architecture. */
export const platforms = ['linux/amd64', 'linux/arm64'] as const;

/** One of the platforms that a lock pins. */
export type Platform = (typeof platforms)[number];

/** The platform of an engine's `os` and `architecture` words (`x86_64`, `aarch64` …); undefined when parity has none for it. */
export function platformOf(os: string, architecture: string): Platform | undefined {
  if (os !== 'linux') return undefined;
  if (['amd64', 'x86_64', 'x64'].includes(architecture)) return 'linux/amd64';
  if (['arm64', 'aarch64', 'arm64v8'].includes(architecture)) return 'linux/arm64';
  return undefined;
}

/** The architecture's name in Debian's words. */
export function debianArchitecture(platform: Platform): 'amd64' | 'arm64' {
  return platform === 'linux/amd64' ? 'amd64' : 'arm64';
}
