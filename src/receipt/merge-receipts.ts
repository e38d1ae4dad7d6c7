import { sha256 } from '../core/digest.ts';
import { failure } from '../core/failure.ts';
import type { FoundRemedy } from '../core/found-remedy.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { RunOutcome, StepOutcome } from '../pipeline/events.ts';
import { isSameImage } from './compare-receipts.ts';
import type { NamedReceipt } from './read-receipt.ts';
import type { Receipt, ReceiptStep } from './receipt.ts';

/**
 * The receipts of all shards of one run as the receipt of the whole. A step that ran on several shards has the worst outcome of its parts; times
 * run side by side (the longest counts), CPU time adds up. Err `receipt-invalid` naming the file that does not belong to the others, or the shard
 * that is missing or there twice.
 */
export function mergeReceipts(receipts: readonly NamedReceipt[]): Result<Receipt> {
  const [first] = receipts;
  if (first === undefined) return err(failure('usage', 'there is no receipt to merge'));
  const stray = shardMismatch(receipts, first);
  if (stray !== undefined)
    return err(failure('receipt-invalid', stray, { next: 'name the receipts of all shards of one run, each once' }));
  const shards = receipts
    .map(({ receipt }) => receipt)
    .sort((a, b) => (a.options.shard?.index ?? 0) - (b.options.shard?.index ?? 0));
  const [one = first.receipt] = shards;
  const started = shards.map(({ startedAt }) => Date.parse(startedAt));
  const begun = Math.min(...started);
  const parts = namesInOrder(shards).map((name) =>
    shards.flatMap((shard, index): Part[] => {
      const step = shard.steps.find((candidate) => candidate.name === name);
      return step === undefined ? [] : [{ step, laterMs: (started[index] ?? begun) - begun }];
    }),
  );
  return ok({
    ...one,
    // The image's names that any shard's lock knew.
    image: shards.map(({ image }) => image).find(({ config }) => config !== null) ?? one.image,
    ...toolchainsOf(shards),
    dirty: shards.some(({ dirty }) => dirty),
    options: { ...one.options, jobs: Math.max(...shards.map(({ options }) => options.jobs)), shard: null },
    startedAt: new Date(begun).toISOString(),
    durationMs: Math.max(...shards.map(({ durationMs }, index) => (started[index] ?? begun) - begun + durationMs)),
    outcome: worst(
      shards.map(({ outcome }) => outcome),
      runOutcomes,
    ),
    failure: shards.map((shard) => shard.failure).find((reason) => reason !== null) ?? null,
    steps: parts.map(mergeStep),
  });
}

/** The images of named toolchains, as any shard's lock knew them. */
function toolchainsOf(shards: readonly Receipt[]): Pick<Receipt, 'toolchains'> {
  const all = shards.flatMap(({ toolchains = {} }) => Object.entries(toolchains));
  const known = all.toSorted(([, a], [, b]) => Number(a.config !== null) - Number(b.config !== null));
  return all.length === 0 ? {} : { toolchains: Object.fromEntries(known) };
}

/** What keeps the receipts from being the shards of one run; undefined = nothing. */
function shardMismatch(receipts: readonly NamedReceipt[], first: NamedReceipt): string | undefined {
  const seen = new Map<number, string>();
  for (const { name, receipt } of receipts) {
    const { shard } = receipt.options;
    if (shard === null) return `${name} is the receipt of a whole run, not of a shard`;
    const of = first.receipt.options.shard?.of ?? shard.of;
    if (shard.of !== of || shard.index > of)
      return `${name} is shard ${shard.index} of ${shard.of}, and ${first.name} is one of ${of}`;
    const twin = seen.get(shard.index);
    if (twin !== undefined) return `${twin} and ${name} are both shard ${shard.index} of ${of}`;
    seen.set(shard.index, name);
    const other = fieldMismatch(receipt, first.receipt);
    if (other !== undefined) return `${name} and ${first.name} are of different runs: ${other}`;
  }
  const of = first.receipt.options.shard?.of ?? 0;
  const missing = Array.from({ length: of }, (_, index) => index + 1).filter((index) => !seen.has(index));
  return missing.length === 0 ? undefined : `shard ${missing.join(', ')} of ${of} is missing`;
}

