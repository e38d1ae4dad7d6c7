import type { Config } from '../../config/config.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';

/** Where a project shares its image: `registry/repository`. Err `config-invalid` when it says nothing of that. */
export function repositoryOf({ image }: Pick<Config, 'image'>): Result<string> {
  if (image.repository !== undefined) return ok(image.repository);
  return err(
    failure('config-invalid', 'parity.yaml does not say where the image is shared', {
      next: 'add to parity.yaml:   image: { repository: registry.example.com/team/parity }',
    }),
  );
}
