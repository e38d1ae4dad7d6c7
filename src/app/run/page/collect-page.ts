import { join } from 'node:path';
import type { StepConfig } from '../../../config/config.ts';
import { toolchainConfig, toolchainsOf, type ToolchainName } from '../../../config/toolchains.ts';
import { cacheFolder } from '../../../core/cache-folder.ts';
import { cacheJson, readCachedJson } from '../../../core/json-cache.ts';
import { isObject, isStrings } from '../../../core/json.ts';
import { cacheDir } from '../../../core/paths.ts';
import type { Platform } from '../../../core/platform.ts';
import { probeImage, type ImageContents } from '../../../doctor/probes/image.ts';
import type { Engine } from '../../../engine/engine.ts';
import { requiredToolchainLock } from '../../../lock/toolchain-lock.ts';
import type { RunFinished } from '../../../pipeline/events.ts';
import { lastPassOf } from '../../../receipt/last-pass.ts';
import type { Receipt, RunPlan } from '../../../receipt/receipt.ts';
import { noFacts, type PageFacts, type VersionsTable } from '../../../report/run/page/page-facts.ts';
import type { AppContext } from '../../context.ts';
import { explainStep } from '../explain-step.ts';
import type { PreparedRun } from '../prepare-run.ts';
import type { StepCache } from '../step-cache.ts';
import { readSourceLines } from './source-lines.ts';
import { versionsTable } from './versions.ts';

/** What explains why a step ran. */
export interface WhySteps {
  readonly steps: readonly StepConfig[];
  readonly cache:
    Pick<StepCache, 'passOf' | 'spotChecked' | 'elsewhere' | 'expired' | 'ofJobs' | 'distrust'> | undefined;
  /** The project whose runs are remembered, absolute. */
  readonly projectDir: string;
  /** This run as it was planned; undefined when the files can't be read. */
  readonly now: RunPlan | undefined;
  readonly options: { readonly cold: boolean; readonly noCache?: boolean; readonly isShard: boolean };
}

/** Why each step of a run ran, or did not have to. To be asked before the run's own receipt is kept. */
export function explainStepsForPage({ steps, cache, projectDir, now, options }: WhySteps): ReadonlyMap<string, string> {
  const everywhere = whyAll(options);
  return new Map(
    steps.map((step) => {
      const { name } = step;
      if (everywhere !== undefined) return [name, everywhere];
      const pass = cache?.passOf(name);
      const text = explainStep({
        step,
        pass,
        audited: cache?.spotChecked.get(name),
        elsewhere: cache?.elsewhere.get(name),
        expired: cache?.expired.get(name),
        forJob: cache?.ofJobs.get(name),
        distrust: cache?.distrust ?? new Map(),
        last: pass === undefined ? lastPassOf(projectDir, name) : undefined,
        now,
      });
      return [name, text.startsWith(`${name} `) ? text.slice(name.length + 1) : text];
    }),
  );
}

function whyAll({ cold, noCache, isShard }: WhySteps['options']): string | undefined {
  if (noCache === true) return 'runs: --no-cache believes no earlier pass';
  if (cold) return 'runs: a cold run believes no earlier pass';
  return isShard ? 'runs: a shard runs its part, whatever passed before' : undefined;
}

/** What the page of a run is made of beside the run. */
export interface PageSubject {
  readonly planned: PreparedRun;
  readonly why: ReadonlyMap<string, string>;
  readonly engine: Engine;
  readonly platform: Platform | undefined;
  readonly finished: RunFinished;
  readonly receipt: Receipt | undefined;
}

/** Gathers what `--report html=FILE` shows beside the run; what can't be had is left out. Never fails. */
export async function collectPage(context: AppContext, subject: PageSubject): Promise<PageFacts> {
  const { planned, why, receipt } = subject;
  const {
    secrets: { mask },
  } = context;
  const workspace = await planned.opened.workspace;
  const names = toolchainsOf(planned.steps);
  const [sources, ...tables] = await Promise.all([
    receipt === undefined || !workspace.ok ? noFacts.sources : readSourceLines(workspace.value.hostRoot, receipt, mask),
    ...names.map((name) => tableOf(context, subject, name)),
  ]);
  return {
    why: new Map([...why].map(([step, text]) => [step, mask(text)])),
    sources,
    versions: {
      rows: tables.flatMap(({ rows }) => rows),
      notObserved: tables.find(({ notObserved }) => notObserved !== null)?.notObserved ?? null,
    },
  };
}

/** The versions of one toolchain; those of a named one say so. */
async function tableOf(context: AppContext, subject: PageSubject, name: ToolchainName): Promise<VersionsTable> {
  const { planned, finished, receipt } = subject;
  const ran = name === undefined ? receipt?.image : receipt?.toolchains?.[name];
  const isOnly = toolchainsOf(planned.steps).length === 1;
  const observed = await observe(context, subject, isOnly ? finished.imageId : (ran?.id ?? null));
  const lock = requiredToolchainLock(planned.lock, name);
  const table = versionsTable(toolchainConfig(planned.opened.config, name), lock, observed);
  if (name === undefined) return table;
  return { ...table, rows: table.rows.map((row) => ({ ...row, name: `${row.name} (${name})` })) };
}

/** What an image of the run holds, or why that is not known. An image never changes, so each is looked into once. */
async function observe(
  { env, signal }: AppContext,
  { engine, platform }: PageSubject,
  imageId: string | null,
): Promise<ImageContents | string> {
  if (imageId === null || platform === undefined) return 'the run ended before it had one';
  const file = join(cacheFolder('observed', cacheDir(env)), `${imageId.replace(/\W+/g, '-')}.json`);
  const kept = readCachedJson(file, cachedContents);
  if (kept !== undefined) return kept;
  if (signal.aborted) return 'the run was interrupted';
  const found = await probeImage(engine, { image: imageId, platform, signal });
  if (!found.ok) return found.error.message;
  await cacheJson(file, { ...found.value, packages: [...found.value.packages] });
  return found.value;
}

/** As they were cached: the packages are pairs of a name and a version. */
function cachedContents(value: unknown): ImageContents | undefined {
  if (!isObject(value) || typeof value['python'] !== 'string' || !isPairs(value['packages'])) return undefined;
  const { python, packages, node, npm } = value;
  return {
    python,
    packages: new Map(packages),
    ...(typeof node === 'string' ? { node } : {}),
    ...(typeof npm === 'string' ? { npm } : {}),
  };
}

function isPairs(value: unknown): value is readonly (readonly [string, string])[] {
  return Array.isArray(value) && value.every((pair) => isStrings(pair) && pair.length === 2);
}
