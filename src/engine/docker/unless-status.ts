import { statusOf } from './errors.ts';

/** The call's value, or `instead` when the engine answers with that status. */
export async function unlessStatus<T, U>(status: number, instead: U, run: () => Promise<T>): Promise<T | U> {
  try {
    return await run();
  } catch (error) {
    if (statusOf(error) === status) return instead;
    throw error;
  }
}
