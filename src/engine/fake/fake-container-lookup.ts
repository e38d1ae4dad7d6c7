import { failure, type Failure } from '../../core/failure.ts';
import { err, type Err } from '../../core/result.ts';
import type { FakeContainer } from './fake-container.ts';
import type { FakeState } from './fake-state.ts';

/** A container by its ID, the beginning of it, or its name. */
export function findContainer({ containers }: FakeState, id: string): FakeContainer | undefined {
  return containers.find((one) => one.id === id || one.name === id || (id.length >= 12 && one.id.startsWith(id)));
}

/** The engine's answer for a container that it does not have. */
export function noSuchContainer(id: string, action: string): Err<Failure> {
  return err(failure('engine-refused', `could not ${action}`, { detail: `No such container: ${id}` }));
}
