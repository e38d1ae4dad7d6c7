/** A version condition and a version to hold against it. */
export interface VersionPair {
  readonly specifier: string;
  readonly version: string;
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function numbersOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Choices of one sequence of numbers. */
function chooser(seed: number) {
  const next = numbersOf(seed);
  const one = <Item>(items: readonly [Item, ...Item[]]): Item => items[Math.floor(next() * items.length)] ?? items[0];
  return { one, maybe: (chance: number, made: () => string): string => (next() < chance ? made() : ''), next };
}

/**
 * Pairs of PEP 440, as many as asked for and the same ones for the same seed: versions in all their parts and spellings, close to the bounds that they
 * are held against, specifier sets of one to three clauses, some that are none.
 */
export function pythonPairs(seed: number, count: number): readonly VersionPair[] {
  const { one, maybe, next } = chooser(seed);
  const number = (): string => one(['0', '1', '2', '3', '01', '10']);
  const release = (): string =>
    Array.from({ length: one([1, 2, 2, 3, 3, 4]) }, (_, index) =>
      index === 0 ? one(['1', '1', '2', '0']) : number(),
    ).join('.');
  const pre = (): string =>
    `${one(['', '.', '-', '_'])}${one(['a', 'b', 'rc', 'c', 'alpha', 'beta', 'pre', 'preview', 'RC'])}${one(['', '.', ''])}${one(['', '0', '1', '2'])}`;
  const post = (): string => one(['.post1', '.post0', '-1', 'post2', '.rev1', '-r2', '.post', '_post1']);
  const dev = (): string => one(['.dev0', '.dev1', 'dev2', '-dev', '.DEV1']);
  const local = (): string => `+${one(['cpu', 'cu118', '1', '2', '1.2', 'local.1', 'abc-1', 'ABC_1', 'ubuntu.10'])}`;
  const core = (): string =>
    `${maybe(0.05, () => 'v')}${maybe(0.08, () => one(['0!', '1!', '1!', '2!']))}${release()}${maybe(0.25, pre)}${maybe(0.15, post)}${maybe(0.15, dev)}`;
  const version = (): string => `${core()}${maybe(0.15, local)}`;
  const close = (to: string): string => {
    const bare = to.replace(/\+.*$/, '');
    return one([
      () => bare,
      () => `${bare}.0`,
      () => `${bare}${one(['a1', 'rc1', '.dev0', '.post1', '.post1.dev0'])}`,
      () => `${bare}${local()}`,
      () => bare.replace(/[^\d.!].*$/, ''),
      () => `${bare.replace(/[^\d.!].*$/, '')}${one(['a1', 'b2', 'rc1', '.dev1', '.post1'])}${maybe(0.2, local)}`,
      version,
    ] as const)();
  };
  const clause = (around: string): string => {
    const operator = one(['==', '!=', '>=', '<=', '>', '<', '~=', '===']);
    const target = next() < 0.7 ? close(around) : version();
    const isFit = next() < 0.9;
    const plain = isFit && !['==', '!=', '==='].includes(operator) ? target.replace(/\+.*$/, '') : target;
    const prefix =
      ['==', '!='].includes(operator) && next() < 0.35 ? `${plain.replace(/(?<=\d)[^\d.!].*$/, '')}.*` : plain;
    return `${operator}${maybe(0.15, () => ' ')}${prefix}`;
  };
  return Array.from({ length: count }, () => {
    const tested = version();
    const specifier = Array.from({ length: one([1, 1, 1, 2, 3]) }, () => clause(tested)).join(one([',', ', ']));
    return {
      specifier: next() < 0.02 ? one(['', 'nonsense', '>=1.*', '^1.2', '=1.0', '>=1,,<2', '1.0']) : specifier,
      version: tested,
    };
  });
}

/** Pairs of npm's semver, as many as asked for and the same ones for the same seed: ranges as manifests have them, versions close to their bounds. */
export function npmPairs(seed: number, count: number): readonly VersionPair[] {
  const { one, maybe, next } = chooser(seed);
  const number = (): string => one(['0', '1', '1', '2', '3', '10']);
  const pre = (): string => one(['-alpha', '-alpha.1', '-beta.2', '-rc.1', '-0', '-next.10', '-rc.1.x']);
  const version = (): string =>
    `${number()}.${number()}.${number()}${maybe(0.25, pre)}${maybe(0.06, () => '+build.5')}`;
  const close = (to: string): string =>
    one([() => to, () => to.replace(/[-+].*$/, ''), () => `${to.replace(/[-+].*$/, '')}${pre()}`, version] as const)();
  const partial = (to: string): string => {
    const [major = '1', minor = '0'] = to.split('.');
    return one([major, `${major}.${minor}`, `${major}.x`, `${major}.${minor}.x`, `${major}.*`]);
  };
  const comparator = (around: string): string =>
    next() < 0.3
      ? `${one(['', '^', '~', '>=', '<', '>', '<=', '='])}${partial(around)}`
      : `${one(['', '^', '^', '~', '>=', '<', '>', '<=', '=', 'v'])}${maybe(0.08, () => ' ')}${close(around)}`;
  const range = (around: string): string =>
    next() < 0.12
      ? `${close(around)} - ${next() < 0.5 ? close(around) : partial(around)}`
      : Array.from({ length: one([1, 1, 2]) }, () => comparator(around)).join(' ');
  return Array.from({ length: count }, () => {
    const tested = version();
    const specifier = Array.from({ length: one([1, 1, 1, 2]) }, () => range(tested)).join(' || ');
    return {
      specifier: next() < 0.02 ? one(['', '*', 'x', 'latest', '>=1 || nonsense', 'workspace:*']) : specifier,
      version: tested,
    };
  });
}
