import semver from 'semver';
import { suites } from '../../base/debian/suites.ts';
import type { DecidedPipeline } from '../../ci/decided-pipeline.ts';
import { wantedVersion, type WantedVersion } from '../../ci/wanted-versions.ts';
import type { Detected } from '../../config/detect.ts';
import { pythonWishes } from '../../config/detect/python-version.ts';
import { referenceNode } from '../../config/detect/reference.ts';
import type { ReadRepo } from '../../config/detect/repo.ts';
import { readJson } from '../../core/json.ts';
import { tableAt } from '../../formats/table.ts';

/** The Python and the Node that are wanted of CI's jobs. */
export interface WantedVersions {
  readonly python: WantedVersion;
  readonly node: WantedVersion;
}

interface Target {
  readonly repo: ReadRepo;
  readonly detected: Detected;
}

/** What the repository's own files ask for, before CI is asked. */
export function detectedVersions({ detected: { config } }: Target): WantedVersions {
  return { python: { version: config.toolchain.python }, node: { version: config.toolchain.node ?? referenceNode } };
}

/** The versions that suit the jobs of CI and the repository's own files (see wantedVersion). */
export function wantedVersions(pipelines: readonly DecidedPipeline[], target: Target): WantedVersions {
  const jobs = pipelines.flatMap((pipeline) => pipeline.jobs).filter(({ steps }) => steps.length > 0);
  const before = detectedVersions(target);
  const python = pythonWishes(target.repo);
  return {
    python: wantedVersion(jobs, 'python', {
      detected: before.python.version,
      isNamed: python.named !== undefined,
      admits: python.admits,
      isEverywhere,
    }),
    node: wantedVersion(jobs, 'node', {
      detected: before.node.version,
      isNamed: target.detected.decisions.some(({ subject, why }) => subject === 'node' && / names it\b/.test(why)),
      admits: (major) => nodeRanges(target.repo).every((range) => semver.intersects(range, `^${major}`)),
      isEverywhere: () => true,
    }),
  };
}

/** True for a Python (`3.11`) that every base has: a registry has them all, Debian's packages have these. */
export function isEverywhere(minor: string): boolean {
  return suites.some((suite) => suite.python === minor);
}

/** `engines.node` of the project's package.json files. */
function nodeRanges(repo: ReadRepo): readonly string[] {
  return repo.files
    .filter((path) => /(?:^|\/)package\.json$/.test(path) && path.split('/').length <= 3)
    .flatMap((path) => {
      const range = tableAt(readJson(repo.text(path) ?? '', tableAt), 'engines')?.['node'];
      return typeof range === 'string' && semver.validRange(range) !== null ? [range] : [];
    });
}
