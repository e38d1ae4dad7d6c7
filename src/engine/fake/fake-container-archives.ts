import { posix } from 'node:path';
import { failure } from '../../core/failure.ts';
import { err, ok } from '../../core/result.ts';
import type { ArchiveMethods } from '../docker/container-archives.ts';
import { findContainer, noSuchContainer } from './fake-container-lookup.ts';
import { fakeFolders, hasPath, packFrom, unpackInto } from './fake-files.ts';
import type { FakeState } from './fake-state.ts';

/** The files of the fake's containers. */
export function fakeArchiveMethods(state: FakeState): ArchiveMethods {
  return {
    async putArchive(id, path, tar) {
      const container = findContainer(state, id);
      const action = `put files at ${path} of container ${id}`;
      if (container === undefined) return noSuchContainer(id, action);
      if (!fakeFolders.includes(posix.resolve('/', path)) && !hasPath(container.files, path))
        return err(
          failure('engine-refused', `could not ${action}`, {
            detail: `Could not find the file ${path} in container ${id}`,
          }),
        );
      await unpackInto(container.files, path, tar);
      return ok(undefined);
    },

    async getArchive(id, path) {
      const container = findContainer(state, id);
      const action = `read ${path} of container ${id}`;
      if (container === undefined) return noSuchContainer(id, action);
      if (!hasPath(container.files, path))
        return err(
          failure('engine-refused', `could not ${action}`, {
            detail: `Could not find the file ${path} in container ${id}`,
          }),
        );
      return ok(packFrom(container.files, path));
    },
  };
}
