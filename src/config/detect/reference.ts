import reference from './reference.json' with { type: 'json' };

/** Python of the reference lock, taken where the repo names none. */
export const referencePython: string = reference.python;

/** Node.js of the reference lock, taken where the repo names none. */
export const referenceNode: string = reference.node;

/** The exact versions of the reference lock by package name, taken where the repo pins nothing. */
export const referencePins: Readonly<Record<string, string | undefined>> = reference.pins;
