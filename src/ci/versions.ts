/** `3.11` of whatever names one CPython: `3.11`, `3.11.9`, `3.11.x`, `3.13-dev`, `cpython-3.12`; undefined for ranges, other Pythons, and names that move. */
export function pythonMinor(said: string): string | undefined {
  return /^\s*(?:c?python[-@:]?)?(3\.\d+)(?:\.(?:\d+|x|\*))?(?:-dev|t|t-dev|(?:a|b|rc)\d+)?\s*$/i.exec(said)?.[1];
}

/** Of several versions, the one nearest to the wanted by their last named part; of two as near, the newer. Undefined when there is none. */
export function nearest<T>(
  items: readonly T[],
  wanted: string,
  versionOf: (item: T) => string | undefined,
): T | undefined {
  let best: { readonly item: T; readonly distance: number; readonly part: number } | undefined;
  for (const item of items) {
    const version = versionOf(item);
    if (version === undefined) continue;
    const part = lastPart(version);
    const distance = Math.abs(part - lastPart(wanted));
    if (best === undefined || distance < best.distance || (distance === best.distance && part > best.part))
      best = { item, distance, part };
  }
  return best?.item;
}

function lastPart(version: string): number {
  const parts = /^(\d+)(?:\.(\d+))?/.exec(version);
  // Python's minor versions are apart as Node's major ones are.
  return parts?.[1] === '3' && parts[2] !== undefined ? Number(parts[2]) : Number(parts?.[1] ?? 0);
}

/** `20` of whatever names one Node: `20`, `v20.9.0`, `20.x`; undefined for names that move (`lts/*`, `latest`). */
export function nodeMajor(said: string): string | undefined {
  const text = said.trim();
  const series = /^lts[/-](\w+)$/i.exec(text)?.[1]?.toLowerCase() ?? '';
  const named = {
    argon: '4',
    boron: '6',
    carbon: '8',
    dubnium: '10',
    erbium: '12',
    fermium: '14',
    gallium: '16',
    hydrogen: '18',
    iron: '20',
    jod: '22',
    krypton: '24',
  }[series];
  return named ?? /^(?:node)?[-@:]?v?(\d+)(?:\.(?:\d+|x|\*)){0,2}$/i.exec(text)?.[1];
}

/** True for a Python that is not CPython: `pypy-3.11`, `graalpy-24`. */
export function isOtherPython(said: string): boolean {
  return /^\s*(?:pypy|graalpy|graalvm|jython|micropython)/i.test(said);
}
