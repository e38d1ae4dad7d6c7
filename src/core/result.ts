import type { Failure } from './failure.ts';

/** The outcome of an operation whose failure is expected: a value, or the reason there is none. Bugs throw instead. */
export type Result<T, E = Failure> = Ok<T> | Err<E>;

/** A result that holds a value. */
export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}

/** A result that holds the reason there is no value. */
export interface Err<E> {
  readonly ok: false;
  readonly error: E;
}

/** Wraps a value as a good result. */
export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

/** Wraps a reason as a bad result. */
export function err<E>(error: E): Err<E> {
  return { ok: false, error };
}
