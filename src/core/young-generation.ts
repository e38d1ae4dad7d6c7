/**
 * Stops V8 from growing its young generation. While a program builds a large structure that stays alive, V8 doubles it up to 32 MiB; since
 * everything survives, the larger size collects no more, and V8 never returns its memory.
 */
export async function keepYoungGenerationSmall(): Promise<void> {
  // Loaded here because loading takes a millisecond.
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--semi-space-growth-factor=1');
}
