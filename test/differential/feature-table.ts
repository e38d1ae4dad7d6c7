import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/core/paths.ts';

/** A row of a table of docs/ci.md: what an import makes of a feature, and the pipelines that show it. */
export interface FeatureRow {
  readonly feature: string;
  /** `differs`: a known fault, other lines come and nothing says so. */
  readonly kind: 'kept' | 'announced' | 'refused' | 'differs';
  readonly pipelines: readonly string[];
}

/** The rows of the table below a heading of docs/ci.md (`GitHub`, `GitLab`). */
export function featureTable(system: 'GitHub' | 'GitLab'): readonly FeatureRow[] {
  const guide = readFileSync(join(packageRoot(), 'docs', 'ci.md'), 'utf8');
  const [section = ''] = (guide.split(`## ${system}, feature by feature\n`)[1] ?? '').split('\n## ');
  const row = /^\| (.*?) \| (kept|announced|refused|differs)\b(.*?) \| (.*?) \|$/gm;
  return [...section.matchAll(row)].map(([, feature = '', kind, , names = '']) => ({
    feature,
    kind: kind as FeatureRow['kind'],
    pipelines: [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  }));
}
