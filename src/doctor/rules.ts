import type { Rule } from './audit.ts';
import { autocrlf } from './rules/autocrlf.ts';
import { caseInsensitive } from './rules/case-insensitive.ts';
import { configDiffers } from './rules/config-differs.ts';
import { diskLow } from './rules/disk-low.ts';
import { emulated } from './rules/emulated.ts';
import { endOfLife } from './rules/end-of-life.ts';
import { engineOld } from './rules/engine-old.ts';
import { envChangesTools } from './rules/env-changes-tools.ts';
import { fileModes } from './rules/file-modes.ts';
import { flagsDiffer } from './rules/flags-differ.ts';
import { floats } from './rules/floats.ts';
import { floatsInCi } from './rules/floats-in-ci.ts';
import { lockOfOnePlatform } from './rules/lock-of-one-platform.ts';
import { lockNamesOtherRegistry } from './rules/lock-names-other-registry.ts';
import { hookEnvironment } from './rules/hook-environment.ts';
import { jobsContradict } from './rules/jobs-contradict.ts';
import { hostToolDiffers } from './rules/host-tool-differs.ts';
import { importNotCommitted } from './rules/import-not-committed.ts';
import { importOtherCase } from './rules/import-other-case.ts';
import { imageDiffers } from './rules/image-differs.ts';
import { imagePackageDiffers } from './rules/image-package-differs.ts';
import { locale } from './rules/locale.ts';
import { lockFileDiffers } from './rules/lock-file-differs.ts';
import { lockOutOfStep } from './rules/lock-out-of-step.ts';
import { lockStale } from './rules/lock-stale.ts';
import { pathsDiffer } from './rules/paths-differ.ts';
import { pinDiffers } from './rules/pin-differs.ts';
import { placesDisagree } from './rules/places-disagree.ts';
import { rangeExcludes } from './rules/range-excludes.ts';
import { stepMissing } from './rules/step-missing.ts';
import { supportLacks } from './rules/support-lacks.ts';
import { targetAbove } from './rules/target-above.ts';
import { targetBelow } from './rules/target-below.ts';
import { timeZone } from './rules/time-zone.ts';
import { failureIgnored } from './rules/failure-ignored.ts';
import { typesUnchecked } from './rules/types-unchecked.ts';
import { unresolved } from './rules/unresolved.ts';
import { unpinnedInCi } from './rules/unpinned-in-ci.ts';
import { unreadable } from './rules/unreadable.ts';
import { venvDiffers } from './rules/venv-differs.ts';

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
  unresolved,
  unreadable,
  lockStale,
  lockOutOfStep,
  importNotCommitted,
  importOtherCase,
  floatsInCi,
  lockOfOnePlatform,
  lockNamesOtherRegistry,
  stepMissing,
  flagsDiffer,
  pathsDiffer,
  configDiffers,
  failureIgnored,
  typesUnchecked,
  hookEnvironment,
  jobsContradict,
  imagePackageDiffers,
  imageDiffers,
  hostToolDiffers,
  venvDiffers,
  emulated,
  engineOld,
  diskLow,
  autocrlf,
  fileModes,
  caseInsensitive,
  locale,
  timeZone,
  envChangesTools,
];
