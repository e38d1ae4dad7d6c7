/**
 * Keeps V8's young generation as small as it is by now. It would be doubled again and again, up to 32 MiB, while something large is made that
 * stays: all of it survives, so a larger one collects no more, and its memory is never given back.
 */
export async function keepYoungGenerationSmall(): Promise<void> {
  // Loaded where it is wanted: it takes a millisecond.
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--semi-space-growth-factor=1');
}
