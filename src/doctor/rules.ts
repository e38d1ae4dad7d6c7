import type { Rule } from './audit.ts';
import { configDiffers } from './rules/config-differs.ts';
import { endOfLife } from './rules/end-of-life.ts';
import { flagsDiffer } from './rules/flags-differ.ts';
import { floats } from './rules/floats.ts';
import { lockFileDiffers } from './rules/lock-file-differs.ts';
import { lockStale } from './rules/lock-stale.ts';
import { pathsDiffer } from './rules/paths-differ.ts';
import { pinDiffers } from './rules/pin-differs.ts';
import { placesDisagree } from './rules/places-disagree.ts';
import { rangeExcludes } from './rules/range-excludes.ts';
import { stepMissing } from './rules/step-missing.ts';
import { supportLacks } from './rules/support-lacks.ts';
import { targetAbove } from './rules/target-above.ts';
import { targetBelow } from './rules/target-below.ts';
import { toothless } from './rules/toothless.ts';
import { undecided } from './rules/undecided.ts';
import { unpinnedInCi } from './rules/unpinned-in-ci.ts';
import { unreadable } from './rules/unreadable.ts';

/** Every rule, by id. */
export const rules: readonly Rule[] = [
  pinDiffers,
  rangeExcludes,
  placesDisagree,
  floats,
  unpinnedInCi,
  endOfLife,
  targetAbove,
  targetBelow,
  supportLacks,
  lockFileDiffers,
  undecided,
  unreadable,
  lockStale,
  stepMissing,
  flagsDiffer,
  pathsDiffer,
  configDiffers,
  toothless,
];
