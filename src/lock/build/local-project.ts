import type { Place } from '../requirements/requirement.ts';
import type { BuildSystem } from './build-system.ts';

/** A package of the repository that is to be built and installed. */
export interface LocalProject {
  /** Relative to the project; `.` for the project itself. */
  readonly path: string;
  readonly build: BuildSystem;
  /** Who asks for it. */
  readonly place: Place;
  /** False when it is installed as its wheel, as `pip install .` does it; absent where nobody says: editable. */
  readonly isEditable?: boolean;
  /** Set when only the build backend can tell what it needs: the extras whose requirements are wanted, too. */
  readonly asksBackend?: { readonly extras: readonly string[] };
}
