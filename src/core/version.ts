import pkg from '../../package.json' with { type: 'json' };

/** This parity's own version, from its package.json. */
export const parityVersion: string = pkg.version;