function fieldMismatch(a: Receipt, b: Receipt): string | undefined {
  if (a.commit !== b.commit) return 'the commit is another';
  if (a.project !== b.project) return 'the project is another';
  if (a.lock !== b.lock) return 'the lock is another';
  if (a.platform !== b.platform) return 'the platform is another';
  if (!isSameImage(a.image, b.image)) return 'the image is another';
  const changed = a.steps.find((step) => {
    const twin = b.steps.find(({ name }) => name === step.name);
    return twin !== undefined && (twin.run !== step.run || twin.cwd !== step.cwd || twin.toolchain !== step.toolchain);
  });
  return changed === undefined ? undefined : `the step ${changed.name} is another`;
}

/** The pipeline's order: each shard has its steps in it. */
function namesInOrder(shards: readonly Receipt[]): readonly string[] {
  const names: string[] = [];
  for (const { steps } of shards) {
    // What another shard does not have comes before what follows it here.
    let before = names.length;
    for (const { name } of steps.toReversed()) {
      const known = names.indexOf(name);
      if (known < 0) names.splice(before, 0, name);
      else before = known;
    }
  }
  return names;
}

interface Part {
  readonly step: ReceiptStep;
  /** How much later than the first its shard began. */
  readonly laterMs: number;
}

/** Those of all shards, each once, in the first one's order. */
function mergeRemedies(parts: readonly Part[]): Pick<ReceiptStep, 'remedies'> {
  const merged = new Map<string, FoundRemedy>();
  for (const found of parts.flatMap(({ step }) => step.remedies ?? [])) {
    const known = merged.get(found.id);
    merged.set(found.id, known === undefined ? found : { ...known, count: known.count + found.count });
  }
  return merged.size === 0 ? {} : { remedies: [...merged.values()] };
}

const runOutcomes: readonly RunOutcome[] = ['failed', 'cancelled', 'passed'];
const stepOutcomes: readonly StepOutcome[] = ['failed', 'cancelled', 'skipped', 'tolerated', 'passed', 'cached'];

function mergeStep(parts: readonly Part[]): ReceiptStep {
  const outcome = worst(
    parts.map(({ step }) => step.outcome),
    stepOutcomes,
  );
  const decisive = parts.find(({ step }) => step.outcome === outcome)?.step;
  const [first] = parts;
  if (first === undefined || decisive === undefined) throw new Error('parity: a step of no shard');
  if (parts.length === 1) return { ...decisive, startedMs: shifted(first) };
  const starts = parts.map(shifted).filter((start) => start !== null);
  const begun = starts.length === 0 ? null : Math.min(...starts);
  const ends = parts.map((part) => (shifted(part) ?? 0) + part.step.durationMs);
  const all = <K extends 'cpuMs' | 'peakMemoryBytes'>(key: K): readonly number[] =>
    parts.map(({ step }) => step[key]).filter((value) => value !== null);
  return {
    ...decisive,
    startedMs: begun,
    durationMs: Math.max(0, Math.max(...ends) - (begun ?? 0)),
    cpuMs: all('cpuMs').length === 0 ? null : all('cpuMs').reduce((sum, value) => sum + value, 0),
    peakMemoryBytes: all('peakMemoryBytes').length === 0 ? null : Math.max(...all('peakMemoryBytes')),
    log: {
      bytes: parts.reduce((sum, { step }) => sum + step.log.bytes, 0),
      digest: sha256(parts.map(({ step }) => step.log.digest).join('\n')),
    },
    diagnostics: parts.flatMap(({ step }) => step.diagnostics),
    ...mergeRemedies(parts),
  };
}

function shifted({ step, laterMs }: Part): number | null {
  return step.startedMs === null ? null : step.startedMs + laterMs;
}

function worst<T>(outcomes: readonly T[], fromWorst: readonly T[]): T {
  const found = fromWorst.find((outcome) => outcomes.includes(outcome));
  if (found === undefined) throw new Error('parity: an outcome of nothing');
  return found;
}
